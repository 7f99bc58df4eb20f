// Failures as values, for tests written as coroutines.
#pragma once

#include <optional>
#include <utility>

#include "common/async/task.h"
#include "common/base/failure.h"

namespace ryumem::test {

/// What `task` throws; a Failure(Kind::internal, "it did not fail") if it throws nothing.
template <class Result>
Task<Failure> failure_of(Task<Result> task) {
  std::optional<Failure> failure;
  try {
    co_await std::move(task);
  } catch (const Failure& thrown) {
    failure = thrown;
  }
  co_return failure.value_or(Failure(Kind::internal, "it did not fail"));
}

/// What `act()` throws, or nothing.
template <class Act>
std::optional<Failure> thrown_by(Act act) {
  try {
    act();
  } catch (const Failure& thrown) {
    return thrown;
  }
  return std::nullopt;
}

}  // namespace ryumem::test
