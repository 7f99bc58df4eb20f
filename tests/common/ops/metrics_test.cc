#include "common/ops/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/base/clock.h"
#include "tests/common/ops/exposition.h"

namespace ryumem {
namespace {

using test::Exposition;
using test::read_exposition;
using testing::IsEmpty;

Exposition exposition(const Scoreboard& board, const SupervisorFigures& figures = {},
                      std::uint64_t now_ns = 0) {
  return read_exposition(metrics_text(board, figures, now_ns));
}

void enter(Slot& slot, WorkerState state) { slot.state.store(static_cast<std::uint64_t>(state)); }

TEST(ExpositionReader, SeesWhatIsWrong) {
  const auto faults = [](const std::string& text) { return read_exposition(text).faults.size(); };
  const std::string counter = "# HELP ryumem_a_total A.\n# TYPE ryumem_a_total counter\n";
  EXPECT_EQ(faults(counter + "ryumem_a_total 1\n"), 0u);
  EXPECT_EQ(faults(counter + "ryumem_a_total 1"), 1u);
  EXPECT_EQ(faults(counter + "ryumem_a_total x\n"), 1u);
  EXPECT_EQ(faults(counter + "ryumem_a_total 1\nryumem_a_total 1\n"), 1u);
  EXPECT_EQ(faults(counter + "ryumem_b_total 1\n"), 1u);
  EXPECT_EQ(faults("# TYPE ryumem_a_total counter\nryumem_a_total 1\n"), 1u);
  EXPECT_EQ(faults("# HELP ryumem_a A.\n# TYPE ryumem_a counter\nryumem_a 1\n"), 1u);
  const std::string histogram = "# HELP ryumem_h H.\n# TYPE ryumem_h histogram\n";
  const std::string sums = "ryumem_h_sum 1\nryumem_h_count 2\n";
  const std::string first = "ryumem_h_bucket{le=\"1\"} 1\n";
  EXPECT_EQ(faults(histogram + sums + first + "ryumem_h_bucket{le=\"+Inf\"} 2\n"), 0u);
  EXPECT_EQ(faults(histogram + sums + first + "ryumem_h_bucket{le=\"+Inf\"} 3\n"), 1u);
  EXPECT_EQ(faults(histogram + sums + first), 1u);
  EXPECT_GE(faults(histogram + sums + "ryumem_h_bucket{le=\"1\"} 3\n" +
                   "ryumem_h_bucket{le=\"+Inf\"} 2\n"),
            1u);
}

TEST(Metrics, AreWellFormedWhenNothingHasHappened) {
  const Scoreboard board = Scoreboard::create(3);
  const Exposition metrics = exposition(board);
  EXPECT_THAT(metrics.faults, IsEmpty());
  EXPECT_EQ(metrics.at("ryumem_jobs_total{outcome=\"completed\"}"), 0);
  EXPECT_EQ(metrics.at("ryumem_step_duration_seconds_count{step=\"acknowledge\"}"), 0);
}

TEST(Metrics, AreWellFormedWhenMuchHasHappened) {
  Scoreboard board = Scoreboard::create(2);
  for (int i = 0; i < 2; ++i) {
    Slot& slot = board.slot(i);
    for (Durations& step : slot.steps)
      for (const double seconds : {0.001, 0.02, 3.0, 1000.0}) step.observe(seconds);
    slot.attempt.observe(6.5);
    slot.claimed.add(1'000'000'007);
  }
  const Exposition metrics = exposition(board);
  EXPECT_THAT(metrics.faults, IsEmpty());
  EXPECT_EQ(metrics.at("ryumem_claimed_jobs_total"), 2'000'000'014);
}

TEST(Metrics, AddUpTheSlots) {
  Scoreboard board = Scoreboard::create(2);
  for (int i = 0; i < 2; ++i) {
    Slot& slot = board.slot(i);
    slot.jobs[Outcome::buried].add(3);
    slot.jobs[Outcome::delayed].add(1);
    slot.of(Kind::bad_answer).add(2);
    slot.of(Call::chat)[Reply::server_error].add(5);
    slot.dropped[Dropped::duplicate].add(7);
    slot.repairs[Repair::fence].add(2);
    slot.splits.add(3);
    slot.jobs_in_hand.store(4);
    slot.tokens_in.add(100);
    slot.tokens_out.add(10);
    slot.entities.add(6);
    slot.relationships.add(8);
  }
  const Exposition metrics = exposition(board);
  EXPECT_EQ(metrics.at("ryumem_jobs_total{outcome=\"buried\"}"), 6);
  EXPECT_EQ(metrics.at("ryumem_jobs_total{outcome=\"delayed\"}"), 2);
  EXPECT_EQ(metrics.at("ryumem_jobs_total{outcome=\"completed\"}"), 0);
  EXPECT_EQ(metrics.at("ryumem_attempt_failures_total{kind=\"bad_answer\"}"), 4);
  EXPECT_EQ(metrics.at("ryumem_requests_total{call=\"chat\",reply=\"server_error\"}"), 10);
  EXPECT_EQ(metrics.at("ryumem_dropped_items_total{reason=\"duplicate\"}"), 14);
  EXPECT_EQ(metrics.at("ryumem_answer_repairs_total{repair=\"fence\"}"), 4);
  EXPECT_EQ(metrics.at("ryumem_text_splits_total"), 6);
  EXPECT_EQ(metrics.at("ryumem_jobs_in_hand"), 8);
  EXPECT_EQ(metrics.at("ryumem_tokens_total{direction=\"in\"}"), 200);
  EXPECT_EQ(metrics.at("ryumem_tokens_total{direction=\"out\"}"), 20);
  EXPECT_EQ(metrics.at("ryumem_upserted_total{what=\"entity\"}"), 12);
  EXPECT_EQ(metrics.at("ryumem_upserted_total{what=\"relationship\"}"), 16);
}

TEST(Metrics, MakeOneHistogramOfAllSlots) {
  Scoreboard board = Scoreboard::create(2);
  board.slot(0).of(Step::embed_facts).observe(0.3);
  board.slot(1).of(Step::embed_facts).observe(0.5);
  board.slot(1).of(Step::embed_facts).observe(1'000);
  board.slot(0).attempt.observe(12);
  const Exposition metrics = exposition(board);
  const std::string step = "{step=\"embed_facts\"";
  EXPECT_EQ(metrics.at("ryumem_step_duration_seconds_bucket" + step + ",le=\"0.25\"}"), 0);
  EXPECT_EQ(metrics.at("ryumem_step_duration_seconds_bucket" + step + ",le=\"0.5\"}"), 2);
  EXPECT_EQ(metrics.at("ryumem_step_duration_seconds_bucket" + step + ",le=\"300\"}"), 2);
  EXPECT_EQ(metrics.at("ryumem_step_duration_seconds_bucket" + step + ",le=\"+Inf\"}"), 3);
  EXPECT_DOUBLE_EQ(metrics.at("ryumem_step_duration_seconds_sum" + step + "}"), 1000.8);
  EXPECT_EQ(metrics.at("ryumem_attempt_duration_seconds_count"), 1);
  EXPECT_DOUBLE_EQ(metrics.at("ryumem_attempt_duration_seconds_sum"), 12);
}

TEST(Metrics, LeaveTheQueueOutWhenItIsNotKnown) {
  const Scoreboard board = Scoreboard::create(1);
  SupervisorFigures figures;
  Exposition metrics = exposition(board, figures);
  EXPECT_EQ(metrics.families.count("ryumem_queue_jobs"), 0u);
  EXPECT_EQ(metrics.families.count("ryumem_untold_dead_jobs"), 0u);
  EXPECT_EQ(metrics.at("ryumem_redis_up"), 0);

  figures.redis_up = true;
  figures.pending = 12;
  figures.processing = 0;
  figures.delayed = 4;
  figures.dead = 5;
  figures.untold = 2;
  metrics = exposition(board, figures);
  EXPECT_EQ(metrics.at("ryumem_queue_jobs{state=\"pending\"}"), 12);
  EXPECT_EQ(metrics.at("ryumem_queue_jobs{state=\"processing\"}"), 0);
  EXPECT_EQ(metrics.at("ryumem_queue_jobs{state=\"delayed\"}"), 4);
  EXPECT_EQ(metrics.at("ryumem_queue_jobs{state=\"dead\"}"), 5);
  EXPECT_EQ(metrics.at("ryumem_untold_dead_jobs"), 2);
  EXPECT_EQ(metrics.at("ryumem_redis_up"), 1);
}

TEST(Metrics, CountWorkersByStateAndRestartsByReason) {
  Scoreboard board = Scoreboard::create(4);
  enter(board.slot(0), WorkerState::ready);
  enter(board.slot(1), WorkerState::ready);
  enter(board.slot(2), WorkerState::draining);
  board.slot(3).state.store(77);  // no state at all
  SupervisorFigures figures;
  figures.replacements = {1, 2, 3};
  const Exposition metrics = exposition(board, figures);
  EXPECT_EQ(metrics.at("ryumem_workers{state=\"ready\"}"), 2);
  EXPECT_EQ(metrics.at("ryumem_workers{state=\"draining\"}"), 1);
  EXPECT_EQ(metrics.at("ryumem_workers{state=\"starting\"}"), 0);
  EXPECT_EQ(metrics.at("ryumem_workers{state=\"stopped\"}"), 1);
  EXPECT_EQ(metrics.at("ryumem_worker_restarts_total{reason=\"exit\"}"), 1);
  EXPECT_EQ(metrics.at("ryumem_worker_restarts_total{reason=\"signal\"}"), 2);
  EXPECT_EQ(metrics.at("ryumem_worker_restarts_total{reason=\"spawn_failure\"}"), 3);
}

TEST(Metrics, TellTheAgeOfTheOldestHeartbeatOfTheWorkersThatLive) {
  Scoreboard board = Scoreboard::create(3);
  for (int i = 0; i < 3; ++i) enter(board.slot(i), WorkerState::stopped);
  board.slot(0).beat_ns.store(1'000'000'000);
  EXPECT_TRUE(
      std::isnan(exposition(board, {}, 9'000'000'000).at("ryumem_worker_heartbeat_age_seconds")));
  enter(board.slot(1), WorkerState::ready);
  board.slot(1).beat_ns.store(6'500'000'000);
  enter(board.slot(2), WorkerState::starting);
  board.slot(2).beat_ns.store(9'500'000'000);  // a beat after the reading of the clock
  SupervisorFigures figures;
  figures.heartbeat_limit = 30;
  const Exposition metrics = exposition(board, figures, 9'000'000'000);
  EXPECT_EQ(metrics.at("ryumem_worker_heartbeat_age_seconds"), 2.5);
  EXPECT_EQ(metrics.at("ryumem_heartbeat_limit_seconds"), 30);
}

TEST(Metrics, TellWhatLookingAfterTheQueueHasDone) {
  const Scoreboard board = Scoreboard::create(1);
  SupervisorFigures figures;
  figures.care.taken_back = {1, 2, 3};
  figures.care.poisoned = 4;
  figures.care.promoted = 5;
  figures.care.calls_in_doubt = 6;
  const Exposition metrics = exposition(board, figures);
  EXPECT_THAT(metrics.faults, IsEmpty());
  EXPECT_EQ(metrics.at("ryumem_taken_back_jobs_total{from=\"dead_worker\"}"), 1);
  EXPECT_EQ(metrics.at("ryumem_taken_back_jobs_total{from=\"expired_lease\"}"), 2);
  EXPECT_EQ(metrics.at("ryumem_taken_back_jobs_total{from=\"peer\"}"), 3);
  EXPECT_EQ(metrics.at("ryumem_poison_jobs_total"), 4);
  EXPECT_EQ(metrics.at("ryumem_promoted_jobs_total"), 5);
  EXPECT_EQ(metrics.at("ryumem_calls_in_doubt_total{cause=\"crash\"}"), 6);
  EXPECT_EQ(metrics.at("ryumem_calls_in_doubt_total{cause=\"abandoned\"}"), 0);
}

TEST(Metrics, AddUpWhatWorkersCountOfTheirGuarantees) {
  Scoreboard board = Scoreboard::create(2);
  for (int i = 0; i < 2; ++i) {
    Slot& slot = board.slot(i);
    slot.calls_abandoned.add(1);
    slot.calls_saved.add(2);
    slot.leases_lost.add(3);
    slot.letters_told.add(4);
    slot.of(Dependency::server).opened.add(5);
  }
  const Exposition metrics = exposition(board);
  EXPECT_THAT(metrics.faults, IsEmpty());
  EXPECT_EQ(metrics.at("ryumem_calls_in_doubt_total{cause=\"abandoned\"}"), 2);
  EXPECT_EQ(metrics.at("ryumem_calls_saved_total{by=\"journal\"}"), 4);
  EXPECT_EQ(metrics.at("ryumem_leases_lost_total"), 6);
  EXPECT_EQ(metrics.at("ryumem_letters_told_total"), 8);
  EXPECT_EQ(metrics.at("ryumem_circuits_opened_total{dependency=\"server\"}"), 10);
  EXPECT_EQ(metrics.at("ryumem_circuits_opened_total{dependency=\"chat_model\"}"), 0);
}

TEST(Metrics, CountCircuitsByStateOfTheWorkersThatLive) {
  Scoreboard board = Scoreboard::create(4);
  enter(board.slot(0), WorkerState::ready);
  enter(board.slot(1), WorkerState::ready);
  enter(board.slot(2), WorkerState::draining);
  enter(board.slot(3), WorkerState::stopped);
  const auto set = [&](int slot, CircuitState state) {
    board.slot(slot).of(Dependency::chat_model).state.store(static_cast<std::uint64_t>(state));
  };
  set(0, CircuitState::open);
  set(1, CircuitState::half_open);
  set(3, CircuitState::open);  // nobody is there
  const Exposition metrics = exposition(board);
  EXPECT_THAT(metrics.faults, IsEmpty());
  const std::string chat = "ryumem_circuits{dependency=\"chat_model\",state=";
  EXPECT_EQ(metrics.at(chat + "\"open\"}"), 1);
  EXPECT_EQ(metrics.at(chat + "\"half_open\"}"), 1);
  EXPECT_EQ(metrics.at(chat + "\"closed\"}"), 1);
  EXPECT_EQ(metrics.at("ryumem_circuits{dependency=\"server\",state=\"closed\"}"), 3);
}

TEST(Metrics, TellWhatHoldsTheModelOfTheWorkersThatAreThere) {
  Scoreboard board = Scoreboard::create(4);
  const auto set = [&](int slot, WorkerState state, HeldBy by) {
    enter(board.slot(slot), state);
    board.slot(slot).chat_held_by.store(static_cast<std::uint64_t>(by));
  };
  set(0, WorkerState::ready, HeldBy::schema);
  set(1, WorkerState::draining, HeldBy::tool);
  set(2, WorkerState::starting, HeldBy::unknown);
  set(3, WorkerState::stopped, HeldBy::nothing);  // nobody is there
  const Exposition metrics = exposition(board);
  EXPECT_THAT(metrics.faults, IsEmpty());
  EXPECT_EQ(metrics.at("ryumem_chat_held_by{by=\"schema\"}"), 1);
  EXPECT_EQ(metrics.at("ryumem_chat_held_by{by=\"tool\"}"), 1);
  EXPECT_EQ(metrics.at("ryumem_chat_held_by{by=\"unknown\"}"), 1);
  EXPECT_EQ(metrics.at("ryumem_chat_held_by{by=\"nothing\"}"), 0);
}

TEST(Metrics, TellWhatWasAskedForWhomAndWhatItCost) {
  Scoreboard board = Scoreboard::create(2);
  AccountRow& row = board.accounts().of("openai", "gpt-6-luna", "chat", "ac\"me");
  AccountRow::add(row.calls, 3);
  for (const int status : {429, 500, 429}) row.refuse(status);
  for (int status = 501; status < 520; ++status) row.refuse(status);
  AccountRow::add(row.tokens_in, 1000);
  AccountRow::add(row.tokens_out, 50);
  AccountRow::add(row.nano_usd, 1'250'000'000);
  AccountRow::add(row.unpriced, 2);
  const Exposition metrics = exposition(board);
  EXPECT_THAT(metrics.faults, IsEmpty());
  const std::string labels =
      R"({provider="openai",model="gpt-6-luna",call="chat",customer="ac\"me")";
  EXPECT_EQ(metrics.at("ryumem_model_calls_total" + labels + "}"), 3);
  EXPECT_EQ(metrics.at("ryumem_model_refusals_total" + labels + R"(,status="429"})"), 2);
  EXPECT_EQ(metrics.at("ryumem_model_refusals_total" + labels + R"(,status="505"})"), 1);
  EXPECT_EQ(metrics.at("ryumem_model_refusals_total" + labels + R"(,status="other"})"), 14);
  EXPECT_EQ(metrics.at("ryumem_model_tokens_total" + labels + R"(,direction="in"})"), 1000);
  EXPECT_EQ(metrics.at("ryumem_model_tokens_total" + labels + R"(,direction="out"})"), 50);
  EXPECT_EQ(metrics.at("ryumem_model_cost_usd_total" + labels + "}"), 1.25);
  EXPECT_EQ(metrics.at("ryumem_unpriced_model_calls_total" + labels + "}"), 2);
}

TEST(Metrics, TellWhatWasSpentToday) {
  const Scoreboard board = Scoreboard::create(1);
  SupervisorFigures figures;
  Exposition metrics = exposition(board, figures);
  EXPECT_EQ(metrics.families.count("ryumem_spent_today_usd"), 0u);
  EXPECT_EQ(metrics.families.count("ryumem_daily_cap_usd"), 0u);
  figures.parked = 7;
  figures.care.unparked = 3;
  EXPECT_EQ(metrics.families.count("ryumem_daily_cap_tokens"), 0u);
  figures.caps.customer_usd = 2'500'000'000;
  figures.caps.all_tokens = 100;
  SpentToday spent;
  spent.all.nano_usd = 10'000'000'000;
  spent.all.tokens_in = 5;
  spent.all.tokens_out = 9;
  spent.all.unpriced = 4;
  Spend acme;
  acme.nano_usd = 6'000'000'000;
  acme.tokens_in = 3;
  acme.tokens_out = 2;
  spent.customers.emplace_back("acme", acme);
  figures.spent = spent;
  metrics = exposition(board, figures);
  EXPECT_THAT(metrics.faults, IsEmpty());
  EXPECT_EQ(metrics.at("ryumem_queue_jobs{state=\"parked\"}"), 7);
  EXPECT_EQ(metrics.at("ryumem_unparked_jobs_total"), 3);
  EXPECT_EQ(metrics.at("ryumem_spent_today_usd{customer=\"acme\"}"), 6);
  EXPECT_EQ(metrics.at("ryumem_spent_today_usd{customer=\"other\"}"), 4);
  EXPECT_EQ(metrics.at(R"(ryumem_tokens_today{customer="acme",direction="in"})"), 3);
  EXPECT_EQ(metrics.at(R"(ryumem_tokens_today{customer="other",direction="in"})"), 2);
  EXPECT_EQ(metrics.at(R"(ryumem_tokens_today{customer="acme",direction="out"})"), 2);
  EXPECT_EQ(metrics.at(R"(ryumem_tokens_today{customer="other",direction="out"})"), 7);
  EXPECT_EQ(metrics.at("ryumem_unpriced_calls_today"), 4);
  EXPECT_EQ(metrics.at("ryumem_daily_cap_usd{of=\"customer\"}"), 2.5);
  EXPECT_EQ(metrics.at("ryumem_daily_cap_tokens{of=\"all\"}"), 100);
}

}  // namespace
}  // namespace ryumem
