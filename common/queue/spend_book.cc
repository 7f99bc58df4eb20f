#include "common/queue/spend_book.h"

#include <spdlog/spdlog.h>

#include "common/async/timer.h"

namespace ryumem {
namespace {

constexpr Millis kEvery{1000};

}  // namespace

void SpendBook::add(const std::string& customer_id, const Spend& spend) {
  unwritten_[customer_name(customer_id)] += spend;
}

Task<> SpendBook::keep(Cancel& cancel) {
  try {
    for (;;) {
      co_await Sleep(kEvery, cancel);
      co_await flush(cancel);
    }
  } catch (const Failure& failure) {
    if (!cancel.requested()) spdlog::error("today's spending is not kept: {}", failure.what());
  }
}

Task<> SpendBook::close(Cancel& last) {
  try {
    // Once for the portion that was on its way when keep() ended, and once for the rest.
    co_await flush(last);
    co_await flush(last);
  } catch (const Failure& failure) {
    spdlog::warn("the last second's spending is not in today's book: {}", failure.what());
  }
}

Task<> SpendBook::flush(Cancel& cancel) {
  if (on_its_way_.empty()) {
    if (unwritten_.empty()) co_return;
    on_its_way_.swap(unwritten_);
    ++portions_;
  }
  co_await queue_.spend(owner_, portions_, on_its_way_, cancel);
  on_its_way_.clear();
}

}  // namespace ryumem
