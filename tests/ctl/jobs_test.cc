#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/json.h"
#include "tests/common/queue/broken_jobs.h"
#include "tests/ctl/run_ctl.h"
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::CtlRun;
using test::fill_every_place;
using test::RedisServer;
using test::run_ctl;
using test::run_ctl_on_terminal;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

using Words = std::vector<std::string>;

// One job in each place: see broken_jobs.h. "processing" has an owner, "peers" is a Python
// worker's.
class CtlJobs : public testing::Test {
 protected:
  CtlJobs() { fill_every_place(server); }
  std::string ask(const Words& command) { return server.ask(command); }
  std::string pending() { return ask({"LRANGE", "ryumem:extraction_jobs", "0", "-1"}); }
  // A job whose customer has spent what may be spent, as park.lua leaves it.
  void park(const std::string& id) {
    test::store_body(server, id);
    ask({"ZADD", "ryumem:parked", "1795593600000", id});
    ask({"HSET", "ryumem:journal:" + id, "parked", "the cap of acme", "payer", "acme"});
  }
  std::string audit() { return run_ctl(server, {"audit"}).out; }
  RedisServer server;
};

TEST_F(CtlJobs, AreListedByState) {
  const CtlRun pending = run_ctl(server, {"jobs", "ls"});
  EXPECT_EQ(pending.code, 0) << pending.err;
  EXPECT_THAT(pending.out,
              AllOf(ContainsRegex("pending +acme +u +2"), HasSubstr("1 job of 1 pending")));
  const CtlRun in_hand = run_ctl(server, {"jobs", "ls", "--state", "processing"});
  EXPECT_THAT(in_hand.out, ContainsRegex("peers .*a Python worker\n"));
  EXPECT_THAT(in_hand.out, ContainsRegex("processing .*20..-..-..T..:..:..Z +w:1:1\n"));
  EXPECT_THAT(run_ctl(server, {"jobs", "ls", "--state", "delayed"}).out,
              ContainsRegex("DUE.*\ndelayed +acme +u +3 .*20..-..-..T..:..:..Z"));
  EXPECT_THAT(
      run_ctl(server, {"jobs", "ls", "--state", "dead"}).out,
      AllOf(ContainsRegex("dead +acme .*20..-..-..T..:..:..Z"), HasSubstr("3 jobs of 3 dead")));
}

TEST_F(CtlJobs, ParkedOnesAreListedShownAndCancelledAndSayWhyTheyCannotBeRetried) {
  park("capped");
  const CtlRun listed = run_ctl(server, {"jobs", "ls", "--state", "parked"});
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_THAT(listed.out, AllOf(ContainsRegex("PARKED.*\ncapped +acme .*2026-11-25T08:00:00Z"),
                                HasSubstr("1 job of 1 parked")));
  EXPECT_THAT(run_ctl(server, {"jobs", "ls", "--state", "parked", "--json"}).out,
              HasSubstr(R"("parked":"2026-11-25T08:00:00Z")"));
  EXPECT_THAT(run_ctl(server, {"jobs", "show", "capped"}).out,
              HasSubstr("where         parked since 2026-11-25T08:00:00Z: the cap of acme\n"));
  EXPECT_THAT(run_ctl(server, {"jobs", "show", "capped", "--json"}).out,
              HasSubstr(R"("state":"parked")"));
  EXPECT_THAT(run_ctl(server, {"jobs", "retry", "capped"}).err,
              HasSubstr("capped: it is parked until the day turns or its cap is raised"));
  EXPECT_EQ(run_ctl(server, {"jobs", "cancel", "--state", "parked", "--yes"}).out,
            "1 job cancelled\n");
  EXPECT_EQ(ask({"EXISTS", "ryumem:parked"}), "0");
}

TEST_F(CtlJobs, AreListedInPagesTheNextFirst) {
  for (int i = 0; i < 250; ++i) {
    const std::string id = "j" + std::to_string(i);
    test::store_body(server, id);
    ask({"LPUSH", "ryumem:extraction_jobs", id});
  }
  const CtlRun first = run_ctl(server, {"jobs", "ls", "--limit", "2"});
  EXPECT_THAT(first.out,
              ContainsRegex("\npending .*\nj0 .*\n2 jobs of 251 pending\nmore: --offset 2\n"));
  const CtlRun rest = run_ctl(server, {"jobs", "ls", "--offset", "120", "--limit", "0", "--json"});
  const JsonDocument document = JsonDocument::parse(rest.out);
  const std::vector<JsonValue> jobs = document.root()["jobs"].items();
  ASSERT_EQ(jobs.size(), 131u);
  EXPECT_EQ(jobs[0]["id"].string(), "j119");
  EXPECT_EQ(jobs[130]["id"].string(), "j249");
  EXPECT_EQ(jobs[0]["attempts"].integer(), 2);
  EXPECT_EQ(document.root()["total"].integer(), 251);
  EXPECT_EQ(document.root()["more"].boolean(), false);
}

TEST_F(CtlJobs, AreListedOfOneCustomer) {
  std::string body = test::plain_body("other");
  body.replace(body.find("acme"), 4, "zeta");
  ask({"SET", "ryumem:job:other", body});
  ask({"LPUSH", "ryumem:extraction_jobs", "other"});
  const CtlRun ran = run_ctl(server, {"jobs", "ls", "--customer-id", "zeta"});
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("other "), Not(HasSubstr("acme")), HasSubstr("1 job of 2 pending")));
}

TEST_F(CtlJobs, OneIsShownWhereverItIs) {
  EXPECT_THAT(run_ctl(server, {"jobs", "show", "pending"}).out,
              AllOf(HasSubstr("where         pending, next\n"), HasSubstr("customer_id   acme\n")));
  EXPECT_THAT(run_ctl(server, {"jobs", "show", "processing"}).out,
              AllOf(ContainsRegex("where +processing, in the hands of w:1:1, lease for [0-9]+ s"),
                    HasSubstr("behind it     entities, 0 entities and 0 facts upserted\n")));
  EXPECT_THAT(run_ctl(server, {"jobs", "show", "peers"}).out,
              HasSubstr("processing, in the hands of a Python worker"));
  EXPECT_THAT(
      run_ctl(server, {"jobs", "show", "delayed"}).out,
      AllOf(ContainsRegex("where +delayed, due 20.*Z \\(in 3[0-9]+ s\\)"), HasSubstr("attempt 3")));
  EXPECT_THAT(run_ctl(server, {"jobs", "show", "dead"}).out,
              AllOf(ContainsRegex("where +dead since 20"),
                    HasSubstr("cause         422: field required\n")));
  EXPECT_THAT(
      run_ctl(server, {"jobs", "show", "completed"}).out,
      AllOf(HasSubstr("where         in no list\n"), HasSubstr("status        completed\n")));
  const CtlRun nobody = run_ctl(server, {"jobs", "show", "nobody"});
  EXPECT_EQ(nobody.code, 1);
  EXPECT_THAT(nobody.err, HasSubstr("nobody: there is no such job"));
}

TEST_F(CtlJobs, ContentIsShownWhenAskedForAndTheKeyNever) {
  for (const char* id : {"processing", "dead"}) {
    const CtlRun hidden = run_ctl(server, {"jobs", "show", id});
    EXPECT_THAT(hidden.out, AllOf(HasSubstr("content       13 bytes; --content shows it"),
                                  Not(HasSubstr("what was said")), Not(HasSubstr("the answer"))));
    for (const Words& more : {Words{"--content"}, Words{"--content", "--json"}}) {
      Words command = {"jobs", "show", id};
      command.insert(command.end(), more.begin(), more.end());
      const CtlRun shown = run_ctl(server, command);
      EXPECT_THAT(shown.out, AllOf(HasSubstr("what was said"), HasSubstr("the answer"),
                                   Not(HasSubstr("the-secret"))));
    }
  }
}

TEST_F(CtlJobs, OneIsShownAsJson) {
  const CtlRun ran = run_ctl(server, {"jobs", "show", "--json", "processing"});
  const JsonDocument document = JsonDocument::parse(ran.out);
  EXPECT_EQ(document.root()["state"].string(), "processing");
  EXPECT_EQ(document.root()["owner"].string(), "w:1:1");
  EXPECT_EQ(document.root()["status"].string(), "processing");
  EXPECT_EQ(document.root()["behind_it"]["steps"].items().size(), 1u);
}

TEST_F(CtlJobs, ADelayedOneGoesToTheFrontNowAndADeadOneToTheEnd) {
  const CtlRun ran = run_ctl(server, {"jobs", "retry", "delayed", "dead"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "2 jobs put back into the queue\n");
  EXPECT_EQ(pending(), "dead\npending\ndelayed");
  EXPECT_EQ(ask({"ZCARD", "ryumem:delayed"}), "0");
  EXPECT_THAT(ask({"GET", "ryumem:job:delayed"}), HasSubstr("\"retry_count\": 3"));
  EXPECT_GT(std::stoi(ask({"TTL", "ryumem:job:delayed"})), 86000);
  EXPECT_GT(std::stoi(ask({"TTL", "ryumem:journal:delayed"})), 86000);
  EXPECT_THAT(audit(), HasSubstr("every job is in exactly one place"));
}

TEST_F(CtlJobs, AllDelayedOnesAreRetriedAndWhatIsElsewhereIsRefused) {
  EXPECT_EQ(run_ctl(server, {"jobs", "retry", "--all"}).out, "1 job put back into the queue\n");
  const CtlRun ran =
      run_ctl(server, {"jobs", "retry", "pending", "processing", "completed", "nobody"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("pending: it waits in the queue already"),
                             HasSubstr("processing: it is being worked on"),
                             HasSubstr("completed: it has ended already: completed"),
                             HasSubstr("nobody: there is no such job in the queue")));
  EXPECT_EQ(ran.out, "0 jobs put back into the queue\n");
}

TEST_F(CtlJobs, ACancelledOneIsALetterWithWhoAndWhyAndTheServerIsTold) {
  for (const char* id : {"pending", "delayed", "processing"}) {
    const CtlRun ran = run_ctl(server, {"jobs", "cancel", "--yes", id, "--reason", "sent twice"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.out, "1 job cancelled\n");
    const std::string letter = std::string("ryumem:dead:") + id;
    EXPECT_EQ(ask({"HGET", letter, "kind"}), "cancelled");
    EXPECT_THAT(ask({"HGET", letter, "cause"}),
                ContainsRegex("cancelled by operator .+@.+: sent twice"));
    EXPECT_EQ(ask({"HGET", letter, "told"}), "0");
    EXPECT_NE(ask({"ZSCORE", "ryumem:untold", id}), "(nil)");
    EXPECT_THAT(ask({"GET", std::string("ryumem:job:") + id}), HasSubstr("\"status\": \"failed\""));
  }
  EXPECT_EQ(pending(), "");
  EXPECT_EQ(ask({"EXISTS", "ryumem:owners", "ryumem:leases", "ryumem:delayed"}), "0");
  EXPECT_THAT(audit(), HasSubstr("every job is in exactly one place"));
  // And back again, with what was paid for.
  EXPECT_EQ(run_ctl(server, {"dead", "retry", "--kind", "cancelled", "--cause", "Sent TWICE"}).out,
            "3 dead jobs put back into the queue\n");
  EXPECT_THAT(ask({"HKEYS", "ryumem:journal:processing"}), HasSubstr("entities"));
  EXPECT_THAT(audit(), HasSubstr("every job is in exactly one place"));
}

TEST_F(CtlJobs, WhatCannotBeCancelledIsSaidWithTheReason) {
  ask({"HSET", "ryumem:journal:processing", "reported", "1"});
  const CtlRun ran = run_ctl(
      server, {"jobs", "cancel", "--yes", "peers", "dead", "completed", "nobody", "processing"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "0 jobs cancelled\n");
  EXPECT_THAT(ran.err, AllOf(HasSubstr("peers: a Python worker has it in hand"),
                             HasSubstr("dead: it is dead already; ryumemctl dead drop forgets it"),
                             HasSubstr("completed: it has ended already: completed"),
                             HasSubstr("nobody: there is no such job in the queue"),
                             HasSubstr("processing: the server has been told of its completion")));
}

TEST_F(CtlJobs, AllOfAStateAreCancelledAsJson) {
  test::store_body(server, "second");
  ask({"LPUSH", "ryumem:extraction_jobs", "second"});
  const CtlRun ran = run_ctl(server, {"jobs", "cancel", "--state", "pending", "--yes", "--json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "{\"cancelled\":[\"pending\",\"second\"],\"not_done\":[]}\n");
  EXPECT_THAT(ran.err, HasSubstr("This cancels 2 jobs"));
}

TEST_F(CtlJobs, WithoutATerminalACancellationNeedsAYesAndOnOneItAsks) {
  const CtlRun refused = run_ctl(server, {"jobs", "cancel", "pending"});
  EXPECT_EQ(refused.code, 64);
  EXPECT_THAT(refused.err, HasSubstr("nothing was cancelled: there is nobody to ask"));
  const CtlRun no = run_ctl_on_terminal(server, "jobs cancel pending", "n");
  EXPECT_EQ(no.code, 1);
  EXPECT_THAT(no.out, AllOf(HasSubstr("Go on? [y/N]"), HasSubstr("nothing was cancelled")));
  EXPECT_EQ(pending(), "pending");
  EXPECT_EQ(run_ctl_on_terminal(server, "jobs cancel pending", "y").code, 0);
  EXPECT_EQ(pending(), "");
}

TEST_F(CtlJobs, AnUnreadableOneIsCancelledWithWhateverWasThere) {
  ask({"SET", "ryumem:job:pending", "nonsense"});
  EXPECT_EQ(run_ctl(server, {"jobs", "cancel", "--yes", "pending"}).code, 0);
  EXPECT_EQ(ask({"HGET", "ryumem:dead:pending", "body"}), "nonsense");
  EXPECT_THAT(ask({"HGET", "ryumem:dead:pending", "told"}), HasSubstr("nobody can be told"));
}

// A worker that has the job in hand finds at its next step that it is not its own any more.
class CtlJobsInHand : public test::WorkerTest {};

TEST_F(CtlJobsInHand, ACancelledOneIsLetGoOfAndTheServerHearsThatItFailed) {
  sandbox.inject(R"({"face":"model","path":"/api/chat","latency_ms":{"min":4000,"max":4000}})");
  test::WorkerProcess worker(redis, sandbox);
  put("a");
  ASSERT_TRUE(calls_come("/api/chat", 1));
  const CtlRun ran = run_ctl(redis, {"jobs", "cancel", "--yes", "a"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(letter("a", "kind"), "cancelled");
  EXPECT_TRUE(test::wait_until(test::kPatience, [&] { return letter("a", "told") == "1"; }))
      << worker.process().err();
  EXPECT_TRUE(test::wait_until(test::kPatience, [&] { return worker.said("lease_lost"); }));
  EXPECT_EQ(places("a"), "dead");
  // What the model answered too late is kept: it was paid for.
  EXPECT_EQ(sandbox.call_lines("/internal/entities").size(), 0u);
}

struct Misuse {
  const char* name;
  Words arguments;
  const char* says;
};

class MisusedJobs : public testing::TestWithParam<Misuse> {};

TEST_P(MisusedJobs, SaysWhatIsWrongAndExitsWith64) {
  RedisServer server;
  const CtlRun ran = run_ctl(server, GetParam().arguments);
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Table, MisusedJobs,
    testing::Values(
        Misuse{"Nothing", {"jobs"}, "ls, show, retry or cancel"},
        Misuse{"AnotherAct", {"jobs", "bury"}, "\"bury\" is not understood"},
        Misuse{
            "AnotherState", {"jobs", "ls", "--state", "lost"}, "--state takes pending, processing"},
        Misuse{"ShowOfTwo", {"jobs", "show", "x", "y"}, "jobs show needs one ID"},
        Misuse{"RetryOfNothing", {"jobs", "retry"}, "jobs retry needs IDs, or --all"},
        Misuse{"RetryOfTooMuch", {"jobs", "retry", "--all", "x"}, "jobs retry needs IDs, or --all"},
        Misuse{"CancelOfNothing", {"jobs", "cancel", "--yes"}, "needs IDs, or --state STATE"},
        Misuse{"CancelOfTheDead",
               {"jobs", "cancel", "--state", "dead"},
               "pending, processing, delayed or parked"},
        Misuse{"CustomerOfIds", {"jobs", "cancel", "x", "--customer-id", "c"}, "goes with --state"},
        Misuse{"NoNumber", {"jobs", "ls", "--offset", "-1"}, "--offset takes a whole number"}),
    [](const testing::TestParamInfo<Misuse>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace ryumem
