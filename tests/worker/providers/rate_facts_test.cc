#include "worker/providers/rate_facts.h"

#include <gtest/gtest.h>

#include "worker/providers/provider.h"

namespace ryumem {
namespace {

TEST(RateFacts, AreReadFromTheHeadersOfTheOpenAiKind) {
  HttpReply reply;
  reply.status = 200;
  reply.headers = {{"x-ratelimit-limit-requests", "500"},   {"x-ratelimit-remaining-requests", "0"},
                   {"x-ratelimit-reset-requests", "120ms"}, {"x-ratelimit-limit-tokens", "200000"},
                   {"x-ratelimit-remaining-tokens", "-7"},  {"x-ratelimit-reset-tokens", "6m0s"}};
  const RateFacts facts = kOpenAi.rate_facts(reply);
  EXPECT_EQ(facts.requests.limit, 500);
  EXPECT_EQ(facts.requests.remaining, 0);
  EXPECT_EQ(facts.requests.reset, Millis(120));
  EXPECT_EQ(facts.tokens.limit, 200'000);
  EXPECT_EQ(facts.tokens.remaining, -7);
  EXPECT_EQ(facts.tokens.reset, Millis(360'000));
  EXPECT_EQ(facts.retry_after, std::nullopt);
}

TEST(RateFacts, AreReadFromTheUpstreamsHeadersWhereTheProxyHasNone) {
  HttpReply reply;
  reply.status = 200;
  reply.headers = {{"llm_provider-x-ratelimit-limit-tokens", "9"},
                   {"llm_provider-x-ratelimit-limit-requests", "8"},
                   {"x-ratelimit-limit-requests", "7"}};
  const RateFacts facts = kLiteLlm.rate_facts(reply);
  EXPECT_EQ(facts.tokens.limit, 9);
  EXPECT_EQ(facts.requests.limit, 7);
}

TEST(RateFacts, LeaveOutWhatCannotBeRead) {
  HttpReply reply;
  reply.status = 200;
  reply.headers = {{"x-ratelimit-limit-requests", "many"},
                   {"x-ratelimit-remaining-requests", "1.5"},
                   {"x-ratelimit-reset-requests", "2026-11-25T10:00:00Z"},
                   {"x-ratelimit-limit-tokens", "99999999999999999999"}};
  const RateFacts facts = kGemini.rate_facts(reply);
  EXPECT_FALSE(facts.requests.limit);
  EXPECT_FALSE(facts.requests.remaining);
  EXPECT_FALSE(facts.requests.reset);
  EXPECT_FALSE(facts.tokens.limit);
}

TEST(RateFacts, ReadDurationsAsPeopleAndGoWriteThem) {
  EXPECT_EQ(parse_duration("34.07s"), Millis(34'070));
  EXPECT_EQ(parse_duration("900ms"), Millis(900));
  EXPECT_EQ(parse_duration("1h2m3s"), Millis(3'723'000));
  EXPECT_EQ(parse_duration("6m0s"), Millis(360'000));
  EXPECT_EQ(parse_duration(" 20 "), Millis(20'000));
  EXPECT_EQ(parse_duration("0.5"), Millis(500));
  EXPECT_EQ(parse_duration("20 seconds"), Millis(20'000));
  EXPECT_EQ(parse_duration("0"), Millis(0));
  // A part of a millisecond is waited for as a whole one.
  EXPECT_EQ(parse_duration("0.0001s"), Millis(1));
  for (const char* bad :
       {"", "s", "-1", "-1s", "1 fortnight", "1e9", "nan", "inf", "99999999999", "5x", "1s later"})
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
}

TEST(RateFacts, FindTheWaitThatAMessageNames) {
  EXPECT_EQ(wait_by_message("Please retry in 34.07s."), Millis(34'070));
  EXPECT_EQ(wait_by_message("Please try again in 6m0s. Visit us."), Millis(360'000));
  EXPECT_EQ(wait_by_message("TRY AGAIN IN 547MS"), Millis(547));
  EXPECT_EQ(wait_by_message("Please retry after 20 seconds."), Millis(20'000));
  EXPECT_EQ(wait_by_message("try again in a while"), std::nullopt);
  EXPECT_EQ(wait_by_message("try again later"), std::nullopt);
  EXPECT_EQ(wait_by_message("try again in 20"), std::nullopt);
  EXPECT_EQ(wait_by_message(""), std::nullopt);
}

}  // namespace
}  // namespace ryumem
