// What one attempt at a job has asked for and paid: for the job's own line in the log. The sums of
// all jobs are elsewhere, on the scoreboard and in the day's book.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/ops/prices.h"

namespace ryumem {

struct Tally {
  int calls = 0;  // answered by models; one that carried texts of other jobs, too, counts whole
  int saved = 0;  // not made, since the journal or the cache had the answer
  double tokens_in = 0;  // of a shared call, this job's share
  std::int64_t tokens_out = 0;
  double nano_usd = 0;
  bool priced = true;  // false: some call's price is not known

  Tally() = default;
  /// A call was answered; `share` of it was this job's, 1 for all of it.
  void answered(double share, std::int64_t in, std::int64_t out, std::optional<NanoUsd> cost) {
    ++calls;
    tokens_in += share * static_cast<double>(in);
    tokens_out += out;
    nano_usd += share * static_cast<double>(cost.value_or(0));
    priced = priced && cost;
  }
};

/// Who pays for a call: a customer, and the job that it is made for, if there is one.
struct Payer {
  std::string customer;
  std::shared_ptr<Tally> tally;

  Payer(std::string who, std::shared_ptr<Tally> account)
      : customer(std::move(who)), tally(std::move(account)) {}
  Payer(std::string who) : customer(std::move(who)) {}
  Payer(const char* who) : customer(who) {}
};

}  // namespace ryumem
