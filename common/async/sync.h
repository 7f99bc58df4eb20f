// Coordination between coroutines of one loop: a semaphore that bounds how many do something at
// once, and a notice that wakes those who wait for a change.
#pragma once

#include <cstddef>
#include <list>

#include "common/async/wait.h"

namespace ryumem {

class Semaphore;

/// The right to do something bounded. Giving it back is its destruction.
class Permit {
 public:
  explicit Permit(Semaphore* semaphore) : semaphore_(semaphore) {}
  Permit(Permit&& other) noexcept : semaphore_(other.semaphore_) { other.semaphore_ = nullptr; }
  Permit& operator=(Permit&&) = delete;
  ~Permit();

 private:
  Semaphore* semaphore_;
};

/// First come, first served.
class Semaphore {
 public:
  explicit Semaphore(std::size_t permits) : free_(permits) {}

  class Acquire final : public Wait {
   public:
    Acquire(Semaphore& semaphore, Cancel& cancel) : Wait(cancel), semaphore_(semaphore) {}
    bool await_ready();
    Permit await_resume();

   private:
    friend class Semaphore;
    void begin() override;
    void undo() noexcept override;
    Semaphore& semaphore_;
    std::list<Acquire*>::iterator place_;
  };

  /// Permit permit = co_await semaphore.acquire(cancel);
  Acquire acquire(Cancel& cancel) { return Acquire(*this, cancel); }

  std::size_t free() const { return free_; }
  std::size_t waiting() const { return queue_.size(); }

 private:
  friend class Permit;
  void release() noexcept;
  std::size_t free_;
  std::list<Acquire*> queue_;
};

/// "Something changed, look again": co_await notice.wait(cancel) in a loop over a condition.
class Notice {
 public:
  class Waiting final : public Wait {
   public:
    Waiting(Notice& notice, Cancel& cancel) : Wait(cancel), notice_(notice) {}

   private:
    void begin() override;
    void undo() noexcept override;
    Notice& notice_;
    std::list<Waiting*>::iterator place_;
  };

  Waiting wait(Cancel& cancel) { return Waiting(*this, cancel); }
  /// Wakes everyone who waits now.
  void notify() noexcept;

 private:
  std::list<Waiting*> waiting_;
};

}  // namespace ryumem
