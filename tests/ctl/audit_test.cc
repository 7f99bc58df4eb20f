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
using testing::HasSubstr;
using testing::Not;

void lose_two_jobs(RedisServer& server) {
  server.ask({"LREM", "ryumem:extraction_jobs", "0", "pending"});
  server.ask({"HSET", "ryumem:job:odd", "a", "b"});
}

TEST(CtlAudit, SaysThatEveryJobIsInOnePlace) {
  RedisServer server;
  fill_every_place(server);
  const CtlRun ran = run_ctl(server, {"audit"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out,
              HasSubstr("1 pending, 2 processing (1 with an owner), 1 delayed, 0 parked, 3 dead"));
  EXPECT_THAT(ran.out, HasSubstr("every job is in exactly one place\n"));
}

TEST(CtlAudit, ListsWhatIsWrongWithItsRemedyAndExitsWith1) {
  RedisServer server;
  fill_every_place(server);
  lose_two_jobs(server);
  const CtlRun ran = run_ctl(server, {"audit"});
  EXPECT_EQ(ran.code, 1) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("pending: its body does not say that it has ended, and it is in "
                                 "no list (no-place)\n    --repair would: put it at the front"));
  EXPECT_THAT(ran.out, HasSubstr("odd: its key holds a hash, and it is in no list (not-a-body)\n"
                                 "    not mended here: look at it"));
  EXPECT_THAT(ran.out, HasSubstr("2 findings, 0 mended, 2 left\n"));
  EXPECT_EQ(server.ask({"LLEN", "ryumem:extraction_jobs"}), "0");
}

TEST(CtlAudit, MendsAndExitsWith1AsLongAsSomethingIsLeft) {
  RedisServer server;
  fill_every_place(server);
  lose_two_jobs(server);
  const CtlRun first = run_ctl(server, {"audit", "--repair"});
  EXPECT_EQ(first.code, 1);
  EXPECT_THAT(first.out, HasSubstr("    mended: put it at the front of the pending list\n"));
  EXPECT_THAT(first.out, HasSubstr("2 findings, 1 mended, 1 left\n"));
  EXPECT_EQ(server.ask({"LRANGE", "ryumem:extraction_jobs", "0", "-1"}), "pending");
  server.ask({"DEL", "ryumem:job:odd"});
  server.ask({"ZREM", "ryumem:leases", "processing"});
  const CtlRun second = run_ctl(server, {"audit", "--repair"});
  EXPECT_EQ(second.code, 0) << second.out;
  EXPECT_THAT(second.out, HasSubstr("1 finding, 1 mended, 0 left\n"));
}

TEST(CtlAudit, SpeaksJsonAlsoOfIdsThatAreNoText) {
  RedisServer server;
  server.ask({"RPUSH", "ryumem:extraction_jobs", std::string("\xFF\n\"", 3)});
  const CtlRun ran = run_ctl(server, {"audit", "--json"});
  EXPECT_EQ(ran.code, 1) << ran.err;
  const JsonDocument document = JsonDocument::parse(ran.out);
  const JsonValue root = document.root();
  EXPECT_EQ(root["clean"].boolean(), false);
  EXPECT_EQ(root["figures"]["pending"].integer(), 1);
  EXPECT_EQ(root["figures"]["left"].integer(), 1);
  const std::vector<JsonValue> findings = root["findings"].items();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0]["id"].string(), "\xEF\xBF\xBD\n\"");
  EXPECT_EQ(findings[0]["code"].string(), "no-body");
  EXPECT_EQ(findings[0]["mendable"].boolean(), true);
  EXPECT_EQ(findings[0]["mended"].boolean(), false);
}

TEST(CtlAudit, SaysNothingOfWhatTheJobsHold) {
  RedisServer server;
  fill_every_place(server);
  lose_two_jobs(server);
  const CtlRun text = run_ctl(server, {"audit"});
  const CtlRun json = run_ctl(server, {"audit", "--json"});
  for (const std::string& printed : {text.out, json.out, text.err, json.err}) {
    EXPECT_THAT(printed, Not(HasSubstr("the-secret")));
    EXPECT_THAT(printed, Not(HasSubstr("what was said")));
  }
}

TEST(CtlAudit, RefusesWordsItDoesNotKnow) {
  RedisServer server;
  const CtlRun ran = run_ctl(server, {"audit", "--mend"});
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, HasSubstr("\"--mend\" is not understood here; ryumemctl --help says how"));
  const CtlRun help = run_ctl(server, {"audit", "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, HasSubstr("ryumemctl audit [--repair] [--json]"));
  EXPECT_THAT(help.out, Not(HasSubstr("enqueue")));
}

}  // namespace
}  // namespace ryumem
