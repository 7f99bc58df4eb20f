#include "worker/llm/billing.h"

#include <algorithm>

namespace ryumem {

std::optional<NanoUsd> Billing::answered(Call call, const std::string& customer,
                                         std::int64_t tokens_in, std::int64_t tokens_out) {
  const bool chat = call == Call::chat;
  Spend spend;
  spend.calls = 1;
  spend.tokens_in = std::max<std::int64_t>(0, tokens_in);
  spend.tokens_out = std::max<std::int64_t>(0, tokens_out);
  const std::optional<NanoUsd> cost = prices_.cost(
      chat ? settings_.llm_provider : settings_.embedding_provider,
      chat ? settings_.llm_model : settings_.embedding_model, spend.tokens_in, spend.tokens_out);
  spend.nano_usd = cost.value_or(0);
  spend.unpriced = cost ? 0 : 1;
  book_.add(customer, spend);
  AccountRow& account = row(call, customer);
  AccountRow::add(account.calls, 1);
  AccountRow::add(account.tokens_in, static_cast<std::uint64_t>(spend.tokens_in));
  AccountRow::add(account.tokens_out, static_cast<std::uint64_t>(spend.tokens_out));
  AccountRow::add(account.nano_usd, static_cast<std::uint64_t>(spend.nano_usd));
  AccountRow::add(account.unpriced, static_cast<std::uint64_t>(spend.unpriced));
  return cost;
}

void Billing::refused(Call call, const std::string& customer, int status) {
  row(call, customer).refuse(status);
}

AccountRow& Billing::row(Call call, const std::string& customer) {
  const bool chat = call == Call::chat;
  return accounts_.of(chat ? settings_.llm_provider : settings_.embedding_provider,
                      chat ? settings_.llm_model : settings_.embedding_model, name(call), customer);
}

}  // namespace ryumem
