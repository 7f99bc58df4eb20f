// The gate before a model: no call goes out before it has passed here, in the order in which they
// came.
//
// What may pass is found together with all other processes that ask the same model with the same
// key: each asks Redis a few times a second for its next portion (lane.lua), never for a single
// call. A provider's wish to be left alone for a while is obeyed by all. While Redis does not
// answer, each goes on with its last share.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>

#include "common/async/sync.h"
#include "common/async/timer.h"
#include "common/ops/scoreboard.h"
#include "common/queue/queue.h"
#include "worker/llm/purse.h"
#include "worker/llm/send_window.h"
#include "worker/llm/token_estimate.h"
#include "worker/providers/rate_facts.h"

namespace ryumem {

class Lane;

/// One call's right to be under way, which ends with it. Without a lane it means nothing.
class Passage {
 public:
  Passage() = default;
  Passage(Lane* lane, std::size_t bytes, double tokens)
      : lane_(lane), bytes_(bytes), tokens_(tokens) {}
  Passage(Passage&& other) noexcept
      : lane_(other.lane_), bytes_(other.bytes_), tokens_(other.tokens_) {
    other.lane_ = nullptr;
  }
  Passage& operator=(Passage&&) = delete;
  ~Passage();

  /// The call was answered and took so many tokens; 0 if nobody says.
  void answered(std::int64_t tokens, const RateFacts& facts);
  /// The call was refused: what that means, and the status of the reply.
  void refused(const Failure& failure, int status, const RateFacts& facts);

 private:
  Lane* lane_ = nullptr;
  std::size_t bytes_ = 0;
  double tokens_ = 0;  // as estimated
};

class Lane {
 public:
  /// `name`: the same for all who are counted together by the provider. `configured`: limits that
  /// go before those that replies tell. `most`: calls at once. `waits` outlives it.
  Lane(std::string name, PerMinute configured, std::size_t most, Durations& waits);

  /// Waits for a call's turn; `bytes`: about how long it is. Throws
  /// Failure(Kind::transient) with a hint if the model is not to be asked for longer than a call
  /// can wait, or the cancellation's reason.
  Task<Passage> enter(std::size_t bytes, Cancel& cancel);

  /// Asks Redis for portions, until `cancel`. `queue` outlives it.
  Task<> keep(Queue& queue, Cancel& cancel);

  /// How many jobs in hand are enough to use what may be sent; nothing: no limit is known.
  std::optional<std::size_t> enough_jobs() const;

  std::size_t waiting() const { return queue_.size(); }
  /// This process's part of what all may send; 0: no limit is known.
  PerMinute part() const { return purse_.part(); }

 private:
  friend class Passage;

  class Entry final : public Wait {
   public:
    Entry(Lane& lane, std::size_t bytes, Cancel& cancel)
        : Wait(cancel), lane_(lane), bytes_(bytes) {}
    Passage await_resume();

   private:
    friend class Lane;
    void begin() override;
    void undo() noexcept override;
    Lane& lane_;
    std::size_t bytes_;
    double tokens_ = 0;
    bool turned_away_ = false;
    std::list<Entry*>::iterator place_;
  };

  void hear(const RateFacts& facts);
  void left() noexcept;
  void hold_until(Monotonic::time_point when);
  void let_pass();
  void turn_all_away();
  Failure why_not(Monotonic::time_point now) const;
  bool may_send(Monotonic::time_point now) const;
  bool on_our_own(Monotonic::time_point now) const;
  void beat();

  bool anything_to_say() const;
  Purse::Want want() const;
  Task<> ask(Queue& queue, Cancel& cancel);
  void take(const LaneAsk& asked, const LaneReply& reply);
  Task<> pause(Millis length, Cancel& cancel);
  void hurry() noexcept;

  std::string name_;
  PerMinute configured_;
  Durations& waits_;
  Purse purse_;
  SendWindow window_;
  TokenEstimate estimate_;
  std::list<Entry*> queue_;
  std::size_t under_way_ = 0;
  Monotonic::time_point not_before_{};
  Timer beat_;
  bool beating_ = false;
  Monotonic::time_point beaten_at_{};

  // What Redis has to be told, and what it said.
  PerMinute told_;
  std::optional<Monotonic::time_point> told_at_;
  std::int64_t answered_ = 0;
  std::int64_t refused_ = 0;
  Millis wait_{0};
  std::optional<Monotonic::time_point> asked_at_;  // the first that has no reply yet
  std::optional<Monotonic::time_point> replied_at_;
  std::int64_t refusals_ = 0;
  bool scarce_ = false;  // less was granted than was wanted
  bool in_a_hurry_ = false;
  Timer pause_;
  Notice changed_;
};

/// Waits for a call's turn; without a lane it is always its turn.
inline Task<Passage> enter(Lane* lane, std::size_t bytes, Cancel& cancel) {
  if (lane == nullptr) co_return Passage();
  co_return co_await lane->enter(bytes, cancel);
}

}  // namespace ryumem
