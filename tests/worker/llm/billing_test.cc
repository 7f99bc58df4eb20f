// What a job costs, in the accounts of the scoreboard and in the day's book.
#include "worker/llm/billing.h"

#include "tests/worker/line.h"

namespace ryumem {
namespace {

using test::Bench;
using test::episode_job;
using test::failure_of;
using test::Line;
using test::with_line;

// A bench's models, accounted for at a dollar a million tokens in and two out.
struct Books {
  Prices prices;
  SpendBook book;
  Billing billing;

  Books(Bench& bench, Line& line, const char* table = "ollama * 1 2")
      : prices(Prices::parse(table, "table")),
        book(line.hand.queue, "w"),
        billing(bench.settings, prices, bench.board.accounts(), book) {
    bench.model.account_to(billing);
    bench.embedder.account_to(billing);
  }
};

const AccountRow* row_of(Bench& bench, const std::string& call, const std::string& customer) {
  for (const AccountRow& row : bench.board.accounts().rows())
    if (row.named() && row.name().call == call && row.name().customer == customer) return &row;
  return nullptr;
}

std::uint64_t refusals_of(const AccountRow& row) {
  std::uint64_t sum = 0;
  for (const auto& refusals : row.refusals()) sum += refusals.count.load();
  return sum;
}

TEST(Billing, PutsEveryCallOfAJobDownToItsCustomer) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    Books books(bench, line);
    line.put(episode_job("a"));
    co_await line.hand.run_one();
    co_await books.book.close(bench.cancel);
    const SpentToday spent = co_await line.hand.queue.spent_today(bench.cancel);
    EXPECT_EQ(spent.all.calls, 4) << "two questions, two requests for vectors";
    EXPECT_EQ(spent.customers.size(), 1u);
    EXPECT_EQ(spent.customers.at(0).first, "acme");
    EXPECT_EQ(static_cast<std::uint64_t>(spent.all.tokens_in), bench.slot().tokens_in.load());
    EXPECT_EQ(static_cast<std::uint64_t>(spent.all.tokens_out), bench.slot().tokens_out.load());
    EXPECT_EQ(spent.all.nano_usd, spent.all.tokens_in * 1000 + spent.all.tokens_out * 2000);
    EXPECT_GT(spent.all.nano_usd, 0);
    EXPECT_EQ(spent.all.unpriced, 0);
    const AccountRow* chat = row_of(bench, "chat", "acme");
    const AccountRow* embed = row_of(bench, "embed", "acme");
    EXPECT_TRUE(chat != nullptr && embed != nullptr);
    if (chat == nullptr || embed == nullptr) co_return;
    EXPECT_EQ(chat->calls.load(), 2u);
    EXPECT_EQ(embed->calls.load(), 2u);
    EXPECT_EQ(chat->tokens_in.load() + embed->tokens_in.load(), bench.slot().tokens_in.load());
    EXPECT_EQ(chat->nano_usd.load() + embed->nano_usd.load(),
              static_cast<std::uint64_t>(spent.all.nano_usd));
  });
}

TEST(Billing, SaysOfAModelWithoutAPriceThatItsCostIsUnknown) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    Books books(bench, line, "openai * 1 2");
    line.put(episode_job("a"));
    co_await line.hand.run_one();
    co_await books.book.close(bench.cancel);
    const SpentToday spent = co_await line.hand.queue.spent_today(bench.cancel);
    EXPECT_EQ(spent.all.calls, 4);
    EXPECT_EQ(spent.all.unpriced, 4);
    EXPECT_EQ(spent.all.nano_usd, 0);
    const AccountRow* chat = row_of(bench, "chat", "acme");
    EXPECT_TRUE(chat != nullptr && chat->unpriced.load() == 2);
  });
}

TEST(Billing, CountsRefusalsAndBillsNothingForThem) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    Books books(bench, line);
    co_await bench.inject(R"({"face":"model","status":429})");
    line.put(episode_job("a"));
    co_await line.hand.run_one();
    const std::vector<std::string> texts = {"a"};
    co_await failure_of(bench.embedder.embed("poor", texts, bench.cancel));
    const AccountRow* chat = row_of(bench, "chat", "acme");
    const AccountRow* embed = row_of(bench, "embed", "poor");
    EXPECT_TRUE(chat != nullptr && embed != nullptr);
    if (chat == nullptr || embed == nullptr) co_return;
    EXPECT_EQ(refusals_of(*chat), 1u);
    EXPECT_EQ(chat->calls.load(), 0u);
    EXPECT_EQ(chat->nano_usd.load(), 0u);
    EXPECT_EQ(refusals_of(*embed), 1u);
  });
}

Task<> embed_for(Bench& bench, std::string customer, std::vector<std::string> texts) {
  co_await bench.embedder.embed(std::move(customer), texts, bench.cancel);
}

TEST(Billing, DividesASharedRequestByTheLengthOfTheTexts) {
  with_line(
      [](Bench& bench, Line& line) -> Task<> {
        Books books(bench, line);
        Scope scope;
        scope.spawn(embed_for(bench, "large", {std::string(899, 'x'), "both"}));
        scope.spawn(embed_for(bench, "small", {std::string(99, 'y'), "both"}));
        co_await scope.join();
        const AccountRow* large = row_of(bench, "embed", "large");
        const AccountRow* small = row_of(bench, "embed", "small");
        EXPECT_TRUE(large != nullptr && small != nullptr);
        if (large == nullptr || small == nullptr) co_return;
        const std::vector<JsonDocument> calls = co_await bench.calls("/api/embed");
        EXPECT_EQ(calls.size(), 1u);
        EXPECT_EQ(large->calls.load(), 1u);
        EXPECT_EQ(small->calls.load(), 1u);
        const std::uint64_t all = bench.slot().tokens_in.load();
        EXPECT_EQ(large->tokens_in.load() + small->tokens_in.load(), all);
        EXPECT_GE(large->tokens_in.load() * 10, all * 8);
      },
      {{"RYUMEM_WORKER_EMBEDDING_BATCH_WAIT_MS", "200"}});
}

TEST(Billing, IsNotNeededForACall) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    line.put(episode_job("a"));
    co_await line.hand.run_one();
    EXPECT_EQ(line.places("a"), "nowhere");
    for (const AccountRow& row : bench.board.accounts().rows()) EXPECT_FALSE(row.named());
  });
}

}  // namespace
}  // namespace ryumem
