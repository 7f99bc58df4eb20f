#include "worker/fleet_circuits.h"

#include <spdlog/spdlog.h>

#include "common/base/this_host.h"
#include "common/net/loopback.h"
#include "common/ops/digest.h"
#include "worker/llm/governor.h"

namespace ryumem {
namespace {

constexpr Millis kEvery{1000};
// A process that is to try and has no job to do it with lets others.
constexpr Millis kLongestIdle{10'000};

// All who are let in and refused together have one name for it.
std::string name_of_server(const Settings& settings) {
  std::string name = "server:" + digest(settings.server_url + '\n' + settings.internal_key);
  if (is_loopback(settings.server_url)) name += "@" + host_name();
  return name;
}

// Vectors of another length than ours are an outage for us alone.
std::string name_of_embedding(const Settings& settings) {
  return lane_of(Call::embed, settings) + ":" + std::to_string(settings.embedding_dimensions);
}

}  // namespace

FleetCircuits::FleetCircuits(const Settings& settings, Circuits& circuits, const Quiet& quiet,
                             std::string who)
    : circuits_(circuits), quiet_(quiet), who_(std::move(who)) {
  parts_.emplace_back(circuits.chat, lane_of(Call::chat, settings));
  parts_.emplace_back(circuits.embedding, name_of_embedding(settings));
  parts_.emplace_back(circuits.server, name_of_server(settings));
}

Task<> FleetCircuits::keep(Queue& queue, Cancel& cancel) {
  while (!cancel.requested()) {
    bool heard = true;
    try {
      co_await speak(queue, cancel);
    } catch (const Failure& failure) {
      heard = false;
      // That Redis is away, its connection has said.
      const auto level =
          failure.kind() == Kind::outage ? spdlog::level::warn : spdlog::level::debug;
      spdlog::log(level, "circuits are not shared: {}", failure.what());
    }
    try {
      due_ = false;
      tick_.once(kEvery, [this] {
        due_ = true;
        circuits_.news.notify();
      });
      while (!due_ && !(heard && circuits_.have_news())) co_await circuits_.news.wait(cancel);
    } catch (const Failure&) {
      // The loop's condition sees it.
    }
  }
}

bool FleetCircuits::would_try(Part& part, Monotonic::time_point now) const {
  if (retired_ || quiet_.on() || circuits_.held(now) || part.circuit.resting(now)) return false;
  const bool idle = part.circuit.idle_canary();
  if (!idle || !part.was_ours) part.ours_since = now;
  part.was_ours = idle;
  return now - part.ours_since < kLongestIdle;
}

Task<> FleetCircuits::speak(Queue& queue, Cancel& cancel) {
  const Monotonic::time_point now = Monotonic::now();
  std::vector<Circuit::News> told;
  std::vector<CircuitAsk> asks;
  for (Part& part : parts_) {
    const Circuit::News& news = told.emplace_back(part.circuit.take_news());
    CircuitAsk ask;
    ask.name = part.name;
    if (news.failed) ask.event = CircuitAsk::Event::failed;
    if (news.works) ask.event = CircuitAsk::Event::works;
    ask.why = news.why;
    ask.least = news.least;
    ask.would = would_try(part, now);
    asks.push_back(std::move(ask));
  }
  std::vector<CircuitReply> replies;
  std::optional<Failure> trouble;
  try {
    replies = co_await ask_circuits(queue, who_, asks, cancel);
  } catch (const Failure& failure) {
    trouble = failure;
  }
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Circuit& circuit = parts_[i].circuit;
    if (trouble)
      circuit.keep_news(std::move(told[i]));
    else if (replies[i].open)
      circuit.opened_for_all(replies[i].why, replies[i].ours, replies[i].left);
    else
      circuit.closed_for_all();
  }
  if (trouble) throw *trouble;
}

}  // namespace ryumem
