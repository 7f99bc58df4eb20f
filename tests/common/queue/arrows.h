// The transitions out of a worker's hands, to be tried one after the other.
#pragma once

#include <vector>

#include "common/async/scope.h"
#include "common/queue/queue.h"
#include "tests/common/queue/states.h"

namespace ryumem::test {

inline Burial burial() {
  Burial burial;
  burial.kind = "refused";
  burial.record = "r";
  return burial;
}

// For a job that hold() has claimed.
using Ending = Task<Settled> (*)(Queue&, const Job&, Cancel&);
struct Arrow {
  const char* name;
  Ending run;
};
inline const Arrow kArrows[] = {
    {"start",
     [](Queue& queue, const Job& job, Cancel& cancel) -> Task<Settled> {
       co_return co_await queue.start(job, "w:1:1", cancel);
     }},
    {"complete",
     [](Queue& queue, const Job& job, Cancel& cancel) -> Task<Settled> {
       co_return co_await queue.complete(job, "w:1:1", cancel);
     }},
    {"delay",
     [](Queue& queue, const Job& job, Cancel& cancel) -> Task<Settled> {
       co_return co_await queue.delay(job, "w:1:1", Seconds(40), "late", cancel);
     }},
    {"give_back",
     [](Queue& queue, const Job& job, Cancel& cancel) -> Task<Settled> {
       co_return co_await queue.give_back(job, "w:1:1", true, cancel);
     }},
    {"bury",
     [](Queue& queue, const Job& job, Cancel& cancel) -> Task<Settled> {
       const Burial why = burial();
       co_return co_await queue.bury(job, "w:1:1", why, cancel);
     }},
    {"bury_unreadable",
     [](Queue& queue, const Job& job, Cancel& cancel) -> Task<Settled> {
       const Burial why = burial();
       co_return co_await queue.bury_unreadable(job.id, "w:1:1", why, cancel);
     }},
};

inline Task<> settle_into(Queue* queue, Ending ending, Job job, std::vector<Settled>* settled,
                          Cancel* cancel) {
  const Settled how = co_await ending(*queue, job, *cancel);
  settled->push_back(how);
}

}  // namespace ryumem::test
