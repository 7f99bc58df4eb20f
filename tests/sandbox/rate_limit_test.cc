#include "sandbox/rate_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sandbox/sandbox_fixture.h"

namespace ryumem::sandbox::test {
namespace {

using testing::HasSubstr;
using testing::Not;

RateLimits limits(int requests, int tokens, bool sliding) {
  RateLimits out;
  out.requests = requests;
  out.tokens = tokens;
  out.sliding = sliding;
  return out;
}

struct Clock {
  Monotonic::time_point now = Monotonic::now();
  Monotonic::time_point after(double seconds) {
    now += std::chrono::duration_cast<Monotonic::duration>(std::chrono::duration<double>(seconds));
    return now;
  }
};

TEST(RateLimiter, AllowsSoManyRequestsInAnyMinute) {
  RateLimiter limiter(limits(2, 0, true));
  Clock clock;
  EXPECT_TRUE(limiter.rule("a", 1, clock.now).allowed);
  EXPECT_TRUE(limiter.rule("a", 1, clock.after(20)).allowed);
  const RateLimiter::Ruling refused = limiter.rule("a", 1, clock.after(10));
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.wait, Millis(30'000));
  EXPECT_EQ(refused.headers.at("x-ratelimit-limit-requests"), "2");
  EXPECT_EQ(refused.headers.at("x-ratelimit-remaining-requests"), "0");
  EXPECT_TRUE(limiter.rule("a", 1, clock.after(30.001)).allowed);
  EXPECT_FALSE(limiter.rule("a", 1, clock.after(1)).allowed);
}

TEST(RateLimiter, AllowsSoManyTokensInAnyMinute) {
  RateLimiter limiter(limits(0, 100, true));
  Clock clock;
  EXPECT_TRUE(limiter.rule("a", 60, clock.now).allowed);
  EXPECT_TRUE(limiter.rule("a", 30, clock.after(10)).allowed);
  const RateLimiter::Ruling refused = limiter.rule("a", 20, clock.after(10));
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.wait, Millis(40'000));
  EXPECT_TRUE(limiter.rule("a", 10, clock.now).allowed);
}

TEST(RateLimiter, OfABucketRefillsAllTheTime) {
  RateLimiter limiter(limits(60, 0, false));
  Clock clock;
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(limiter.rule("a", 1, clock.now).allowed) << i;
  EXPECT_FALSE(limiter.rule("a", 1, clock.after(0.5)).allowed);
  EXPECT_TRUE(limiter.rule("a", 1, clock.after(0.501)).allowed);
  EXPECT_FALSE(limiter.rule("a", 1, clock.after(0.1)).allowed);
}

TEST(RateLimiter, CountsEachCallerByItself) {
  RateLimiter limiter(limits(1, 0, true));
  Clock clock;
  EXPECT_TRUE(limiter.rule("a", 1, clock.now).allowed);
  EXPECT_TRUE(limiter.rule("b", 1, clock.now).allowed);
  EXPECT_FALSE(limiter.rule("a", 1, clock.now).allowed);
  EXPECT_THAT(limiter.json(), HasSubstr(R"("a":{"allowed":1,"allowed_tokens":1,"refused":1})"));
  limiter.clear_figures();
  EXPECT_THAT(limiter.json(), HasSubstr(R"("a":{"allowed":0,"allowed_tokens":0,"refused":0})"));
  EXPECT_FALSE(limiter.rule("a", 1, clock.now).allowed);
}

TEST(RateLimiter, TakesTheTokensThatAnAnswerNames) {
  HttpQuery query;
  query.body = "12345678";
  EXPECT_EQ(tokens_taken(query, HttpAnswer(200, R"({"prompt_eval_count":7,"eval_count":5})")), 12);
  EXPECT_EQ(tokens_taken(query, HttpAnswer(200, R"({"usage":{"total_tokens":9}})")), 9);
  EXPECT_EQ(tokens_taken(query, HttpAnswer(200, "{}")), 2);
}

constexpr const char* kQuestion =
    R"({"model":"m","stream":false,"messages":[{"role":"user","content":"I met Anna."}]})";

Options limited(bool told) {
  Options options;
  options.rates.requests = 1;
  options.rates.told = told;
  return options;
}

TEST(RateLimiter, RefusesWithA429ThatSaysHowLongToWait) {
  with_sandbox(
      [](Client& client) -> Task<> {
        const Response first = co_await client.post("/api/chat", kQuestion);
        EXPECT_EQ(first.status, 200);
        EXPECT_THAT(first.head, HasSubstr("x-ratelimit-remaining-requests: 0"));
        const Response second = co_await client.post("/api/chat", kQuestion);
        EXPECT_EQ(second.status, 429);
        EXPECT_THAT(second.head, HasSubstr("Retry-After: "));
        EXPECT_THAT(second.body, HasSubstr("\"error\":"));
        const Response tags = co_await client.get("/api/tags");
        EXPECT_EQ(tags.status, 200);
        const Response figures = co_await client.get("/sandbox/rates");
        EXPECT_THAT(figures.body, HasSubstr("\"allowed\":1"));
      },
      limited(true));
}

TEST(RateLimiter, SaysNothingOfRatesIfItIsToldSo) {
  with_sandbox(
      [](Client& client) -> Task<> {
        co_await client.post("/api/chat", kQuestion);
        const Response refused = co_await client.post("/api/chat", kQuestion);
        EXPECT_EQ(refused.status, 429);
        EXPECT_THAT(refused.head, Not(HasSubstr("ratelimit")));
        EXPECT_THAT(refused.head, Not(HasSubstr("Retry-After")));
      },
      limited(false));
}

TEST(RateLimiter, IsSetOnTheCommandLine) {
  const Options options = parse_options({"--requests-per-minute", "60", "--tokens-per-minute=9000",
                                         "--rate-window", "bucket", "--rate-hints", "none"});
  EXPECT_EQ(options.rates.requests, 60);
  EXPECT_EQ(options.rates.tokens, 9000);
  EXPECT_FALSE(options.rates.sliding);
  EXPECT_FALSE(options.rates.told);
  EXPECT_THROW(parse_options({"--rate-window", "wide"}), Failure);
  EXPECT_THROW(parse_options({"--rate-hints", "some"}), Failure);
}

}  // namespace
}  // namespace ryumem::sandbox::test
