#include "common/ops/spending.h"

#include "common/base/text.h"

namespace ryumem {

Spend& Spend::operator+=(const Spend& other) {
  calls += other.calls;
  tokens_in += other.tokens_in;
  tokens_out += other.tokens_out;
  nano_usd += other.nano_usd;
  unpriced += other.unpriced;
  return *this;
}

std::string customer_name(const std::string& customer_id) {
  constexpr std::size_t kLongest = 117;  // and the mark that something was left out
  return customer_id.empty() ? "none" : excerpt(customer_id, kLongest);
}

Caps caps_of(const Settings& settings) {
  const auto usd = [](const char* variable, const std::string& text) {
    const std::optional<NanoUsd> amount = parse_usd(text);
    if (!amount)
      throw Failure(Kind::configuration,
                    std::string(variable) + ": \"" + excerpt(text, 60) +
                        "\" is not an amount of dollars such as 12.50; 0 is without a limit");
    return *amount;
  };
  Caps caps;
  caps.all_usd = usd("RYUMEM_WORKER_DAILY_CAP_USD", settings.daily_cap_usd);
  caps.customer_usd = usd("RYUMEM_WORKER_CUSTOMER_DAILY_CAP_USD", settings.customer_daily_cap_usd);
  caps.all_tokens = settings.daily_cap_tokens;
  caps.customer_tokens = settings.customer_daily_cap_tokens;
  return caps;
}

}  // namespace ryumem
