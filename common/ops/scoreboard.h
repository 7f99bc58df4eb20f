// What the workers are doing, in memory shared with the supervisor: counters that only rise, a
// heartbeat, and duration histograms, one slot per worker. The memory belongs to the supervisor (a
// memfd), so nothing is lost when a worker dies; its replacement goes on counting in the same slot.
//
// Each field has one writer, the worker in the slot, so a relaxed load and store is enough and no
// field is ever torn. Fields among themselves may be a moment apart when a worker is killed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/failure.h"
#include "common/ops/accounts.h"
#include "common/ops/shared_text.h"

namespace ryumem {

class Count {
 public:
  void add(std::uint64_t n = 1) { store(load() + n); }
  void store(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  std::uint64_t load() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// What is counted by; each has its word for metric labels.
enum class Outcome { completed, delayed, buried, given_back, parked, count };
enum class Step {
  extract_entities,
  embed_entities,
  upsert_entities,
  extract_relationships,
  embed_facts,
  upsert_relationships,
  complete,
  acknowledge,
  count
};
enum class Call { chat, embed, entity_upsert, relationship_upsert, extraction_complete, count };
enum class Reply { ok, client_error, server_error, no_reply, unreadable, count };
enum class Dropped { malformed, duplicate, unknown_end, pronoun, self_edge, count };
enum class Repair {
  thoughts,     // <think> before the answer
  fence,        // a code fence around it
  prose,        // words around it
  several,      // several documents instead of one
  wrapped,      // the list under another key, or deeper down
  bare_list,    // a list instead of an object with a list
  single_item,  // one item instead of a list
  text_item,    // a text instead of an item
  synonym,      // another name for a field
  literal,      // True, None, 'quotes', bare keys, NaN
  comma,        // one too many
  comment,
  encoded,     // JSON inside a JSON string
  characters,  // control characters, escapes or bytes that JSON does not have
  alias,       // an end by another name of its entity
  shortened,   // a text longer than we take
  count
};
/// Where the vector of a text came from.
enum class TextFrom { model, cache, duplicate, count };
enum class Dependency { chat_model, embedding_model, server, count };
enum class CircuitState { closed, open, half_open, count };
/// What holds a model to the shape of its answers.
enum class HeldBy { unknown, schema, tool, json, nothing, count };
// stopped: its worker is no more, and the next one is due. unused: no worker is wanted in this
// slot.
enum class WorkerState { starting, ready, quiet, draining, stopped, unused, count };

std::string_view name(Outcome);
std::string_view name(Step);
std::string_view name(Call);
std::string_view name(Reply);
std::string_view name(Dropped);
std::string_view name(Repair);
std::string_view name(TextFrom);
std::string_view name(Dependency);
std::string_view name(CircuitState);
std::string_view name(HeldBy);
std::string_view name(WorkerState);

/// Is there a worker, whatever it does?
constexpr bool present(WorkerState state) { return state < WorkerState::stopped; }
/// Has it come as far as to take jobs, if it may?
constexpr bool up(WorkerState state) {
  return state == WorkerState::ready || state == WorkerState::quiet;
}

/// One Count for each value of an enumeration that ends in `count`.
template <class Enum>
class CountBy {
 public:
  static constexpr std::size_t kSize = static_cast<std::size_t>(Enum::count);
  Count& operator[](Enum at) { return counts_[static_cast<std::size_t>(at)]; }
  const Count& operator[](Enum at) const { return counts_[static_cast<std::size_t>(at)]; }

 private:
  std::array<Count, kSize> counts_;
};

/// Upper bounds of the duration buckets, in seconds, made for jobs of 5 to 12 s and for callbacks
/// of milliseconds. There is one more bucket, for all that takes longer.
inline constexpr std::array<double, 16> kDurationBounds = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10, 15, 30, 60, 300};

class Durations {
 public:
  void observe(double seconds);

  std::array<Count, kDurationBounds.size() + 1> buckets;  // not cumulative
  Count sum_us;
};

/// A circuit as the worker shows it.
struct CircuitView {
  Count state;
  Count opened;
  Count probe_ns;  // CLOCK_MONOTONIC of the next try while it is open
  SharedText<224> reason;

  void set_reason(std::string_view text) { reason.set(text); }
  std::string reason_text() const { return reason.text(); }
};

/// A job in hand as the worker shows it; the figures are CLOCK_MONOTONIC.
struct WorkView {
  Count began_ns;  // 0: the place is free
  Count step;      // of Step; Step::count: none yet
  Count step_ns;   // when the step began
  SharedText<64> id;
};

/// How many jobs in hand a worker shows; what more it has is only counted.
inline constexpr std::size_t kWorkShown = 64;

struct alignas(64) Slot {
  Count pid;  // 0: nobody in it
  Count state;
  Count beat_ns;  // CLOCK_MONOTONIC of the last turn of the worker's heart
  Count started_ns;
  Count starts;       // workers that were started in it so far
  Count done_before;  // settled jobs of those before the one in it
  Count jobs_in_hand;
  CountBy<Step> doing;  // jobs in hand by the step they are in
  std::array<WorkView, kWorkShown> work;

  Count claimed;
  CountBy<Outcome> jobs;
  std::array<Count, kKinds> failures;  // attempts that failed, by Kind
  std::array<CountBy<Reply>, static_cast<std::size_t>(Call::count)> calls;
  CountBy<Dropped> dropped;  // items of answers that were left out
  CountBy<Repair> repairs;   // what was not as promised in an answer, and was read all the same
  Count splits;              // texts asked about in two halves, since the whole did not fit
  Count calls_saved;         // paid calls that the journal had the answer of
  Count calls_cached;        // embeddings that the cache had all of
  Count calls_gathered;      // embeddings that went out in a request of others
  CountBy<TextFrom> texts;   // texts that were to be embedded
  Count calls_abandoned;     // paid calls given up while under way: perhaps billed
  Count leases_lost;
  Count letters_told;
  Count chat_held_by;  // as HeldBy
  std::array<CircuitView, static_cast<std::size_t>(Dependency::count)> circuits;
  Count entities;
  Count relationships;
  Count tokens_in;
  Count tokens_out;
  std::array<Durations, static_cast<std::size_t>(Step::count)> steps;
  Durations attempt;         // from claim to settlement
  Durations chat_waits;      // of calls to the model that extracts, for their turn
  Durations embed_waits;     // likewise to the one that embeds
  Durations claim_to_start;  // from claim to the first step

  CountBy<Reply>& of(Call call) { return calls[static_cast<std::size_t>(call)]; }
  const CountBy<Reply>& of(Call call) const { return calls[static_cast<std::size_t>(call)]; }
  Durations& of(Step step) { return steps[static_cast<std::size_t>(step)]; }
  const Durations& of(Step step) const { return steps[static_cast<std::size_t>(step)]; }
  CircuitView& of(Dependency on) { return circuits[static_cast<std::size_t>(on)]; }
  const CircuitView& of(Dependency on) const { return circuits[static_cast<std::size_t>(on)]; }
  Count& of(Kind kind) { return failures[static_cast<std::size_t>(kind)]; }
  const Count& of(Kind kind) const { return failures[static_cast<std::size_t>(kind)]; }
};

class Scoreboard {
 public:
  /// New shared memory for so many workers. Throws Failure(Kind::system).
  static Scoreboard create(int slots);
  /// The supervisor's memory, inherited as `fd`. Throws Failure(Kind::system) if it is not a
  /// scoreboard of this version.
  static Scoreboard attach(int fd);

  Scoreboard(Scoreboard&& other) noexcept;
  Scoreboard& operator=(Scoreboard&&) = delete;
  ~Scoreboard();

  int slots() const;
  Slot& slot(int index);
  const Slot& slot(int index) const;

  /// What the supervisor wishes of all workers: true, that they take no new jobs for now.
  bool quiet() const;
  void set_quiet(bool quiet);
  /// What was asked of models and for whom, by all workers.
  AccountTable& accounts();
  const AccountTable& accounts() const;
  /// To be handed to a child; close-on-exec here.
  int fd() const { return fd_; }

 private:
  struct Memory;
  Scoreboard(int fd, Memory* memory, std::size_t size) : fd_(fd), memory_(memory), size_(size) {}
  static Scoreboard map(int fd, std::size_t size);
  static std::size_t size_of(std::size_t slots);
  int fd_;
  Memory* memory_;
  std::size_t size_;
};

}  // namespace ryumem
