// What models cost and what may be spent: plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/ops/options.h"
#include "common/ops/prices.h"

namespace ryumem {

struct Spend {
  std::int64_t calls = 0;
  std::int64_t tokens_in = 0;
  std::int64_t tokens_out = 0;
  NanoUsd nano_usd = 0;       // of the calls whose price is known
  std::int64_t unpriced = 0;  // calls whose price is not known

  Spend() = default;
  Spend& operator+=(const Spend& other);
};

/// By the customer, as customer_name() has it.
using Spending = std::map<std::string, Spend>;

/// The name that a customer is kept under: "none" for one without, and at most 120 bytes.
std::string customer_name(const std::string& customer_id);

/// How many customers SpentToday names.
inline constexpr int kTopCustomers = 20;

/// Today's spending as it stands in Redis.
struct SpentToday {
  std::string day;  // "2026-11-25", by Redis' clock
  Spend all;
  std::vector<std::pair<std::string, Spend>> customers;  // who spent most, the first the most
  std::int64_t others = 0;                               // how many more there are

  SpentToday() = default;
};

/// What may be spent in a day; 0 is without a limit.
struct Caps {
  NanoUsd all_usd = 0;
  NanoUsd customer_usd = 0;  // of each customer
  std::int64_t all_tokens = 0;
  std::int64_t customer_tokens = 0;

  Caps() = default;
  bool any() const { return all_usd + customer_usd + all_tokens + customer_tokens > 0; }
};

/// The caps that the settings have. Throws Failure(Kind::configuration).
Caps caps_of(const Settings& settings);

}  // namespace ryumem
