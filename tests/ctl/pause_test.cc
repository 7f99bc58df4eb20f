#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/json.h"
#include "tests/ctl/run_ctl.h"
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::CtlRun;
using test::run_ctl;
using testing::ContainsRegex;
using testing::HasSubstr;

class CtlPause : public test::WorkerTest {};

TEST_F(CtlPause, StopsTheClaimsOfARunningWorkerUntilResume) {
  test::WorkerProcess worker(redis, sandbox);
  ASSERT_TRUE(worker.ready());
  const CtlRun paused = run_ctl(redis, {"pause", "--reason", "the database moves"});
  EXPECT_EQ(paused.code, 0) << paused.err;
  EXPECT_THAT(paused.out,
              ContainsRegex("all jobs are paused by .+@.+ since 20.+Z: the database moves\n"));
  put("a");
  EXPECT_TRUE(test::wait_until(
      test::kPatience, [&] { return worker.said("no jobs are taken: all jobs are paused by"); }));
  EXPECT_EQ(places("a"), "pending");
  const CtlRun resumed = run_ctl(redis, {"resume"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(resumed.out, "nothing is paused\n");
  EXPECT_TRUE(becomes("a", "completed")) << worker.process().err();
  EXPECT_TRUE(worker.said("jobs are taken again"));
}

TEST_F(CtlPause, HoldsAWorkerThatIsStartedLater) {
  run_ctl(redis, {"pause", "ollama"});
  put("a");
  test::WorkerProcess worker(redis, sandbox);
  EXPECT_TRUE(test::wait_until(test::kPatience, [&] {
    return worker.said("no jobs are taken: jobs for ollama are paused by");
  }));
  EXPECT_EQ(places("a"), "pending");
  run_ctl(redis, {"resume", "ollama"});
  EXPECT_TRUE(becomes("a", "completed")) << worker.process().err();
}

TEST_F(CtlPause, SpeaksJsonAndSaysWhatWasNotPaused) {
  EXPECT_EQ(run_ctl(redis, {"pause", "claims", "gemini"}).code, 0);
  const CtlRun ran = run_ctl(redis, {"resume", "gemini", "openai", "--json"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("openai: it was not paused"));
  const JsonDocument document = JsonDocument::parse(ran.out);
  const std::vector<JsonValue> left = document.root()["paused"].items();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0]["what"].string(), "all");
  EXPECT_GT(left[0]["at"].integer().value_or(0), 1'700'000'000'000);
}

TEST_F(CtlPause, RefusesWordsItDoesNotKnow) {
  EXPECT_EQ(run_ctl(redis, {"pause", "--now"}).code, 64);
  EXPECT_EQ(run_ctl(redis, {"resume", "--reason", "x"}).code, 64);
}

}  // namespace
}  // namespace ryumem
