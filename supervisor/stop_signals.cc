#include "supervisor/stop_signals.h"

#include <uv.h>

#include <csignal>

#include "common/async/loop.h"

namespace ryumem {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

// libuv begins its threads with the first piece of work, and they inherit what is blocked then.
void begin_threads() {
  const sigset_t stop = stop_signals();
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &stop, &before);
  auto* work = new uv_work_t{};
  const int error = uv_queue_work(
      Loop::current().raw(), work, [](uv_work_t*) {}, [](uv_work_t* done, int) { delete done; });
  if (error != 0) delete work;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void block_stop_signals() {
  const sigset_t stop = stop_signals();
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
}

}  // namespace ryumem
