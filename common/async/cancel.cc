#include "common/async/cancel.h"

namespace ryumem {

void Cancel::request(Failure why) {
  if (why_) return;
  why_ = std::move(why);
  while (!waiters_.empty()) {
    Waiter* waiter = waiters_.front();
    waiter->ignore();
    waiter->cancelled();
  }
}

Task<> Cancel::permission() {
  if (permission_) co_await permission_();
  throw_if_requested();
  beginning().throw_if_requested();
}

void Cancel::Waiter::watch(Cancel& cancel) {
  cancel_ = &cancel;
  place_ = cancel.waiters_.insert(cancel.waiters_.end(), this);
}

void Cancel::Waiter::ignore() noexcept {
  if (cancel_ == nullptr) return;
  cancel_->waiters_.erase(place_);
  cancel_ = nullptr;
}

LinkedCancel::LinkedCancel(Cancel& parent) : parent_(parent) {
  if (parent.requested())
    cancelled();
  else
    watch(parent);
}

}  // namespace ryumem
