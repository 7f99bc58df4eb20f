// What was asked of models and for whom, in memory shared by all workers of a supervisor: one row
// for each provider, model, sort of call and customer. Rows are taken as customers come and are
// never given up, so that no counter ever goes backwards, whoever dies; when they run out,
// customers share the row "other" of their model. Any worker writes to any row.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/ops/shared_text.h"

namespace ryumem {

class AccountRow {
 public:
  using Total = std::atomic<std::uint64_t>;

  Total calls;  // that were answered
  Total tokens_in;
  Total tokens_out;
  Total nano_usd;  // of the calls whose price is known
  Total unpriced;  // calls whose price is not known

  static void add(Total& total, std::uint64_t n) { total.fetch_add(n, std::memory_order_relaxed); }

  /// Requests that the provider answered with a refusal, by its status. The last place is for all
  /// statuses that come when the others are taken, and is of status 0.
  struct Refusals {
    Total status;
    Total count;
  };
  void refuse(int status);
  const std::array<Refusals, 8>& refusals() const { return refusals_; }

  /// What the row is for; nothing of it while nobody has taken it.
  struct Name {
    std::string provider;
    std::string model;
    std::string call;
    std::string customer;

    Name() = default;
  };
  bool named() const { return named_.load(std::memory_order_acquire) != 0; }
  Name name() const;

 private:
  friend class AccountTable;
  void set_name(std::string_view text);

  std::atomic<std::uint64_t> key_;  // 0: free
  std::atomic<std::uint64_t> named_;
  SharedText<224> text_;
  std::array<Refusals, 8> refusals_;
};

class AccountTable {
 public:
  static constexpr std::size_t kRows = 128;
  /// Kept for the rows "other" of models that come late.
  static constexpr std::size_t kForOthers = 16;

  /// The row to count on. A customer without a name is "none".
  AccountRow& of(std::string_view provider, std::string_view model, std::string_view call,
                 std::string_view customer);

  const std::array<AccountRow, kRows>& rows() const { return rows_; }

 private:
  AccountRow* find(const std::string& text, std::size_t most);

  std::array<AccountRow, kRows> rows_;
};

}  // namespace ryumem
