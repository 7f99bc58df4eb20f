// Cancellation: one object per piece of work, asked once, with the reason why.
//
// Whatever suspends takes a Cancel and registers a Waiter while it waits. request() wakes each of
// them; a wait that was woken throws the reason where it was awaited. Nothing is destroyed: the
// work unwinds by itself, and whoever asked waits for its end.
#pragma once

#include <functional>
#include <list>
#include <optional>

#include "common/async/task.h"
#include "common/base/failure.h"

namespace ryumem {

class Cancel {
 public:
  Cancel() = default;
  Cancel(const Cancel&) = delete;
  Cancel& operator=(const Cancel&) = delete;

  /// The first reason stays; later requests change nothing.
  void request(Failure why);

  bool requested() const { return why_.has_value(); }
  const std::optional<Failure>& why() const { return why_; }
  /// Throws the reason if there is one. Call it between steps that do not suspend.
  void throw_if_requested() const {
    if (why_) throw *why_;
  }

  /// What must be waited for right before anything is asked of others in the name of this work,
  /// e.g. to make sure that it is still ours. It throws if that may not be asked any more.
  using Permission = std::function<Task<>()>;
  void set_permission(Permission permission) { permission_ = std::move(permission); }
  Task<> permission();

  /// What ends the waits before anything is asked of others: for a turn, for a permit, between two
  /// tries. This one, unless there is one of its own, for work that is to begin nothing more while
  /// what is under way may end; permission() then throws its reason. It must outlive every wait,
  /// and be linked to this one.
  Cancel& beginning() { return beginning_ == nullptr ? *this : *beginning_; }
  void set_beginning(Cancel& beginning) { beginning_ = &beginning; }

  /// Something suspended that wants to be woken. cancelled() runs inside request(): it may store,
  /// stop and post, but must neither resume a coroutine nor throw.
  class Waiter {
   public:
    Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    virtual ~Waiter() { ignore(); }
    virtual void cancelled() noexcept = 0;

   protected:
    void watch(Cancel& cancel);
    void ignore() noexcept;

   private:
    friend class Cancel;
    Cancel* cancel_ = nullptr;
    std::list<Waiter*>::iterator place_;
  };

 private:
  std::optional<Failure> why_;
  std::list<Waiter*> waiters_;
  Permission permission_;
  Cancel* beginning_ = nullptr;
};

/// A cancellation of a part of some work: asked for when the whole is, or by itself.
/// The parent must outlive it.
class LinkedCancel final : public Cancel, private Cancel::Waiter {
 public:
  explicit LinkedCancel(Cancel& parent);

 private:
  void cancelled() noexcept override { request(*parent_.why()); }
  Cancel& parent_;
};

}  // namespace ryumem
