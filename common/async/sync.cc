#include "common/async/sync.h"

namespace ryumem {

Permit::~Permit() {
  if (semaphore_ != nullptr) semaphore_->release();
}

bool Semaphore::Acquire::await_ready() {
  if (Wait::await_ready()) return true;
  if (semaphore_.free_ == 0 || !semaphore_.queue_.empty()) return false;
  --semaphore_.free_;
  return true;
}

Permit Semaphore::Acquire::await_resume() {
  Wait::await_resume();
  return Permit(&semaphore_);
}

void Semaphore::Acquire::begin() {
  place_ = semaphore_.queue_.insert(semaphore_.queue_.end(), this);
}

void Semaphore::Acquire::undo() noexcept { semaphore_.queue_.erase(place_); }

void Semaphore::release() noexcept {
  if (queue_.empty()) {
    ++free_;
    return;
  }
  Acquire* next = queue_.front();
  queue_.pop_front();
  next->wake();  // the permit goes from hand to hand, nobody can overtake
}

void Notice::Waiting::begin() { place_ = notice_.waiting_.insert(notice_.waiting_.end(), this); }

void Notice::Waiting::undo() noexcept { notice_.waiting_.erase(place_); }

void Notice::notify() noexcept {
  while (!waiting_.empty()) {
    Waiting* next = waiting_.front();
    waiting_.pop_front();
    next->wake();
  }
}

}  // namespace ryumem
