// Texts of many jobs gathered into one request to the embedding model.
//
// A job's texts wait a few milliseconds for those of others; then all go out in one request. The
// request belongs to everybody whose texts it carries: it has one series of tries, its failure is
// everybody's failure, and it is given up only when nobody waits for it any more. Where it is one
// job's text that the model cannot take, the request is divided until the others have their
// vectors.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/async/scope.h"
#include "common/async/timer.h"
#include "common/net/retry.h"
#include "common/ops/circuit.h"
#include "common/ops/scoreboard.h"
#include "common/ops/tally.h"
#include "worker/llm/embedding_cache.h"
#include "worker/llm/lane.h"

namespace ryumem {

/// How much goes into one request.
struct GatherLimits {
  std::size_t texts = 64;
  std::size_t tokens = 0;  // as estimated_tokens() has them; 0: no limit
  Millis wait{5};          // for the texts of others

  GatherLimits() = default;
};

/// Tokens that a text will hardly be more than, whatever its script.
std::size_t estimated_tokens(std::string_view text);

/// What one request carries.
struct Cargo {
  std::vector<std::string> texts;  // no two alike
  std::vector<Payer> payers;       // of each text, whose it is: the first's, if it is several's
  Passage* passage = nullptr;      // its right to go out; never null when it is sent

  Cargo() = default;
};

/// Vectors by their texts.
using VectorsByText = std::map<std::string, VectorText>;

class Gatherer {
 public:
  /// Sends one request and gives the vector of every text. The cargo lives until the task is done.
  using Send = std::function<Task<VectorsByText>(const Cargo& cargo, Cancel& cancel)>;

  /// Circuit and slot outlive it.
  Gatherer(GatherLimits limits, RetryPolicy policy, Circuit& circuit, Slot& slot, Send send);

  /// From now on every request waits for its turn there. It outlives this.
  void govern_by(Lane& lane) { lane_ = &lane; }

  /// The vectors of `texts` that `payer` pays for, which has no two alike and fits into one
  /// request; they go out together or not at all. Throws what the request failed with; or the
  /// cancellation's reason: then the request goes on for the others, and by the time of the throw
  /// it has ended if there are none.
  Task<std::vector<VectorText>> vectors_of(Payer payer, std::vector<std::string> texts,
                                           Cancel& cancel);

  /// How many of `texts` from that position on fit into one request; at least one.
  std::size_t fitting(const std::vector<std::string>& texts, std::size_t from) const;

 private:
  /// What one job waits for. The job's own coroutine does whatever touches the job.
  struct Order {
    Payer payer;
    std::vector<std::string> texts;
    std::vector<VectorText> vectors;  // filled in as they come
    std::size_t missing = 0;
    std::optional<Failure> failure;
    bool asked = false;      // may the request go out? The job has to say so
    bool confirmed = false;  // it may
    bool left = false;       // the job waits no longer
    Notice changed;

    Order(Payer who, std::vector<std::string> the_texts);
    bool done() const { return failure || missing == 0; }
    bool over() const { return left || done(); }
  };
  /// Some of an order's texts.
  struct Slice {
    std::shared_ptr<Order> order;
    std::size_t from;
    std::size_t to;

    Slice(std::shared_ptr<Order> the_order, std::size_t begin, std::size_t end)
        : order(std::move(the_order)), from(begin), to(end) {}
    std::size_t size() const { return to - from; }
  };
  using Slices = std::vector<Slice>;
  /// What goes out together, and who waits for it.
  struct Batch {
    Slices slices;
    std::size_t texts = 0;
    std::size_t tokens = 0;
    std::size_t waiting = 0;
    bool ended = false;
    Cancel cancel;
    Notice changed;

    Batch() = default;
  };

  std::shared_ptr<Batch> place(const std::shared_ptr<Order>& order);
  void close();
  Task<> until_done(Order& order, Batch& batch, Cancel& cancel);
  Task<> run(std::shared_ptr<Batch> batch);
  Task<> run_slices(Slices slices, Batch& batch);
  Task<VectorsByText> try_once(Slices& slices, Batch& batch);
  Task<> confirm(Slices& slices, Batch& batch);
  static void fill(const Slice& slice, const VectorsByText& vectors);
  static void fail(const Slice& slice, const Failure& failure);
  static std::optional<std::pair<Slices, Slices>> halves(const Slices& slices, Kind kind);

  GatherLimits limits_;
  RetryPolicy policy_;
  Circuit& circuit_;
  Slot& slot_;
  Send send_;
  Lane* lane_ = nullptr;
  std::shared_ptr<Batch> open_;  // still gathering
  Timer timer_;
  Cancel never_;
  Scope batches_;
};

}  // namespace ryumem
