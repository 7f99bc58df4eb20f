#include "common/queue/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/common/queue/broken_jobs.h"

namespace ryumem {
namespace {

using test::fill_every_place;
using test::plain_body;
using test::RedisServer;
using testing::ElementsAre;
using testing::IsEmpty;

using Words = std::vector<std::string>;

constexpr Millis kGrace{20};

Task<> audit_into(RedisServer& server, bool repair, std::string prefix, AuditReport& report) {
  Cancel cancel;
  Redis redis(RedisUrl::parse(server.url()), Seconds(8));
  Queue queue(redis, Keys(prefix), "auditor", Seconds(20));
  Audit audit(queue, redis, kGrace);
  report = co_await audit.run(repair, cancel);
  co_await redis.close();
}

AuditReport audit(RedisServer& server, bool repair = false, const std::string& prefix = "ryumem:") {
  AuditReport report;
  test::run_on_loop(audit_into(server, repair, prefix, report));
  return report;
}

// "id: code", with "!" behind it if it is mended, "?" if that is for people.
Words findings_of(const AuditReport& report) {
  Words out;
  for (const Finding& finding : report.findings)
    out.push_back(finding.id + ": " + finding.code +
                  (finding.mended ? "!" : (finding.mendable ? "" : "?")));
  return out;
}

TEST(Audit, FindsNothingInAnEmptyRedis) {
  RedisServer server;
  const AuditReport report = audit(server);
  EXPECT_THAT(findings_of(report), IsEmpty());
  EXPECT_EQ(report.bodies, 0);
}

TEST(Audit, FindsNothingWhereEveryJobIsInOnePlace) {
  RedisServer server;
  fill_every_place(server);
  const AuditReport report = audit(server);
  EXPECT_THAT(findings_of(report), IsEmpty());
  EXPECT_EQ(report.looked_at, 0);
  EXPECT_EQ(report.pending, 1);
  EXPECT_EQ(report.processing, 2);
  EXPECT_EQ(report.ours, 1);
  EXPECT_EQ(report.delayed, 1);
  EXPECT_EQ(report.dead, 3);
  EXPECT_EQ(report.bodies, 9);
  EXPECT_EQ(report.letters, 3);
  EXPECT_EQ(report.journals, 5);
}

TEST(Audit, LooksOnlyAtItsOwnPrefix) {
  RedisServer server;
  fill_every_place(server);
  server.ask({"DEL", "ryumem:extraction_jobs", "ryumem:extraction_processing"});
  EXPECT_THAT(findings_of(audit(server, false, "other[r]*:")), IsEmpty());
  server.ask({"RPUSH", "ryume?:extraction_jobs", "x"});
  EXPECT_THAT(findings_of(audit(server, false, "ryume?:")), ElementsAre("x: no-body"));
}

struct Case {
  const char* name;
  std::vector<Words> damage;  // commands
  Words found;
  Words repaired;            // what the repair says, in its order
  std::vector<Words> after;  // commands; the last word is the reply expected after the repair
};

void PrintTo(const Case& broken, std::ostream* out) { *out << broken.name; }

const std::string kJobs = "ryumem:extraction_jobs";
const std::string kHands = "ryumem:extraction_processing";
const std::string kX = "ryumem:job:x";
const std::string kLetter = "ryumem:dead:x";
const std::string kJournal = "ryumem:journal:x";
const Words kBody = {"SET", kX, plain_body("x"), "EX", "86400"};
const Words kEnded = {"SET", kX, plain_body("x", "completed"), "EX", "3600"};
const Words kLetterOfX = {"HSET",  kLetter, "body", plain_body("x"), "kind", "poison",
                          "cause", "c",     "at",   "5000",          "told", "1"};

class BrokenQueue : public testing::TestWithParam<Case> {};

TEST_P(BrokenQueue, IsReportedAndMended) {
  RedisServer server;
  fill_every_place(server);
  const Case& broken = GetParam();
  for (const Words& command : broken.damage)
    ASSERT_EQ(server.ask(command).find("(error)"), std::string::npos) << command[0];
  EXPECT_EQ(findings_of(audit(server)), broken.found);
  EXPECT_EQ(findings_of(audit(server)), broken.found) << "looking alone mends nothing";
  const AuditReport repaired = audit(server, true);
  EXPECT_EQ(findings_of(repaired), broken.repaired);
  for (Words command : broken.after) {
    const std::string reply = command.back();
    command.pop_back();
    EXPECT_EQ(server.ask(command), reply) << command[0] << " " << command[1];
  }
  Words left;
  for (const std::string& finding : broken.repaired)
    if (finding.back() != '!') left.push_back(finding);
  EXPECT_EQ(findings_of(audit(server)), left);
  EXPECT_EQ(repaired.left(), static_cast<std::int64_t>(left.size()));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BrokenQueue,
    testing::Values(
        Case{"TwiceInPending",
             {kBody, {"RPUSH", kJobs, "x"}, {"LPUSH", kJobs, "x"}, {"LPUSH", kJobs, "x"}},
             {"x: twice-in-pending"},
             {"x: twice-in-pending!"},
             {{"LRANGE", kJobs, "0", "-1", "pending\nx"}}},
        Case{"TwiceInProcessing",
             {kBody, {"LPUSH", kHands, "x", "x"}},
             {"x: twice-in-processing"},
             {"x: twice-in-processing!"},
             {{"LPOS", kHands, "x", "COUNT", "0", "0"}}},
        Case{"PendingAndInHandOfAPeer",
             {kBody, {"LPUSH", kJobs, "x"}, {"LPUSH", kHands, "x"}},
             {"x: in-two-places"},
             {"x: in-two-places!"},
             {{"LRANGE", kJobs, "0", "-1", "x\npending"}, {"LPOS", kHands, "x", "(nil)"}}},
        Case{"PendingAndOwned",
             {{"RPUSH", kJobs, "processing"}},
             {"processing: in-two-places"},
             {"processing: in-two-places!"},
             {{"LRANGE", kJobs, "0", "-1", "pending"},
              {"LPOS", kHands, "processing", "1"},
              {"HEXISTS", "ryumem:owners", "processing", "1"}}},
        Case{"DelayedAndPending",
             {{"RPUSH", kJobs, "delayed"}},
             {"delayed: in-two-places"},
             {"delayed: in-two-places!"},
             {{"LRANGE", kJobs, "0", "-1", "pending\ndelayed"}, {"ZCARD", "ryumem:delayed", "0"}}},
        Case{"ParkedAsItShouldBe",
             {{"SET", kX, plain_body("x")},
              {"ZADD", "ryumem:parked", "1", "x"},
              {"HSET", kJournal, "payer", "acme", "parked", "why"}},
             {},
             {},
             {{"ZSCORE", "ryumem:parked", "x", "1"}}},
        Case{"ParkedAndPending",
             {kBody, {"RPUSH", kJobs, "x"}, {"ZADD", "ryumem:parked", "1", "x"}},
             {"x: in-two-places"},
             {"x: in-two-places!"},
             {{"LRANGE", kJobs, "0", "-1", "pending\nx"}, {"ZCARD", "ryumem:parked", "0"}}},
        Case{"ParkedWithoutABody",
             {{"ZADD", "ryumem:parked", "1", "x"}},
             {"x: no-body"},
             {"x: no-body!"},
             {{"HGET", kLetter, "kind", "gone"}, {"ZCARD", "ryumem:parked", "0"}}},
        Case{"DeadAndPending",
             {{"RPUSH", kJobs, "dead"}},
             {"dead: in-two-places"},
             {"dead: in-two-places!"},
             {{"LRANGE", kJobs, "0", "-1", "pending"},
              {"HGET", "ryumem:dead:dead", "kind", "rejected"}}},
        Case{"DeadAndOwned",
             {kLetterOfX,
              kBody,
              {"ZADD", "ryumem:dead", "5000", "x"},
              {"LPUSH", kHands, "x"},
              {"HSET", "ryumem:owners", "x", "w:9:1"},
              {"ZADD", "ryumem:leases", "9999999999999", "x"}},
             {"x: in-two-places?"},
             {"x: in-two-places?"},
             {{"HGET", kLetter, "kind", "poison"}, {"HGET", "ryumem:owners", "x", "w:9:1"}}},
        Case{"PendingWithoutABody",
             {{"RPUSH", kJobs, "x"}},
             {"x: no-body"},
             {"x: no-body!"},
             {{"LRANGE", kJobs, "0", "-1", "pending"},
              {"HMGET", kLetter, "kind", "cause", "body", "gone\nthere is no body under its key\n"},
              {"ZSCORE", "ryumem:untold", "x", "(nil)"}}},
        Case{"PendingWithSomethingElseForABody",
             {{"RPUSH", kJobs, "x"}, {"HSET", kX, "a", "b"}},
             {"x: no-body"},
             {"x: no-body!"},
             {{"HGET", kLetter, "cause", "its key holds a hash, not a body"},
              {"HGET", kX, "a", "b"}}},
        Case{"DelayedWithoutABody",
             {{"DEL", "ryumem:job:delayed"}},
             {"delayed: no-body"},
             {"delayed: no-body!"},
             {{"HGET", "ryumem:dead:delayed", "kind", "gone"}, {"ZCARD", "ryumem:delayed", "0"}}},
        Case{"APeersWithoutABody",
             {{"DEL", "ryumem:job:peers"}},
             {"peers: no-body"},
             {"peers: no-body!"},
             {{"HGET", "ryumem:dead:peers", "kind", "gone"}, {"LLEN", kHands, "1"}}},
        Case{"OwnedWithoutABody",
             {{"DEL", "ryumem:job:processing"}},
             {"processing: no-body?"},
             {"processing: no-body?"},
             {{"HEXISTS", "ryumem:owners", "processing", "1"}}},
        Case{"PendingWithoutABodyThatItsLetterStillHas",
             {kLetterOfX, {"RPUSH", kJobs, "x"}},
             {"x: no-body"},
             {"x: no-body!"},
             {{"HGET", kLetter, "body", plain_body("x")},
              {"ZSCORE", "ryumem:dead", "x", "5000"},
              {"LPOS", kJobs, "x", "(nil)"}}},
        Case{"ABodyWithoutAPlace",
             {{"SET", kX, plain_body("x"), "EX", "60"}},
             {"x: no-place"},
             {"x: no-place!"},
             {{"LRANGE", kJobs, "0", "-1", "pending\nx"}, {"GET", kX, plain_body("x")}}},
        Case{"AnUnreadableBodyWithoutAPlace",
             {{"SET", kX, "{\"status\": "}},
             {"x: no-place"},
             {"x: no-place!"},
             {{"LPOS", kJobs, "x", "1"}}},
        Case{"AFinishedBodyThatNoStrictReaderTakes",
             {{"SET", kX,
               R"({"content": "\ud800 \"status\": \"pending\"", "status": "completed"})"}},
             {},
             {},
             {{"LPOS", kJobs, "x", "(nil)"}}},
        Case{"SomethingElseUnderAJobsKey",
             {{"SADD", kX, "a"}},
             {"x: not-a-body?"},
             {"x: not-a-body?"},
             {{"SMEMBERS", kX, "a"}}},
        Case{"AnOwnerOfAJobThatIsNowhere",
             {{"SET", kX, plain_body("x", "processing"), "EX", "86400"},
              {"HSET", "ryumem:owners", "x", "w:9:1"},
              {"ZADD", "ryumem:leases", "9999999999999", "x"},
              {"HSET", kJournal, "entities", "the answer", "asked", "relationships"}},
             {"x: owner-without-job", "x: no-place"},
             {"x: owner-without-job!", "x: no-place!"},
             {{"HEXISTS", "ryumem:owners", "x", "0"},
              {"ZSCORE", "ryumem:leases", "x", "(nil)"},
              {"LPOS", kJobs, "x", "1"},
              {"HGETALL", kJournal, "entities\nthe answer"}}},
        Case{"AnOwnerOfNothing",
             {{"HSET", "ryumem:owners", "x", "w:9:1"}},
             {"x: owner-without-job"},
             {"x: owner-without-job!"},
             {{"HEXISTS", "ryumem:owners", "x", "0"}, {"LPOS", kJobs, "x", "(nil)"}}},
        Case{"AnOwnerOfAPendingJob",
             {{"HSET", "ryumem:owners", "pending", "w:9:1"},
              {"ZADD", "ryumem:leases", "9999999999999", "pending"}},
             {"pending: owner-without-job"},
             {"pending: owner-without-job!"},
             {{"HEXISTS", "ryumem:owners", "pending", "0"},
              {"LRANGE", kJobs, "0", "-1", "pending"}}},
        Case{"AnOwnerWithoutALease",
             {{"ZREM", "ryumem:leases", "processing"}},
             {"processing: owner-without-lease"},
             {"processing: owner-without-lease!"},
             {{"ZCARD", "ryumem:leases", "1"}, {"HEXISTS", "ryumem:owners", "processing", "1"}}},
        Case{"ALeaseWithoutAnOwner",
             {{"HDEL", "ryumem:owners", "processing"}},
             {"processing: lease-without-owner"},
             {"processing: lease-without-owner!"},
             {{"ZCARD", "ryumem:leases", "0"}, {"LPOS", kHands, "processing", "1"}}},
        Case{"ALeaseOnNothing",
             {{"ZADD", "ryumem:leases", "1", "x"}},
             {"x: lease-without-owner"},
             {"x: lease-without-owner!"},
             {{"ZSCORE", "ryumem:leases", "x", "(nil)"}}},
        Case{"AJournalOfNothing",
             {{"HSET", kJournal, "entities", "the answer"}},
             {"x: journal-without-job"},
             {"x: journal-without-job!"},
             {{"EXISTS", kJournal, "0"}}},
        Case{"AJournalOfAFinishedJob",
             {kEnded, {"HSET", kJournal, "entities", "the answer"}},
             {"x: journal-without-job?"},
             {"x: journal-without-job?"},
             {{"EXISTS", kJournal, "1"}}},
        Case{"AJournalOfTheWrongType",
             {kBody, {"LPUSH", kJobs, "x"}, {"SET", kJournal, "text"}},
             {"x: not-a-journal?"},
             {"x: not-a-journal?"},
             {{"GET", kJournal, "text"}}},
        Case{"AJournalAndALetterThatWereSetAside",
             {{"SET", kJournal + ":odd", "text"}, {"SADD", "ryumem:dead:y:odd", "text"}},
             {"x:odd: set-aside?", "y:odd: set-aside?"},
             {"x:odd: set-aside?", "y:odd: set-aside?"},
             {{"GET", kJournal + ":odd", "text"}}},
        Case{"ALetterWithoutAnIndex",
             {kLetterOfX},
             {"x: letter-without-index"},
             {"x: letter-without-index!"},
             {{"ZSCORE", "ryumem:dead", "x", "5000"}}},
        Case{"ALetterOfAJobThatLives",
             {kLetterOfX, kBody, {"LPUSH", kJobs, "x"}},
             {"x: letter-without-index"},
             {"x: letter-without-index!"},
             {{"EXISTS", kLetter, "0"}, {"LPOS", kJobs, "x", "0"}}},
        Case{"AnIndexWithoutALetter",
             {kBody, {"ZADD", "ryumem:dead", "1", "x"}},
             {"x: index-without-letter"},
             {"x: index-without-letter!"},
             {{"HMGET", kLetter, "body", "cause",
               plain_body("x") + "\nits dead letter was missing"}}},
        Case{"ALetterOfTheWrongType",
             {{"SET", kLetter, "text"}, {"ZADD", "ryumem:dead", "1", "x"}},
             {"x: not-a-letter?"},
             {"x: not-a-letter?"},
             {{"GET", kLetter, "text"}}},
        Case{"UntoldWithoutALetter",
             {{"ZADD", "ryumem:untold", "1", "x"}},
             {"x: untold-without-letter"},
             {"x: untold-without-letter!"},
             {{"ZSCORE", "ryumem:untold", "x", "(nil)"}}},
        Case{"ToldToNobody",
             {{"ZREM", "ryumem:untold", "dead"}},
             {"dead: telling-forgotten"},
             {"dead: telling-forgotten!"},
             {{"ZCARD", "ryumem:untold", "1"}}},
        Case{"AKeyOfTheWrongType",
             {{"DEL", "ryumem:delayed"}, {"SET", "ryumem:delayed", "text"}},
             {"ryumem:delayed: wrong-type?"},
             {"ryumem:delayed: wrong-type?"},
             {{"GET", "ryumem:delayed", "text"}}},
        Case{"SeveralJobsAtOnce",
             {{"LPUSH", kJobs, "b", "a", "b"}, {"SET", "ryumem:job:b", plain_body("b")}, kBody},
             {"a: no-body", "b: twice-in-pending", "x: no-place"},
             {"a: no-body!", "b: twice-in-pending!", "x: no-place!"},
             {{"LRANGE", kJobs, "0", "-1", "b\npending\nx"}}},
        Case{"EverythingAtOnceWithOneJob",
             {kBody,
              {"LPUSH", kJobs, "x", "x"},
              {"LPUSH", kHands, "x", "x"},
              {"ZADD", "ryumem:delayed", "1", "x"},
              {"ZADD", "ryumem:leases", "1", "x"},
              {"ZADD", "ryumem:untold", "1", "x"}},
             {"x: twice-in-pending", "x: twice-in-processing", "x: in-two-places",
              "x: lease-without-owner", "x: untold-without-letter"},
             {"x: twice-in-pending!", "x: twice-in-processing!", "x: in-two-places!",
              "x: lease-without-owner!", "x: untold-without-letter!"},
             {{"LRANGE", kJobs, "0", "-1", "x\npending"}, {"LPOS", kHands, "x", "(nil)"}}}),
    [](const testing::TestParamInfo<Case>& info) { return std::string(info.param.name); });

TEST(Audit, GivesAJobThatItPutBackItsDayAnew) {
  RedisServer server;
  server.ask({"SET", kX, plain_body("x"), "EX", "60"});
  audit(server, true);
  EXPECT_GT(std::stoi(server.ask({"TTL", kX})), 86000);
}

TEST(Audit, ReadsQueuesLongerThanOneCommandTakes) {
  RedisServer server;
  const std::string fill =
      "for i = 1, 7001 do local id = string.format('%05d', i) "
      "redis.call('SET', 'ryumem:job:' .. id, ARGV[1]) "
      "redis.call('LPUSH', 'ryumem:extraction_jobs', id) end "
      "for i = 7002, 9000 do redis.call('SET', 'ryumem:job:' .. i, ARGV[2]) end";
  server.ask({"EVAL", fill, "0", plain_body("n"), plain_body("n", "completed")});
  const AuditReport clean = audit(server);
  EXPECT_THAT(findings_of(clean), IsEmpty());
  EXPECT_EQ(clean.pending, 7001);
  EXPECT_EQ(clean.bodies, 9000);
  EXPECT_EQ(clean.looked_at, 0);
  server.ask({"LREM", kJobs, "1", "03456"});
  server.ask({"DEL", "ryumem:job:06999"});
  server.ask({"SET", "ryumem:job:8500", plain_body("n", "processing")});
  EXPECT_THAT(findings_of(audit(server)),
              ElementsAre("03456: no-place", "06999: no-body", "8500: no-place"));
}

}  // namespace
}  // namespace ryumem
