#include "common/ops/accounts.h"

#include <vector>

#include "common/base/text.h"

namespace ryumem {
namespace {

// Between the parts of a row's name, and in none of them.
constexpr char kBetween = '\n';

// excerpt() leaves no control characters, so the parts can be told apart again.
std::string text_of(std::string_view provider, std::string_view model, std::string_view call,
                    std::string_view customer) {
  constexpr std::size_t kProvider = 24;
  constexpr std::size_t kModel = 80;
  constexpr std::size_t kCall = 16;
  constexpr std::size_t kCustomer = 80;
  return excerpt(provider, kProvider) + kBetween + excerpt(model, kModel) + kBetween +
         excerpt(call, kCall) + kBetween + excerpt(customer, kCustomer);
}

}  // namespace

// Whoever finds a row without its name writes it: its owner may have died over it, and all write
// the same.
void AccountRow::set_name(std::string_view text) {
  if (named()) return;
  text_.set(text);
  named_.store(1, std::memory_order_release);
}

AccountRow::Name AccountRow::name() const {
  Name name;
  if (!named()) return name;
  std::vector<std::string> parts = split(text_.text(), kBetween);
  parts.resize(4);
  name.provider = parts[0];
  name.model = parts[1];
  name.call = parts[2];
  name.customer = parts[3];
  return name;
}

// Places are taken in their order, so two who come at once with the same status meet at the same
// one.
void AccountRow::refuse(int status) {
  const auto wanted = static_cast<std::uint64_t>(status);
  for (std::size_t i = 0; i + 1 < refusals_.size(); ++i) {
    std::uint64_t found = 0;
    const bool taken = refusals_[i].status.compare_exchange_strong(found, wanted);
    if (taken || found == wanted) return add(refusals_[i].count, 1);
  }
  add(refusals_.back().count, 1);
}

AccountRow& AccountTable::of(std::string_view provider, std::string_view model,
                             std::string_view call, std::string_view customer) {
  if (customer.empty()) customer = "none";
  AccountRow* row = find(text_of(provider, model, call, customer), kRows - kForOthers);
  if (row == nullptr) row = find(text_of(provider, model, call, "other"), kRows - 1);
  if (row == nullptr) row = find(text_of("other", "other", "other", "other"), kRows);
  return row == nullptr ? rows_.back() : *row;
}

// Rows are taken in their order, so two who come at once with the same name meet at the same row.
AccountRow* AccountTable::find(const std::string& text, std::size_t most) {
  const std::uint64_t key = stable_hash(text) | 1;
  for (std::size_t i = 0; i < most; ++i) {
    AccountRow& row = rows_[i];
    std::uint64_t found = 0;
    const bool taken = row.key_.compare_exchange_strong(found, key, std::memory_order_acq_rel);
    if (!taken && found != key) continue;
    row.set_name(text);
    return &row;
  }
  return nullptr;
}

}  // namespace ryumem
