// The transitions of docs/job-states.md as tests: each file of cases adds its own, and
// states_test.cc holds them against the table.
#pragma once

#include <string>
#include <vector>

#include "tests/common/queue/queue_bench.h"

namespace ryumem::test {

struct Transition {
  const char* script;
  const char* function;
  QueueTest works;   // all of Redis before and after, with the guard holding
  QueueTest broken;  // the same with the guard broken; null: there is none
};

inline std::vector<Transition>& transitions() {
  static std::vector<Transition> all;
  return all;
}

inline bool add_transitions(const std::vector<Transition>& more) {
  transitions().insert(transitions().end(), more.begin(), more.end());
  return true;
}

using Lines = std::vector<std::string>;

// What hold() leaves, with job b of nobody's waiting or not.
inline constexpr const char* kHeldJournal =
    "ryumem:journal:a hash {asked=embed_entities,entities=[1]} for a day";
inline constexpr const char* kJournal = "ryumem:journal:a hash {entities=[1]} for a day";
inline constexpr const char* kInHand = "ryumem:extraction_processing list [a]";
inline constexpr const char* kLeases = "ryumem:leases zset {a in 20 s}";
inline constexpr const char* kOwners = "ryumem:owners hash {a=w:1:1}";
inline constexpr const char* kDay = " for a day";
inline constexpr const char* kHour = " for an hour";

inline Lines held() {
  return {kInHand, job_line("a", "pending", 0, kDay), kHeldJournal, kLeases, kOwners};
}

/// For a broken guard: job a is in the hands of somebody else; Redis as it is then.
inline Task<Lines> held_by_another(QueueBench& bench) {
  co_await hold(bench);
  bench.server.ask({"HSET", "ryumem:owners", "a", "other:1:1"});
  Lines lines = held();
  lines.back() = "ryumem:owners hash {a=other:1:1}";
  EXPECT_EQ(bench.state(), lines);
  co_return lines;
}

}  // namespace ryumem::test
