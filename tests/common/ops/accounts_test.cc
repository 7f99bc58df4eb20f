#include "common/ops/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "common/ops/scoreboard.h"

namespace ryumem {
namespace {

std::map<std::string, std::uint64_t> calls_by_customer(const AccountTable& table) {
  std::map<std::string, std::uint64_t> found;
  for (const AccountRow& row : table.rows())
    if (row.named()) found[row.name().customer] += row.calls.load();
  return found;
}

TEST(Accounts, HaveARowForEachCustomerModelAndCall) {
  Scoreboard board = Scoreboard::create(1);
  AccountTable& table = board.accounts();
  AccountRow& row = table.of("openai", "gpt-6-luna", "chat", "acme");
  EXPECT_EQ(&table.of("openai", "gpt-6-luna", "chat", "acme"), &row);
  EXPECT_NE(&table.of("openai", "gpt-6-luna", "chat", "other co"), &row);
  EXPECT_NE(&table.of("openai", "gpt-6-luna", "embed", "acme"), &row);
  EXPECT_NE(&table.of("openai", "gpt-4o", "chat", "acme"), &row);
  EXPECT_EQ(row.name().provider, "openai");
  EXPECT_EQ(row.name().model, "gpt-6-luna");
  EXPECT_EQ(row.name().call, "chat");
  EXPECT_EQ(row.name().customer, "acme");
}

TEST(Accounts, CallACustomerWithoutANameNone) {
  Scoreboard board = Scoreboard::create(1);
  EXPECT_EQ(board.accounts().of("p", "m", "chat", "").name().customer, "none");
}

TEST(Accounts, PutCustomersTogetherWhenRowsRunOutAndLoseNothing) {
  Scoreboard board = Scoreboard::create(1);
  AccountTable& table = board.accounts();
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 1000; ++i)
      AccountRow::add(table.of("p", "m", "chat", "customer " + std::to_string(i)).calls, 1);
  const std::map<std::string, std::uint64_t> calls = calls_by_customer(table);
  EXPECT_EQ(calls.size(), AccountTable::kRows - AccountTable::kForOthers + 1);
  EXPECT_EQ(calls.at("customer 0"), 2u);
  std::uint64_t sum = 0;
  for (const auto& [customer, count] : calls) sum += count;
  EXPECT_EQ(sum, 2000u);
  EXPECT_EQ(calls.at("other"), 2000u - 2 * (AccountTable::kRows - AccountTable::kForOthers));
}

TEST(Accounts, StillHaveRowsForModelsThatComeLate) {
  Scoreboard board = Scoreboard::create(1);
  AccountTable& table = board.accounts();
  for (int i = 0; i < 1000; ++i) table.of("p", "m", "chat", std::to_string(i));
  const AccountRow& row = table.of("p", "new model", "chat", "acme");
  EXPECT_EQ(row.name().model, "new model");
  EXPECT_EQ(row.name().customer, "other");
  for (int i = 0; i < 1000; ++i) table.of("p", "model " + std::to_string(i), "chat", "acme");
  EXPECT_EQ(table.of("p", "the last", "chat", "acme").name().model, "other");
}

TEST(Accounts, KeepHostileNamesShortAndInOnePiece) {
  Scoreboard board = Scoreboard::create(1);
  const AccountRow& row =
      board.accounts().of("p", "m\n\n\nx", "chat", std::string(5000, '\n') + "y");
  EXPECT_EQ(row.name().provider, "p");
  EXPECT_EQ(row.name().call, "chat");
  EXPECT_LE(row.name().customer.size(), 100u);
}

TEST(Accounts, AreWrittenByManyProcessesAtOnceAndSurviveThem) {
  constexpr int kProcesses = 4;
  constexpr int kCalls = 20'000;
  Scoreboard board = Scoreboard::create(kProcesses);
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      AccountTable& table = board.accounts();
      for (int n = 0; n < kCalls; ++n)
        AccountRow::add(table.of("p", "m", "chat", "customer " + std::to_string(n % 50)).calls, 1);
      _exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) waitpid(child, nullptr, 0);
  const std::map<std::string, std::uint64_t> calls = calls_by_customer(board.accounts());
  EXPECT_EQ(calls.size(), 50u) << "each customer has one row, whoever came first";
  for (const auto& [customer, count] : calls)
    EXPECT_EQ(count, kProcesses * kCalls / 50u) << customer;
}

}  // namespace
}  // namespace ryumem
