#include "common/async/loop.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/base/failure.h"

namespace ryumem {
namespace {

thread_local Loop* current_loop = nullptr;

struct MainResult {
  bool done = false;
  std::exception_ptr error;
};

detail::Detached run_main(Task<> main, MainResult* result, uv_loop_t* loop) {
  try {
    co_await std::move(main);
  } catch (...) {
    result->error = std::current_exception();
  }
  result->done = true;
  uv_stop(loop);
}

}  // namespace

void detail::post_to_current_loop(std::coroutine_handle<> handle) noexcept {
  Loop::current().post(handle);
}

Loop::Loop() {
  const int error = uv_loop_init(&loop_);
  if (error != 0)
    throw Failure(Kind::system, std::string("cannot create an event loop: ") + uv_strerror(error));
  uv_idle_init(&loop_, &ready_signal_);
  ready_signal_.data = this;
  current_loop = this;
}

Loop::~Loop() {
  uv_close(reinterpret_cast<uv_handle_t*>(&ready_signal_), nullptr);
  // A cancelled wait may leave its request behind: a name lookup that has begun cannot be called
  // off, and the loop cannot be closed before its thread has answered.
  while (loop_.active_reqs.count > 0) uv_run(&loop_, UV_RUN_ONCE);
  uv_run(&loop_, UV_RUN_NOWAIT);
  uv_run(&loop_, UV_RUN_NOWAIT);
  if (uv_loop_close(&loop_) != 0) {
    std::fputs("event loop closed with handles left open:\n", stderr);
    uv_print_all_handles(&loop_, stderr);
    std::abort();
  }
  current_loop = nullptr;
}

void Loop::run(Task<> main) {
  MainResult result;
  run_main(std::move(main), &result, &loop_);
  while (!result.done) {
    const bool alive = uv_run(&loop_, UV_RUN_DEFAULT) != 0;
    if (!alive && !result.done) {
      std::fputs("the main coroutine waits for something that can no longer happen\n", stderr);
      std::abort();
    }
  }
  // Close callbacks run at the end of a turn; a handle closed inside one needs a second turn.
  uv_run(&loop_, UV_RUN_NOWAIT);
  uv_run(&loop_, UV_RUN_NOWAIT);
  if (result.error) std::rethrow_exception(result.error);
}

void Loop::post(std::coroutine_handle<> handle) noexcept {
  ready_.push_back(handle);
  // An active idle handle keeps the loop from sleeping in its poll phase, and still lets it poll.
  uv_idle_start(&ready_signal_,
                [](uv_idle_t* idle) { static_cast<Loop*>(idle->data)->run_ready(); });
}

void Loop::run_ready() noexcept {
  // Only what is ready now: what these coroutines post waits for the next turn, after the poll.
  for (std::size_t count = ready_.size(); count > 0; --count) {
    const std::coroutine_handle<> handle = ready_.front();
    ready_.pop_front();
    handle.resume();
  }
  if (ready_.empty()) uv_idle_stop(&ready_signal_);
}

Loop& Loop::current() {
  if (current_loop == nullptr) {
    std::fputs("a coroutine was used on a thread without an event loop\n", stderr);
    std::abort();
  }
  return *current_loop;
}

}  // namespace ryumem
