// The books: what every call to a model cost and for whom, on the scoreboard for the metrics and in
// the day's book in Redis for the caps.
#pragma once

#include <optional>
#include <string>

#include "common/ops/accounts.h"
#include "common/ops/options.h"
#include "common/ops/prices.h"
#include "common/ops/scoreboard.h"
#include "common/queue/spend_book.h"

namespace ryumem {

class Billing {
 public:
  /// All outlive it.
  Billing(const Settings& settings, const Prices& prices, AccountTable& accounts, SpendBook& book)
      : settings_(settings), prices_(prices), accounts_(accounts), book_(book) {}

  /// A call was answered: `call` is Call::chat or Call::embed. Gives what it cost, if that is
  /// known.
  std::optional<NanoUsd> answered(Call call, const std::string& customer, std::int64_t tokens_in,
                                  std::int64_t tokens_out);
  /// A request was refused by the provider: `status` is the one it answered with, not 200.
  void refused(Call call, const std::string& customer, int status);

 private:
  AccountRow& row(Call call, const std::string& customer);

  const Settings& settings_;
  const Prices& prices_;
  AccountTable& accounts_;
  SpendBook& book_;
};

}  // namespace ryumem
