#include "worker/llm/gatherer.h"

#include <algorithm>
#include <set>

namespace ryumem {
namespace {

// May this failure be the doing of one text among many? Then it must not be the others' failure.
// What is passing, or wrong for everybody, is shared as it is.
bool one_text_may_do_it(Kind kind) {
  return kind == Kind::too_long || kind == Kind::rejected || kind == Kind::refused ||
         kind == Kind::bad_answer;
}

}  // namespace

// Two bytes a token: Latin text has four, names in other scripts come close to two.
std::size_t estimated_tokens(std::string_view text) { return text.size() / 2 + 1; }

Gatherer::Order::Order(Payer who, std::vector<std::string> the_texts)
    : payer(std::move(who)),
      texts(std::move(the_texts)),
      vectors(texts.size()),
      missing(texts.size()) {}

Gatherer::Gatherer(GatherLimits limits, RetryPolicy policy, Circuit& circuit, Slot& slot, Send send)
    : limits_(limits), policy_(policy), circuit_(circuit), slot_(slot), send_(std::move(send)) {}

std::size_t Gatherer::fitting(const std::vector<std::string>& texts, std::size_t from) const {
  std::size_t tokens = 0;
  std::size_t to = from;
  for (; to < texts.size() && to - from < limits_.texts; ++to) {
    tokens += estimated_tokens(texts[to]);
    if (limits_.tokens > 0 && tokens > limits_.tokens && to > from) break;
  }
  return to - from;
}

Task<std::vector<VectorText>> Gatherer::vectors_of(Payer payer, std::vector<std::string> texts,
                                                   Cancel& cancel) {
  if (texts.empty()) co_return std::vector<VectorText>();
  cancel.beginning().throw_if_requested();
  const auto order = std::make_shared<Order>(std::move(payer), std::move(texts));
  const std::shared_ptr<Batch> batch = place(order);
  std::optional<Failure> gone;
  try {
    co_await until_done(*order, *batch, cancel);
  } catch (...) {
    gone = current_failure();
  }
  order->left = true;
  if (--batch->waiting == 0 && gone) {
    if (batch == open_) close();  // nobody may join what is given up
    batch->cancel.request(*gone);
  }
  batch->changed.notify();
  // The last one closes the door: no request goes on that nobody waits for.
  while (batch->waiting == 0 && !batch->ended) co_await batch->changed.wait(never_);
  if (gone && !order->done()) throw *gone;
  if (order->failure) throw *order->failure;
  co_return std::move(order->vectors);
}

// Until the order is done. In between, and whenever the batch asks, the job says that it is still
// its own: others may have it by now, and then its texts must not be paid for here.
Task<> Gatherer::until_done(Order& order, Batch& batch, Cancel& cancel) {
  while (!order.done()) {
    if (!order.asked) {
      Cancel& end = order.confirmed ? cancel : cancel.beginning();
      co_await order.changed.wait(end);
      continue;
    }
    co_await cancel.permission();
    order.asked = false;
    order.confirmed = true;
    batch.changed.notify();
  }
}

// A job's texts stay together, so that they are paid for together: what does not fit begins the
// next batch.
std::shared_ptr<Gatherer::Batch> Gatherer::place(const std::shared_ptr<Order>& order) {
  std::size_t tokens = 0;
  for (const std::string& text : order->texts) tokens += estimated_tokens(text);
  if (open_ && (open_->texts + order->texts.size() > limits_.texts ||
                (limits_.tokens > 0 && open_->tokens + tokens > limits_.tokens)))
    close();
  if (!open_) {
    open_ = std::make_shared<Batch>();
    if (limits_.wait.count() > 0) timer_.once(limits_.wait, [this] { close(); });
  }
  const std::shared_ptr<Batch> batch = open_;
  batch->slices.emplace_back(order, 0, order->texts.size());
  batch->texts += order->texts.size();
  batch->tokens += tokens;
  ++batch->waiting;
  if (batch->texts >= limits_.texts || limits_.wait.count() == 0) close();
  return batch;
}

void Gatherer::close() {
  timer_.stop();
  batches_.spawn(run(std::exchange(open_, nullptr)));
}

Task<> Gatherer::run(std::shared_ptr<Batch> batch) {
  Slices slices = batch->slices;
  co_await run_slices(std::move(slices), *batch);
  batch->ended = true;
  batch->changed.notify();
}

// Never throws: every order gets its vectors or its failure.
Task<> Gatherer::run_slices(Slices slices, Batch& batch) {
  std::optional<Failure> failure;
  try {
    const auto once = [&] { return try_once(slices, batch); };
    const auto tries = [&] { return retrying<VectorsByText>(policy_, once, batch.cancel); };
    const VectorsByText vectors = co_await through<VectorsByText>(circuit_, tries);
    for (const Slice& slice : slices) fill(slice, vectors);
  } catch (...) {
    failure = current_failure();
  }
  if (!failure) co_return;
  std::optional<std::pair<Slices, Slices>> parts = halves(slices, failure->kind());
  if (parts) {
    co_await run_slices(std::move(parts->first), batch);
    co_await run_slices(std::move(parts->second), batch);
    co_return;
  }
  for (const Slice& slice : slices) fail(slice, *failure);
}

Task<VectorsByText> Gatherer::try_once(Slices& slices, Batch& batch) {
  std::size_t bytes = 0;
  for (const Slice& slice : slices)
    for (std::size_t i = slice.from; i < slice.to; ++i) bytes += slice.order->texts[i].size();
  // The turn first: a job may be lost while its texts wait for it.
  Passage passage = co_await enter(lane_, bytes, batch.cancel);
  co_await confirm(slices, batch);
  Cargo cargo;
  cargo.passage = &passage;
  std::set<std::string_view> seen;
  std::set<const Order*> orders;
  for (const Slice& slice : slices) {
    orders.insert(slice.order.get());
    for (std::size_t i = slice.from; i < slice.to; ++i) {
      if (!seen.insert(slice.order->texts[i]).second) continue;
      cargo.texts.push_back(slice.order->texts[i]);
      cargo.payers.push_back(slice.order->payer);
    }
  }
  VectorsByText vectors = co_await send_(cargo, batch.cancel);
  slot_.calls_gathered.add(orders.size() - 1);
  co_return vectors;
}

// Leaves the slices of those who may still be asked for.
Task<> Gatherer::confirm(Slices& slices, Batch& batch) {
  for (const Slice& slice : slices) {
    slice.order->confirmed = false;
    slice.order->asked = true;
    slice.order->changed.notify();
  }
  const auto undecided = [](const Slice& slice) {
    return !slice.order->over() && !slice.order->confirmed;
  };
  while (std::any_of(slices.begin(), slices.end(), undecided))
    co_await batch.changed.wait(batch.cancel);
  std::erase_if(slices, [](const Slice& slice) { return slice.order->over(); });
  if (slices.empty()) throw Failure(Kind::stopping, "nobody waits for these vectors any more");
}

void Gatherer::fill(const Slice& slice, const VectorsByText& vectors) {
  Order& order = *slice.order;
  for (std::size_t i = slice.from; i < slice.to; ++i) order.vectors[i] = vectors.at(order.texts[i]);
  order.missing -= slice.size();
  order.changed.notify();
}

void Gatherer::fail(const Slice& slice, const Failure& failure) {
  if (!slice.order->failure) slice.order->failure = failure;
  slice.order->changed.notify();
}

// Between orders where there are several; within one only if that can help: text that is too much
// for one request.
std::optional<std::pair<Gatherer::Slices, Gatherer::Slices>> Gatherer::halves(const Slices& slices,
                                                                              Kind kind) {
  if (!one_text_may_do_it(kind)) return std::nullopt;
  std::pair<Slices, Slices> parts;
  if (slices.size() > 1) {
    const auto middle = slices.begin() + static_cast<std::ptrdiff_t>(slices.size() / 2);
    parts.first.assign(slices.begin(), middle);
    parts.second.assign(middle, slices.end());
    return parts;
  }
  if (slices.empty() || kind != Kind::too_long || slices[0].size() < 2) return std::nullopt;
  const Slice& whole = slices[0];
  const std::size_t middle = whole.from + whole.size() / 2;
  parts.first.emplace_back(whole.order, whole.from, middle);
  parts.second.emplace_back(whole.order, middle, whole.to);
  return parts;
}

}  // namespace ryumem
