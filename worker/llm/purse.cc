#include "worker/llm/purse.h"

#include <algorithm>
#include <cmath>

namespace ryumem {
namespace {

constexpr double kMinute = 60'000;
// How far ahead a process asks, in seconds' worth of the whole rate: what lies in purses is sent
// when it should not be any more.
constexpr double kAhead = 1.0 / 60;
// A call that is larger than a minute's limit will never fit; whether it does is for the provider
// to say.
constexpr double kLargestCall = 0.9;

// What to ask for where there is so much and so much is aimed at: whole ones.
std::int64_t lacking(double there, double aim) {
  return static_cast<std::int64_t>(std::ceil(aim - there));
}

}  // namespace

void Purse::share(PerMinute all, int processes) {
  if (all.requests <= 0) requests_ = 0;
  if (all.tokens <= 0) tokens_ = 0;
  all_ = all;
  processes_ = std::max(1, processes);
}

PerMinute Purse::part() const {
  return PerMinute(all_.requests / processes_, all_.tokens / processes_);
}

double Purse::needed(double tokens) const { return std::min(tokens, all_.tokens * kLargestCall); }

bool Purse::covers(double tokens) const {
  const bool requests = all_.requests <= 0 || requests_ >= 1;
  return requests && (all_.tokens <= 0 || tokens_ >= needed(tokens));
}

void Purse::take(double tokens) {
  if (all_.requests > 0) requests_ -= 1;
  if (all_.tokens > 0) tokens_ -= tokens;
}

void Purse::put(std::int64_t requests, std::int64_t tokens) {
  requests_ += static_cast<double>(requests);
  tokens_ += static_cast<double>(tokens);
}

void Purse::settle(double estimated, double used) {
  if (all_.tokens > 0) tokens_ += estimated - used;
}

void Purse::forfeit() {
  requests_ = std::min(requests_, 0.0);
  tokens_ = std::min(tokens_, 0.0);
}

void Purse::earn(Millis time, double next) {
  const PerMinute mine = part();
  const double minutes = static_cast<double>(time.count()) / kMinute;
  const auto add = [minutes](double& level, double rate, double most) {
    if (rate > 0) level = std::max(level, std::min(most, level + rate * minutes));
  };
  add(requests_, mine.requests, std::max(1.0, mine.requests * kAhead));
  add(tokens_, mine.tokens, std::max(needed(next), mine.tokens * kAhead));
}

Purse::Want Purse::want(std::size_t calls, double next, double sum) const {
  Want want;
  if (all_.requests > 0) {
    const double aim =
        std::min<double>(static_cast<double>(calls), std::max(1.0, all_.requests * kAhead));
    want.requests = lacking(requests_, std::ceil(aim));
  }
  if (all_.tokens > 0)
    want.tokens = lacking(tokens_, std::max(needed(next), std::min(sum, all_.tokens * kAhead)));
  return want;
}

}  // namespace ryumem
