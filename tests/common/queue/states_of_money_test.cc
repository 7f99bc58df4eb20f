// Cases of states_test.cc: jobs that wait because what may be spent in a day is spent. And the
// day's book itself.
#include <ctime>

#include "common/base/text.h"
#include "common/queue/lua_source.h"
#include "common/queue/spend_book.h"
#include "tests/common/queue/states.h"
#include "tests/support/eventually.h"

namespace ryumem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr NanoUsd kDollar = 1'000'000'000;

Job body_of_a() { return parse_job("a", peer_body("a"), 3); }

Spend spend_of(NanoUsd nanos, std::int64_t tokens_in = 10, std::int64_t tokens_out = 1) {
  Spend spend;
  spend.calls = 1;
  spend.tokens_in = tokens_in;
  spend.tokens_out = tokens_out;
  spend.nano_usd = nanos;
  return spend;
}

Caps caps_of_customers(NanoUsd usd) {
  Caps caps;
  caps.customer_usd = usd;
  return caps;
}

std::string today(RedisServer& server) {
  const std::time_t now = std::atoll(server.ask({"TIME"}).c_str());
  char text[16];
  std::strftime(text, sizeof(text), "%Y-%m-%d", std::gmtime(&now));
  return text;
}

// The customer of job a has spent five dollars; gives the line of the book.
Task<std::string> spend_five(QueueBench& bench) {
  Spending spending;
  spending["acme"] = spend_of(5 * kDollar);
  co_await bench.queue.spend("w", 1, spending, bench.cancel);
  const std::string key = "ryumem:spend:" + today(bench.server);
  const std::string left = bench.server.ask({"TTL", key});
  EXPECT_GT(std::atoi(left.c_str()), 86400 * 35);
  // What is not of interest here.
  bench.server.ask({"PERSIST", key});
  co_return key + " hash {all=1 10 1 5000000000 0,of:acme=1 10 1 5000000000 0,written:w=1}";
}

constexpr const char* kParkedJournal =
    "ryumem:journal:a hash {entities=[1],parked=customer acme may spend 4.50 USD a day, and 5.00 "
    "are "
    "spent,payer=acme}";
constexpr const char* kUncapped = "ryumem:journal:a hash {entities=[1],uncapped=1} for a day";

Task<Parking> park(QueueBench& bench, Caps caps) {
  co_return co_await bench.queue.park_if_capped(body_of_a(), "w:1:1", caps, bench.cancel);
}

Task<Lines> parked(QueueBench& bench) {
  co_await hold(bench);
  const std::string book = co_await spend_five(bench);
  const Parking parking = co_await park(bench, caps_of_customers(kDollar * 9 / 2));
  EXPECT_EQ(parking, Parking::parked);
  const Lines lines = {job_line("a", "pending", 0, ""), kParkedJournal,
                       "ryumem:parked zset {a now}", book};
  EXPECT_EQ(bench.state(), lines);
  co_return lines;
}

Task<> parks(QueueBench& bench) { co_await parked(bench); }

// Another owner; enough left; and an operator has let it go on.
Task<> does_not_park(QueueBench& bench) {
  Lines before = co_await held_by_another(bench);
  const std::string book = co_await spend_five(bench);
  before.push_back(book);
  Parking parking = co_await park(bench, caps_of_customers(kDollar));
  EXPECT_EQ(parking, Parking::not_ours);
  EXPECT_EQ(bench.state(), before);
  bench.server.ask({"HSET", "ryumem:owners", "a", "w:1:1"});
  before = held();
  before.push_back(book);
  Caps enough = caps_of_customers(6 * kDollar);
  enough.all_usd = 6 * kDollar;
  enough.all_tokens = enough.customer_tokens = 12;
  parking = co_await park(bench, enough);
  EXPECT_EQ(parking, Parking::go_on);
  EXPECT_EQ(bench.state(), before);
  bench.server.ask({"HSET", "ryumem:journal:a", "uncapped", "1"});
  parking = co_await park(bench, caps_of_customers(1));
  EXPECT_EQ(parking, Parking::go_on);
}

Task<> unparks(QueueBench& bench) {
  const Lines lines = co_await parked(bench);
  produce(bench.server, "b");
  const std::int64_t went =
      co_await bench.queue.unpark(caps_of_customers(6 * kDollar), bench.cancel);
  EXPECT_EQ(went, 1);
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:extraction_jobs list [a,b]", job_line("a", "pending", 0, kDay),
                          job_line("b", "pending", 0, kDay), kJournal, lines.back()));
}

Task<> does_not_unpark(QueueBench& bench) {
  const Lines lines = co_await parked(bench);
  const std::int64_t went =
      co_await bench.queue.unpark(caps_of_customers(5 * kDollar), bench.cancel);
  EXPECT_EQ(went, 0);
  EXPECT_EQ(bench.state(), lines);
}

Task<> resumes(QueueBench& bench) {
  const Lines lines = co_await parked(bench);
  produce(bench.server, "b");
  const bool done = co_await bench.queue.resume("a", bench.cancel);
  EXPECT_TRUE(done);
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:extraction_jobs list [b,a]", job_line("a", "pending", 0, kDay),
                          job_line("b", "pending", 0, kDay), kUncapped, lines.back()));
}

Task<> does_not_resume(QueueBench& bench) {
  co_await hold(bench);
  const bool done = co_await bench.queue.resume("a", bench.cancel);
  EXPECT_FALSE(done);
  EXPECT_EQ(bench.state(), held());
}

[[maybe_unused]] const bool kAdded =
    add_transitions({{"park", "park_if_capped", parks, does_not_park},
                     {"unpark", "unpark", unparks, does_not_unpark},
                     {"let_go_on", "resume", resumes, does_not_resume}});

TEST(Parking, LooksAtEachCap) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await hold(bench);
    co_await spend_five(bench);
    Spending others;
    others["other"] = spend_of(kDollar, 1000, 0);
    co_await bench.queue.spend("w", 2, others, bench.cancel);
    const std::pair<std::int64_t Caps::*, std::int64_t> reached[] = {
        {&Caps::all_usd, 6 * kDollar},
        {&Caps::customer_usd, 5 * kDollar},
        {&Caps::all_tokens, 1011},
        {&Caps::customer_tokens, 11}};
    std::vector<std::string> reasons;
    for (const auto& [cap, value] : reached) {
      Caps caps;
      caps.*cap = value + 1;
      Parking parking = co_await park(bench, caps);
      EXPECT_EQ(parking, Parking::go_on);
      caps.*cap = value;
      parking = co_await park(bench, caps);
      EXPECT_EQ(parking, Parking::parked);
      reasons.push_back(bench.server.ask({"HGET", "ryumem:journal:a", "parked"}));
      // Back into our hands, as it was.
      co_await bench.queue.unpark(Caps(), bench.cancel);
      bench.server.ask(
          {"LMOVE", "ryumem:extraction_jobs", "ryumem:extraction_processing", "RIGHT", "LEFT"});
      bench.server.ask({"HSET", "ryumem:owners", "a", "w:1:1"});
    }
    EXPECT_THAT(reasons, ElementsAre("all customers may spend 6.00 USD a day, and 6.00 are spent",
                                     "customer acme may spend 5.00 USD a day, and 5.00 are spent",
                                     "all customers may use 1011 tokens a day, and 1011 are used",
                                     "customer acme may use 11 tokens a day, and 11 are used"));
  });
}

TEST(Parking, EndsWhenTheDayTurns) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await parked(bench);
    // As if what was spent had been spent yesterday.
    const std::string book = "ryumem:spend:" + today(bench.server);
    bench.server.ask({"RENAME", book, "ryumem:spend:2001-01-01"});
    const std::int64_t went = co_await bench.queue.unpark(caps_of_customers(1), bench.cancel);
    EXPECT_EQ(went, 1);
    EXPECT_EQ(bench.server.ask({"LRANGE", "ryumem:extraction_jobs", "0", "-1"}), "a");
  });
}

TEST(Parking, OfManyJobsEndsInTheirOrderForThoseWhoMayGoOn) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await spend_five(bench);
    std::string last;
    for (int i = 0; i < 1200; ++i) {
      last = "j" + std::to_string(i);
      bench.server.ask({"ZADD", "ryumem:parked", std::to_string(1000 + i), last});
      bench.server.ask({"HSET", "ryumem:journal:" + last, "payer", i % 2 == 0 ? "acme" : "poor"});
    }
    const std::int64_t went = co_await bench.queue.unpark(caps_of_customers(kDollar), bench.cancel);
    EXPECT_EQ(went, 600);
    EXPECT_EQ(bench.server.ask({"ZCARD", "ryumem:parked"}), "600");
    EXPECT_EQ(bench.server.ask({"LINDEX", "ryumem:extraction_jobs", "-1"}), "j1");
    EXPECT_EQ(bench.server.ask({"LINDEX", "ryumem:extraction_jobs", "0"}), "j1199");
  });
}

TEST(TheDaysBook, CountsAPortionOnceHoweverOftenItComes) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Spending spending;
    spending["acme"] = spend_of(7);
    for (const bool is_new : {true, false, false}) {
      const bool written = co_await bench.queue.spend("w", 1, spending, bench.cancel);
      EXPECT_EQ(written, is_new);
    }
    co_await bench.queue.spend("other", 1, spending, bench.cancel);
    co_await bench.queue.spend("w", 2, spending, bench.cancel);
    const SpentToday spent = co_await bench.queue.spent_today(bench.cancel);
    EXPECT_EQ(spent.day, today(bench.server));
    EXPECT_EQ(spent.all.calls, 3);
    EXPECT_EQ(spent.all.nano_usd, 21);
    EXPECT_EQ(spent.all.tokens_in, 30);
    EXPECT_EQ(spent.all.tokens_out, 3);
  });
}

TEST(TheDaysBook, DoesNotTakeAPortionThatIsInYesterdays) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::time_t then = std::atoll(bench.server.ask({"TIME"}).c_str()) - 86400;
    char yesterday[16];
    std::strftime(yesterday, sizeof(yesterday), "%Y-%m-%d", std::gmtime(&then));
    bench.server.ask({"HSET", std::string("ryumem:spend:") + yesterday, "written:w", "4"});
    Spending spending;
    spending["acme"] = spend_of(7);
    const bool again = co_await bench.queue.spend("w", 4, spending, bench.cancel);
    EXPECT_FALSE(again);
    const bool next = co_await bench.queue.spend("w", 5, spending, bench.cancel);
    EXPECT_TRUE(next);
  });
}

TEST(TheDaysBook, NamesThoseWhoSpentMost) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    SpentToday spent = co_await bench.queue.spent_today(bench.cancel);
    EXPECT_EQ(spent.all.calls, 0);
    EXPECT_THAT(spent.customers, IsEmpty());
    Spending spending;
    for (int i = 0; i < 100; ++i) spending["c" + std::to_string(i)] = spend_of(i);
    co_await bench.queue.spend("w", 1, spending, bench.cancel);
    spent = co_await bench.queue.spent_today(bench.cancel);
    EXPECT_EQ(spent.customers.size(), static_cast<std::size_t>(kTopCustomers));
    EXPECT_EQ(spent.customers.at(0).first, "c99");
    EXPECT_EQ(spent.customers.at(0).second.nano_usd, 99);
    EXPECT_EQ(spent.others, 80);
    EXPECT_EQ(spent.all.calls, 100);
    EXPECT_EQ(spent.all.nano_usd, 4950);
  });
}

// The days of a span that has leap days and centuries, as the C library has them.
TEST(TheDaysBook, HasTheNameOfTheDay) {
  RedisServer server;
  std::string source(lua_source("prelude"));
  source +=
      "local out = {} for i = OWN + 1, #ARGV do out[#out + 1] = day_of(tonumber(ARGV[i])) end "
      "return out";
  std::vector<std::string> command = {"EVAL", source, "0", "", "", "", "", ""};
  std::vector<std::string> wanted;
  for (std::time_t at = 0; at < 86400LL * 365 * 140; at += 86400 * 13 + 86399) {
    char text[16];
    std::strftime(text, sizeof(text), "%Y-%m-%d", std::gmtime(&at));
    wanted.emplace_back(text);
    command.push_back(std::to_string(at * 1000));
  }
  EXPECT_EQ(split(server.ask(command), '\n'), wanted);
}

TEST(SpendBook, WritesWhatCameTogetherOnceRedisIsThere) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    SpendBook book(bench.queue, "w1");
    Cancel ended;
    Scope scope;
    scope.spawn(book.keep(ended));
    book.add("acme", spend_of(5));
    book.add("", spend_of(2));
    book.add("acme", spend_of(6));
    const std::string key = "ryumem:spend:" + today(bench.server);
    const std::function<bool()> written = [&] {
      return bench.server.ask({"HGET", key, "of:acme"}) == "2 20 2 11 0";
    };
    co_await eventually("it is written", Seconds(20), written);
    EXPECT_EQ(bench.server.ask({"HGET", key, "of:none"}), "1 10 1 2 0");
    book.add("acme", spend_of(1));
    ended.request(Failure(Kind::stopping, "the end"));
    co_await scope.join();
    co_await book.close(bench.cancel);
    EXPECT_EQ(bench.server.ask({"HGET", key, "of:acme"}), "3 30 3 12 0");
    EXPECT_EQ(bench.server.ask({"HGET", key, "all"}), "4 40 4 14 0");
  });
}

}  // namespace
}  // namespace ryumem::test
