// What a job came to: its body in Redis, its outcome, and what the server was told.
#pragma once

#include <string>
#include <vector>

#include "tests/worker/line.h"

namespace ryumem::test {

inline constexpr const char* kDay = " for a day";
inline constexpr const char* kHour = " for an hour";

/// The body that we write for a job of ours.
inline std::string text(const Job& job, const std::string& status, int retry_count) {
  Job as_written = job;
  as_written.body = new_body(job);
  return body_with(as_written, status, retry_count);
}

inline std::uint64_t outcome(Bench& bench, Outcome which) {
  return bench.slot().jobs[which].load();
}

/// The reports that the server got: "" for a success, else the error.
inline Task<std::vector<std::string>> reports(Bench& bench) {
  const std::vector<JsonDocument> calls = co_await bench.calls("/internal/episodes");
  std::vector<std::string> found;
  for (const JsonDocument& call : calls)
    found.emplace_back(call.root()["body"]["error"].string().value_or(""));
  co_return found;
}

}  // namespace ryumem::test
