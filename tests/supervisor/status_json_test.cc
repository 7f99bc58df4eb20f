// What /status.json says, and that ryumemctl reads all of it that it shows.
#include "supervisor/status_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/text.h"
#include "ctl/status_view.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_data.h"

namespace ryumem {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t kSecond = 1'000'000'000;

// A fleet in which something of everything is to be told.
class StatusJson : public testing::Test {
 protected:
  StatusJson() : board(Scoreboard::create(3)), status(board) {
    Slot& slot = board.slot(0);
    slot.starts.add(3);
    slot.state.store(static_cast<std::uint64_t>(WorkerState::ready));
    slot.pid.store(77);
    slot.started_ns.store(monotonic_ns() - 70 * kSecond);
    slot.beat_ns.store(monotonic_ns());
    slot.jobs[Outcome::completed].add(12);
    slot.done_before.store(5);
    slot.claimed.add(14);
    slot.jobs_in_hand.store(2);
    slot.doing[Step::embed_facts].add(1);
    slot.work[0].id.set("j-1");
    slot.work[0].step.store(static_cast<std::uint64_t>(Step::embed_facts));
    slot.work[0].began_ns.store(monotonic_ns() - 9 * kSecond);
    slot.work[0].step_ns.store(monotonic_ns() - 2 * kSecond);
    slot.work[5].id.set("j-2");
    slot.work[5].step.store(static_cast<std::uint64_t>(Step::count));
    slot.work[5].began_ns.store(monotonic_ns() - 20 * kSecond);
    slot.of(Dependency::server).set_reason("status 403");
    slot.of(Dependency::server).state.store(static_cast<std::uint64_t>(CircuitState::open));
    slot.of(Dependency::server).probe_ns.store(monotonic_ns() + 600 * kSecond);
    board.slot(1).starts.add(1);
    board.slot(1).state.store(static_cast<std::uint64_t>(WorkerState::stopped));
    board.slot(2).state.store(static_cast<std::uint64_t>(WorkerState::unused));

    SupervisorFigures& figures = status.figures;
    figures.redis_up = true;
    figures.pending = 3;
    figures.dead = 1;
    figures.untold = 1;
    figures.oldest_pending = 12.5;
    figures.workers_wanted = 2;
    figures.memory.emplace_back(0, 31'000'000);
    figures.started_at = 1'000'000;
    figures.spent.emplace();
    figures.spent->all.nano_usd = 1'500'000'000;
    Spend acme;
    acme.calls = 4;
    figures.spent->customers.emplace_back("acme", acme);
    figures.caps.all_usd = figures.caps.customer_usd = 5'000'000'000;
    figures.caps.all_tokens = figures.caps.customer_tokens = 1'000;
    Letter letter;
    letter.id = "d-1";
    letter.kind = "rejected";
    letter.cause = "422 \x1b[2J <script>alert(1)</script> \xff";
    letter.at = "1763900000500";
    letter.attempts = 3;
    status.letters.push_back(letter);
    Pause pause;
    pause.what = "gemini";
    pause.by = "ada@db1";
    status.pauses.push_back(pause);
    Death death;
    death.pid = 70;
    death.reason = "signal";
    death.what = "killed by signal 9 (Killed)";
    deaths.add(death);
    status.deaths = &deaths;
    status.name = "db1.42.7";
    status.host = "db1";
    Member& other = status.fleet.emplace_back();
    other.name = "db2.43.8";
    other.host = "db2\x1b";
    other.workers_wanted = 8;
    other.heard = 34.5;
    status.now = 1'007'500;
    for (int i = 0; i < 3; ++i) history.take(board, figures, 1'007'480 + i * 10);
    status.history = &history;
  }

  Scoreboard board;
  Deaths deaths;
  History history;
  Status status;
};

TEST_F(StatusJson, TellsRyumemctlAllThatItShows) {
  const StatusView view = read_status(status_json(status, std::nullopt));
  EXPECT_TRUE(view.live);
  EXPECT_EQ(view.host, "db1");
  EXPECT_GT(view.pid, 0);
  EXPECT_FALSE(view.version.empty());
  EXPECT_EQ(view.uptime, 7500);
  EXPECT_FALSE(view.ready);
  EXPECT_THAT(view.reasons, ElementsAre("circuit server: status 403"));
  EXPECT_EQ(view.queue.at("pending"), 3);
  EXPECT_EQ(view.queue.at("untold"), 1);
  EXPECT_EQ(view.queue.count("processing"), 0u) << "not known is not 0";
  EXPECT_EQ(view.oldest_pending, 12.5);
  EXPECT_EQ(view.jobs.at("completed"), 12);
  EXPECT_EQ(view.jobs.at("claimed"), 14);
  EXPECT_EQ(view.spend.at("usd_today"), 1.5);
  ASSERT_EQ(view.workers.size(), 2u) << "a slot that nobody wants is not shown";
  const WorkerLine& worker = view.workers[0];
  EXPECT_EQ(worker.slot, 0);
  EXPECT_EQ(worker.pid, 77);
  EXPECT_EQ(worker.state, "ready");
  EXPECT_NEAR(worker.age.value_or(0), 70, 30);
  EXPECT_LT(worker.heartbeat.value_or(99), 30);
  EXPECT_EQ(worker.memory, 31'000'000);
  EXPECT_EQ(worker.starts, 3);
  EXPECT_EQ(worker.done, 7) << "what its predecessors did is not its own";
  EXPECT_EQ(worker.in_hand, 2);
  EXPECT_EQ(worker.doing, "1 embed_facts");
  EXPECT_EQ(view.workers[1].state, "stopped");
  EXPECT_EQ(view.workers[1].age, std::nullopt);
  ASSERT_EQ(view.work.size(), 2u);
  EXPECT_EQ(view.work[0].id, "j-2");
  EXPECT_EQ(view.work[0].step, "claim");
  EXPECT_EQ(view.work[1].step, "embed_facts");
  EXPECT_NEAR(view.work[1].age, 9, 30);
  ASSERT_EQ(view.circuits.size(), 3u);
  EXPECT_EQ(view.circuits[2].dependency, "server");
  EXPECT_EQ(view.circuits[2].state, "open");
  EXPECT_EQ(view.circuits[2].reason, "status 403");
  EXPECT_NEAR(view.circuits[2].next_probe.value_or(0), 600, 60);
  EXPECT_EQ(view.circuits[0].state, "closed");
  EXPECT_EQ(view.circuits[0].next_probe, std::nullopt);
  ASSERT_EQ(view.dead.size(), 1u);
  EXPECT_EQ(view.dead[0].id, "d-1");
  EXPECT_EQ(view.dead[0].kind, "rejected");
  EXPECT_EQ(view.dead[0].at, 1763900000.5);
  EXPECT_EQ(view.pauses.at(0).what, "gemini");
  EXPECT_EQ(view.name, "db1.42.7");
  ASSERT_EQ(view.fleet.size(), 1u);
  EXPECT_EQ(view.fleet[0].name, "db2.43.8");
  EXPECT_EQ(view.fleet[0].workers_wanted, 8);
  EXPECT_TRUE(view.fleet[0].silent());
}

TEST_F(StatusJson, ShowsNoControlCharactersAndOnlyUtf8) {
  const std::string text = status_json(status, 0);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\\u001b")));
  EXPECT_EQ(well_formed(text), text);
}

// "queue.pending", "workers[].jobs[].id"; members that are names of steps or the like as {}.
void collect(JsonValue value, const std::string& path, std::set<std::string>& out) {
  static const std::set<std::string> named = {"workers[].steps", "history.durations", "restarts"};
  if (value.type() == JsonValue::Type::array && path.rfind("history.", 0) != 0)
    for (const JsonValue item : value.items()) collect(item, path + "[]", out);
  else if (value.type() == JsonValue::Type::object)
    for (const auto& [key, member] : value.fields())
      collect(member,
              named.count(path) != 0 ? path + "{}"
                                     : path + (path.empty() ? "" : ".") + std::string(key),
              out);
  else
    out.insert(path);
}

TEST_F(StatusJson, HasTheMembersThatItsPageNames) {
  std::set<std::string> told;
  const std::string json = status_json(status, 0);
  const JsonDocument document = JsonDocument::parse(json);
  collect(document.root(), "", told);
  std::set<std::string> named;
  for (const std::string& line :
       split(test::read_file(test::test_data("../docs/status-json.md")), '\n')) {
    if (line.rfind("| `", 0) != 0) continue;
    const std::string cell = line.substr(2, line.find(" | ", 2) - 2);
    for (const std::string& word : split(cell, ' '))
      if (word.size() > 2 && word.front() == '`')
        named.insert(word.substr(1, word.find('`', 1) - 1));
  }
  EXPECT_EQ(told, named);
}

TEST_F(StatusJson, SaysWhatTheCircuitsOfAllWorkersComeTo) {
  const auto state = [&] { return circuit_to(board, Dependency::server, monotonic_ns()).state; };
  EXPECT_EQ(state(), "open");
  board.slot(1).state.store(static_cast<std::uint64_t>(WorkerState::ready));
  EXPECT_EQ(state(), "partly open");
  board.slot(1).of(Dependency::server).set_reason("status 403");
  board.slot(1)
      .of(Dependency::server)
      .state.store(static_cast<std::uint64_t>(CircuitState::half_open));
  EXPECT_EQ(state(), "half_open");
  for (int i = 0; i < 2; ++i) board.slot(i).of(Dependency::server).set_reason("");
  EXPECT_EQ(state(), "closed");
  for (int i = 0; i < 2; ++i)
    board.slot(i).state.store(static_cast<std::uint64_t>(WorkerState::stopped));
  EXPECT_EQ(state(), "unknown");
}

}  // namespace
}  // namespace ryumem
