#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/json.h"
#include "tests/common/queue/broken_jobs.h"
#include "tests/ctl/run_ctl.h"

namespace ryumem {
namespace {

using test::CtlRun;
using test::fill_every_place;
using test::RedisServer;
using test::run_ctl;
using test::run_ctl_on_terminal;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Words = std::vector<std::string>;

// The dead are: dead and told ("rejected"), and unreadable ("gone").
class CtlDead : public testing::Test {
 protected:
  CtlDead() { fill_every_place(server); }
  std::string dead_ids() { return server.ask({"ZRANGE", "ryumem:dead", "0", "-1"}); }
  std::string audit() { return run_ctl(server, {"audit"}).out; }
  RedisServer server;
};

TEST_F(CtlDead, AreListedWithCauseAttemptsTimeAndWhetherTheServerKnows) {
  const CtlRun ran = run_ctl(server, {"dead", "ls"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("DIED "));
  EXPECT_THAT(ran.out, testing::ContainsRegex("20..-..-..T..:..:..Z +rejected +1 +no +dead +422"));
  EXPECT_THAT(ran.out, testing::ContainsRegex("rejected +1 +yes +told +422"));
  EXPECT_THAT(ran.out, testing::ContainsRegex("gone +1 +n/a +unreadable +it is not JSON"));
}

TEST_F(CtlDead, AreListedAsJsonAndByKind) {
  const CtlRun ran = run_ctl(server, {"dead", "ls", "--json", "--kind", "gone"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const JsonDocument document = JsonDocument::parse(ran.out);
  const std::vector<JsonValue> dead = document.root()["dead"].items();
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0]["id"].string(), "unreadable");
  EXPECT_EQ(dead[0]["kind"].string(), "gone");
  EXPECT_EQ(dead[0]["cause"].string(), "it is not JSON");
  EXPECT_EQ(dead[0]["attempts"].integer(), 1);
  EXPECT_EQ(dead[0]["told"].string(), "nobody can be told: the job cannot be read");
}

TEST_F(CtlDead, AreListedInPortions) {
  const std::string fill =
      "for i = 1, 450 do redis.call('ZADD', 'ryumem:dead', i, 'd' .. i) "
      "redis.call('HSET', 'ryumem:dead:d' .. i, 'kind', 'refused', 'told', '1') end";
  server.ask({"EVAL", fill, "0"});
  const CtlRun ran = run_ctl(server, {"dead", "ls", "--json", "--kind", "refused"});
  const JsonDocument document = JsonDocument::parse(ran.out);
  EXPECT_EQ(document.root()["dead"].items().size(), 450u);
}

TEST_F(CtlDead, OneIsShownWithItsAttemptsAndWithoutContent) {
  const CtlRun ran = run_ctl(server, {"dead", "show", "dead"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("cause         422: field required\n"),
                             HasSubstr("attempt 3     2026-11-23T14:24:31  rejected: 422\n"),
                             HasSubstr("behind it     entities, 0 entities and 0 facts upserted\n"),
                             HasSubstr("customer_id   acme\n"),
                             HasSubstr("content       13 bytes; --content shows it\n")));
  EXPECT_THAT(ran.out, AllOf(Not(HasSubstr("the-secret")), Not(HasSubstr("what was said")),
                             Not(HasSubstr("the answer"))));
}

TEST_F(CtlDead, OneIsShownWithItsContentButNeverWithTheKey) {
  for (const Words& arguments : {Words{"dead", "show", "dead", "--content"},
                                 Words{"dead", "show", "--content", "--json", "dead"}}) {
    const CtlRun ran = run_ctl(server, arguments);
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_THAT(ran.out, AllOf(HasSubstr("what was said"), HasSubstr("the answer"),
                               Not(HasSubstr("the-secret"))));
  }
}

TEST_F(CtlDead, OneIsShownAsJson) {
  const CtlRun ran = run_ctl(server, {"dead", "show", "--json", "dead"});
  const JsonDocument document = JsonDocument::parse(ran.out);
  const JsonValue root = document.root();
  EXPECT_EQ(root["id"].string(), "dead");
  EXPECT_EQ(root["told"].string(), "no");
  EXPECT_EQ(root["history"].items()[0]["number"].integer(), 3);
  EXPECT_EQ(root["history"].items()[0]["cause"].string(), "422");
  EXPECT_EQ(root["job"]["customer_id"].string(), "acme");
  EXPECT_FALSE(root.has("content"));
  EXPECT_THAT(ran.out, AllOf(Not(HasSubstr("the-secret")), Not(HasSubstr("what was said"))));
}

TEST_F(CtlDead, AnUnreadableBodyIsNotShownSinceAKeyMayBeInIt) {
  server.ask({"HSET", "ryumem:dead:unreadable", "body", R"({"api_key": "the-secret", )"});
  const CtlRun ran = run_ctl(server, {"dead", "show", "unreadable", "--content"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("body          cannot be read, 26 bytes\n"));
  EXPECT_THAT(ran.out, Not(HasSubstr("the-secret")));
}

TEST_F(CtlDead, OneThatIsNotThereIsSaidSo) {
  const CtlRun ran = run_ctl(server, {"dead", "show", "pending"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("pending: it has no dead letter"));
}

TEST_F(CtlDead, ARetriedJobWaitsAgainWithAllItsAttemptsAndItsJournal) {
  server.ask({"HSET", "ryumem:journal:dead", "crashes", "3", "asked", "x", "reported", "1"});
  const CtlRun ran = run_ctl(server, {"dead", "retry", "dead"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "1 dead job put back into the queue\n");
  EXPECT_EQ(server.ask({"LRANGE", "ryumem:extraction_jobs", "0", "-1"}), "dead\npending");
  EXPECT_EQ(dead_ids(), "told\nunreadable");
  EXPECT_EQ(server.ask({"ZCARD", "ryumem:untold"}), "0");
  EXPECT_EQ(server.ask({"EXISTS", "ryumem:dead:dead"}), "0");
  std::string body = test::plain_body("dead");
  body.replace(body.find("\"retry_count\": 2"), 16, "\"retry_count\": 0");
  EXPECT_EQ(server.ask({"GET", "ryumem:job:dead"}), body);
  EXPECT_GT(std::stoi(server.ask({"TTL", "ryumem:job:dead"})), 86000);
  EXPECT_EQ(server.ask({"HKEYS", "ryumem:journal:dead"}), "entities\nattempt:3");
  EXPECT_THAT(audit(), HasSubstr("every job is in exactly one place"));
}

TEST_F(CtlDead, ManyAreRetriedByKindAndAll) {
  EXPECT_EQ(run_ctl(server, {"dead", "retry", "--kind", "rejected"}).out,
            "2 dead jobs put back into the queue\n");
  EXPECT_EQ(dead_ids(), "unreadable");
  const CtlRun rest = run_ctl(server, {"dead", "retry", "--all", "--json"});
  EXPECT_EQ(rest.code, 1);
  EXPECT_EQ(rest.out,
            "{\"retried\":[],\"not_done\":[{\"id\":\"unreadable\",\"why\":\"its body cannot be "
            "read, so nobody could work on it\"}]}\n");
  EXPECT_EQ(dead_ids(), "unreadable");
}

TEST_F(CtlDead, OneThatLivesElsewhereIsNotRetried) {
  server.ask({"LPUSH", "ryumem:extraction_jobs", "dead"});
  const CtlRun ran = run_ctl(server, {"dead", "retry", "dead", "told", "pending"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("dead: it is in another place as well"));
  EXPECT_THAT(ran.err, HasSubstr("pending: it has no dead letter"));
  EXPECT_EQ(ran.out, "1 dead job put back into the queue\n");
  EXPECT_EQ(server.ask({"EXISTS", "ryumem:dead:dead"}), "1");
}

TEST_F(CtlDead, WithoutATerminalADropNeedsAYes) {
  const CtlRun refused = run_ctl(server, {"dead", "drop", "--all"});
  EXPECT_EQ(refused.code, 64);
  EXPECT_THAT(refused.err, HasSubstr("nothing was dropped"));
  EXPECT_EQ(dead_ids(), "dead\ntold\nunreadable");
  const CtlRun ran = run_ctl(server, {"dead", "drop", "--kind", "rejected", "--yes"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, AllOf(HasSubstr("forgets 2 dead jobs for good"), HasSubstr("  dead\n"),
                             HasSubstr("has not been told of 1 of them")));
  EXPECT_EQ(ran.out, "2 dead jobs dropped\n");
  EXPECT_EQ(dead_ids(), "unreadable");
  EXPECT_EQ(server.ask({"EXISTS", "ryumem:dead:dead", "ryumem:journal:dead", "ryumem:dead:told",
                        "ryumem:journal:told", "ryumem:untold"}),
            "0");
  EXPECT_EQ(server.ask({"EXISTS", "ryumem:journal:processing", "ryumem:journal:delayed"}), "2");
  EXPECT_THAT(audit(), HasSubstr("every job is in exactly one place"));
}

TEST_F(CtlDead, OnATerminalADropAsks) {
  const CtlRun no = run_ctl_on_terminal(server, "dead drop dead", "n");
  EXPECT_EQ(no.code, 1) << no.out;
  EXPECT_THAT(no.out, AllOf(HasSubstr("Go on? [y/N]"), HasSubstr("nothing was dropped")));
  EXPECT_EQ(dead_ids(), "dead\ntold\nunreadable");
  const CtlRun yes = run_ctl_on_terminal(server, "dead drop dead", "y");
  EXPECT_EQ(yes.code, 0) << yes.out;
  EXPECT_EQ(dead_ids(), "told\nunreadable");
}

TEST_F(CtlDead, ADropTakesTheKeyOfTheWrongTypeThatWasKeptForIt) {
  server.ask({"DEL", "ryumem:job:unreadable"});
  server.ask({"SADD", "ryumem:job:unreadable", "a"});
  const CtlRun ran = run_ctl(server, {"dead", "drop", "--yes", "unreadable", "nobody"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("nobody: it is not among the dead"));
  EXPECT_EQ(server.ask({"EXISTS", "ryumem:job:unreadable"}), "0");
}

TEST_F(CtlDead, ADropOfAJobThatLivesElsewhereLeavesItsJournal) {
  server.ask({"LPUSH", "ryumem:extraction_jobs", "dead"});
  EXPECT_EQ(run_ctl(server, {"dead", "drop", "--yes", "dead"}).code, 0);
  EXPECT_EQ(server.ask({"EXISTS", "ryumem:journal:dead"}), "1");
}

struct Misuse {
  const char* name;
  Words arguments;
  const char* says;
};

class MisusedDead : public testing::TestWithParam<Misuse> {};

TEST_P(MisusedDead, SaysWhatIsWrongAndExitsWith64) {
  RedisServer server;
  const CtlRun ran = run_ctl(server, GetParam().arguments);
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Table, MisusedDead,
    testing::Values(
        Misuse{"Nothing", {"dead"}, "ls, show, retry or drop"},
        Misuse{"AnotherAct", {"dead", "bury"}, "\"bury\" is not understood"},
        Misuse{"LsOfAnId", {"dead", "ls", "x"}, "\"x\" is not understood"},
        Misuse{"ShowOfNothing", {"dead", "show"}, "dead show needs one ID"},
        Misuse{"ShowOfTwo", {"dead", "show", "x", "y"}, "dead show needs one ID"},
        Misuse{"RetryOfNothing", {"dead", "retry"}, "needs IDs, or --all, or --kind KIND"},
        Misuse{"DropOfNothing", {"dead", "drop", "--yes"}, "needs IDs, or --all, or --kind KIND"},
        Misuse{"DropOfTooMuch", {"dead", "drop", "--all", "x"}, "needs IDs, or --all, or --kind"},
        Misuse{"KindAndAll", {"dead", "retry", "--all", "--kind", "x"}, "needs IDs, or --all"},
        Misuse{"KindWithoutIt", {"dead", "retry", "--kind"}, "--kind needs a value"},
        Misuse{"EmptyKind", {"dead", "drop", "--kind", "", "--yes"}, "--kind needs one KIND"},
        Misuse{"RetryWithYes", {"dead", "retry", "x", "--yes"}, "\"--yes\" is not understood"},
        Misuse{"LsWithAll", {"dead", "ls", "--all"}, "\"--all\" is not understood"}),
    [](const testing::TestParamInfo<Misuse>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace ryumem
