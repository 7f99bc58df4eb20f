#include "supervisor/endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/json.h"
#include "tests/common/ops/exposition.h"

namespace ryumem {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A supervisor with everything in order.
class Endpoints : public testing::Test {
 protected:
  Endpoints() : board(Scoreboard::create(2)), status(board) {
    for (int i = 0; i < 2; ++i) enter(i, WorkerState::ready);
    status.figures.redis_up = true;
    status.figures.workers_wanted = 2;
    status.figures.pending = 12;
    status.figures.processing = 3;
    status.figures.oldest_pending = 12.5;
  }
  void enter(int slot, WorkerState state) {
    board.slot(slot).state.store(static_cast<std::uint64_t>(state));
  }
  HttpAnswer ask(const std::string& path, const std::string& method = "GET") {
    HttpQuery query;
    query.method = method;
    query.path = path;
    return answer(query, status);
  }

  Scoreboard board;
  Status status;
};

TEST_F(Endpoints, MetricsAreInThePrometheusTextFormat) {
  const HttpAnswer metrics = ask("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_EQ(metrics.content_type, "text/plain; version=0.0.4; charset=utf-8");
  const test::Exposition read = test::read_exposition(metrics.body);
  EXPECT_THAT(read.faults, IsEmpty());
  EXPECT_EQ(read.at("ryumem_queue_jobs{state=\"pending\"}"), 12);
}

TEST_F(Endpoints, LivezSaysOkAlsoWhenNotReady) {
  status.figures.redis_up = false;
  EXPECT_EQ(ask("/livez").status, 200);
  EXPECT_EQ(ask("/livez").body, "ok\n");
}

TEST_F(Endpoints, ReadyzIsReadyWithRedisAndOneWorker) {
  enter(0, WorkerState::stopped);
  EXPECT_EQ(ask("/readyz").status, 200);
  EXPECT_EQ(ask("/readyz").body, R"({"ready":true,"reasons":[],"oldest_pending_s":12.5})");
}

TEST_F(Endpoints, ReadyzGivesEachReasonWhyNot) {
  status.figures.redis_up = false;
  status.redis_trouble = "connection refused";
  enter(0, WorkerState::starting);
  enter(1, WorkerState::draining);
  status.draining = true;
  EXPECT_THAT(
      reasons_not_ready(status),
      ElementsAre("redis: connection refused", "workers: 0 of 2 ready", "draining: asked to stop"));
  const HttpAnswer ready = ask("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.content_type, "application/json");
  EXPECT_EQ(ready.body,
            R"({"ready":false,"reasons":["redis: connection refused","workers: 0 of 2 ready",)"
            R"("draining: asked to stop"],"oldest_pending_s":12.5})");
}

TEST_F(Endpoints, ReadyzSaysWhichCircuitIsOpenAndWhy) {
  for (int i = 0; i < 2; ++i)
    board.slot(i).of(Dependency::chat_model).set_reason("open: outage: quota is used up");
  EXPECT_THAT(reasons_not_ready(status),
              ElementsAre("circuit chat_model: open: outage: quota is used up"));
  EXPECT_EQ(ask("/readyz").status, 503);
  board.slot(1).of(Dependency::server).set_reason("nobody answers");
  EXPECT_THAT(reasons_not_ready(status), testing::SizeIs(1));  // the other worker reaches it
  board.slot(0).of(Dependency::chat_model).set_reason("");
  EXPECT_EQ(ask("/readyz").status, 200);
}

TEST_F(Endpoints, ReadyzDoesNotListenToAWorkerThatIsGone) {
  enter(0, WorkerState::stopped);
  board.slot(1).of(Dependency::embedding_model).set_reason("nobody answers");
  EXPECT_THAT(reasons_not_ready(status), ElementsAre("circuit embedding_model: nobody answers"));
}

TEST_F(Endpoints, ADrainAloneIsAReasonNotToBeReady) {
  status.draining = true;
  EXPECT_EQ(ask("/readyz").status, 503);
}

TEST_F(Endpoints, QueueStatsHaveTheShapeOfTheServers) {
  EXPECT_EQ(ask("/internal/queue/stats").status, 200);
  EXPECT_EQ(ask("/internal/queue/stats").body, R"({"pending":12,"processing":3})");
}

TEST_F(Endpoints, QueueStatsDoNotPassOffZeroesAsFigures) {
  status.figures.pending.reset();
  status.figures.processing.reset();
  status.redis_trouble = "connection refused";
  EXPECT_EQ(ask("/internal/queue/stats").status, 503);
  EXPECT_EQ(ask("/internal/queue/stats").body,
            R"({"pending":0,"processing":0,"error":"connection refused"})");
  status.redis_trouble.clear();  // connected, but not asked yet
  EXPECT_THAT(ask("/internal/queue/stats").body, HasSubstr("not been measured yet"));
}

TEST_F(Endpoints, APathThatIsNoneGetsTheListOfThoseThereAre) {
  for (const char* path :
       {"/metrics", "/livez", "/readyz", "/status.json", "/internal/queue/stats"})
    EXPECT_THAT(ask("/nothing").body, HasSubstr(path));
}

TEST_F(Endpoints, AnswersAreNotKeptAndTheirTypesNotGuessed) {
  for (const char* path : {"/", "/metrics", "/livez", "/readyz", "/status.json", "/nothing"})
    EXPECT_THAT(ask(path).wire(true), AllOf(HasSubstr("\r\nCache-Control: no-store\r\n"),
                                            HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n")));
}

TEST_F(Endpoints, StatusJsonHasTheHistoryThatIsAskedFor) {
  History history;
  for (int i = 0; i <= 3; ++i) history.take(board, status.figures, 1000 + i * 10);
  status.history = &history;
  const auto points = [&](const std::string& since) {
    HttpQuery query;
    query.method = "GET";
    query.path = "/status.json";
    if (!since.empty()) query.params["history"] = since;
    const JsonDocument document = JsonDocument::parse(answer(query, status).body);
    const JsonValue history = document.root()["history"];
    return history.has("at") ? static_cast<int>(history["at"].items().size()) : -1;
  };
  EXPECT_EQ(points(""), 3);
  EXPECT_EQ(points("0"), -1);
  EXPECT_EQ(points("1010"), 2);
  EXPECT_EQ(points("1030"), 0);
  EXPECT_EQ(points("never"), -1);
}

TEST_F(Endpoints, AnUnknownPathIsNotFound) {
  EXPECT_EQ(ask("/metrics/").status, 404);
  EXPECT_EQ(ask("/admin", "POST").status, 404);
}

TEST_F(Endpoints, OnlyGetIsAllowed) {
  for (const char* method : {"POST", "PUT", "DELETE", "HEAD"})
    EXPECT_EQ(ask("/metrics", method).status, 405) << method;
}

}  // namespace
}  // namespace ryumem
