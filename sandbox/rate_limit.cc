#include "sandbox/rate_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "common/base/json_build.h"
#include "sandbox/model.h"

namespace ryumem::sandbox {
namespace {

constexpr double kMinute = 60;

std::string duration(double seconds) { return fmt::format("{:.3f}s", std::max(0.0, seconds)); }

// The number behind the last `"name":` of a text.
std::int64_t last_number(const std::string& text, std::string_view name) {
  const std::string member = "\"" + std::string(name) + "\":";
  const std::size_t at = text.rfind(member);
  if (at == std::string::npos) return 0;
  constexpr int kDecimal = 10;
  return std::strtoll(text.c_str() + at + member.size(), nullptr, kDecimal);
}

}  // namespace

RateLimiter::Ruling RateLimiter::rule(const std::string& name, std::int64_t tokens,
                                      Monotonic::time_point now) {
  Caller& caller = callers_[name];
  bring_up_to(caller, now);
  const auto wanted = static_cast<double>(tokens);
  const Stock requests = stock(caller, false, 1, now);
  const Stock of_tokens = stock(caller, true, wanted, now);
  Ruling ruling;
  const double wait = std::max(requests.seconds_to_wait, of_tokens.seconds_to_wait);
  ruling.allowed = wait <= 0;
  if (ruling.allowed) {
    caller.calls.push_back({now, tokens});
    caller.requests -= 1;
    caller.tokens -= wanted;
    ++caller.allowed;
    caller.allowed_tokens += tokens;
  } else {
    ++caller.refused;
    ruling.wait = Millis(static_cast<std::int64_t>(std::ceil(wait * 1000)));
  }
  if (!limits_.told) return ruling;
  const auto tell = [&](const char* what, int limit, bool is_tokens) {
    if (limit <= 0) return;
    const Stock left = stock(caller, is_tokens, 0, now);
    const std::string of = what;
    ruling.headers["x-ratelimit-limit-" + of] = std::to_string(limit);
    ruling.headers["x-ratelimit-remaining-" + of] =
        std::to_string(static_cast<std::int64_t>(std::floor(left.left)));
    ruling.headers["x-ratelimit-reset-" + of] = duration(left.seconds_to_full);
  };
  tell("requests", limits_.requests, false);
  tell("tokens", limits_.tokens, true);
  return ruling;
}

void RateLimiter::bring_up_to(Caller& caller, Monotonic::time_point now) const {
  while (!caller.calls.empty() && seconds_between(caller.calls.front().at, now) >= kMinute)
    caller.calls.pop_front();
  const double seconds = caller.known ? seconds_between(caller.filled, now) : kMinute;
  caller.known = true;
  caller.filled = now;
  const auto fill = [seconds](double& level, int limit) {
    level = std::min<double>(limit, level + limit * seconds / kMinute);
  };
  fill(caller.requests, limits_.requests);
  fill(caller.tokens, limits_.tokens);
}

RateLimiter::Stock RateLimiter::stock(const Caller& caller, bool of_tokens, double wanted,
                                      Monotonic::time_point now) const {
  Stock stock;
  const int limit = of_tokens ? limits_.tokens : limits_.requests;
  if (limit <= 0) return stock;
  if (!limits_.sliding) {
    stock.left = of_tokens ? caller.tokens : caller.requests;
    stock.seconds_to_wait = std::max(0.0, (wanted - stock.left) * kMinute / limit);
    stock.seconds_to_full = (limit - stock.left) * kMinute / limit;
    return stock;
  }
  const auto weight = [of_tokens](const Call& call) {
    return of_tokens ? static_cast<double>(call.tokens) : 1.0;
  };
  stock.left = limit;
  for (const Call& call : caller.calls) stock.left -= weight(call);
  if (!caller.calls.empty())
    stock.seconds_to_full = kMinute - seconds_between(caller.calls.back().at, now);
  double lacking = wanted - stock.left;
  if (lacking <= 0) return stock;
  // What is more than the whole limit never fits; it is told to wait for a minute all the same.
  stock.seconds_to_wait = kMinute;
  for (const Call& call : caller.calls) {
    lacking -= weight(call);
    if (lacking > 0) continue;
    stock.seconds_to_wait = kMinute - seconds_between(call.at, now);
    break;
  }
  return stock;
}

std::int64_t tokens_taken(const HttpQuery& query, const HttpAnswer& answer) {
  std::int64_t tokens = 0;
  for (const char* name : {"prompt_eval_count", "eval_count", "total_tokens", "totalTokenCount"})
    tokens += last_number(answer.body, name);
  return tokens > 0 ? tokens : estimate_tokens(query.body);
}

std::string caller_of(const HttpQuery& query) {
  std::string caller = query.path;
  for (const char* name : {"authorization", "x-goog-api-key"})
    if (const std::string key = query.header(name); !key.empty()) caller += " " + key;
  return caller;
}

std::string RateLimiter::json() const {
  JsonBuilder callers = JsonBuilder::object();
  for (const auto& [name, caller] : callers_) {
    JsonBuilder figures = JsonBuilder::object();
    figures.integer("allowed", caller.allowed)
        .integer("allowed_tokens", caller.allowed_tokens)
        .integer("refused", caller.refused);
    callers.add(name.c_str(), std::move(figures));
  }
  JsonBuilder body = JsonBuilder::object();
  body.integer("requests_per_minute", limits_.requests)
      .integer("tokens_per_minute", limits_.tokens)
      .add("callers", std::move(callers));
  return body.print();
}

void RateLimiter::clear_figures() {
  for (auto& [name, caller] : callers_) caller.allowed = caller.allowed_tokens = caller.refused = 0;
}

}  // namespace ryumem::sandbox
