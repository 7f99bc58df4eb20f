#include "common/base/failure.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace ryumem {
namespace {

template <class Thrown>
Failure caught(const Thrown& thrown) {
  try {
    throw thrown;
  } catch (...) {
    return current_failure();
  }
}

TEST(Failure, SaysItsKindInOneWord) {
  EXPECT_EQ(name(Kind::transient), "transient");
  EXPECT_EQ(name(Kind::bad_answer), "bad_answer");
  EXPECT_EQ(name(Kind::lease_lost), "lease_lost");
  EXPECT_EQ(name(Kind::internal), "internal");
}

TEST(Failure, PutsThePlaceInFrontAndKeepsTheRest) {
  const Failure failure =
      Failure(Kind::outage, "no such model").with_retry_after(std::chrono::milliseconds(1500));
  const Failure placed = failure.at("ollama");
  EXPECT_STREQ(placed.what(), "ollama: no such model");
  EXPECT_EQ(placed.kind(), Kind::outage);
  EXPECT_EQ(placed.retry_after(), std::chrono::milliseconds(1500));
  EXPECT_STREQ(failure.what(), "no such model");
}

TEST(Failure, InFlightKeepsItsKind) {
  EXPECT_EQ(caught(Failure(Kind::gone, "x")).kind(), Kind::gone);
}

TEST(Failure, MakesAnyOtherExceptionABugOfOurs) {
  const Failure known = caught(std::runtime_error("boom"));
  EXPECT_EQ(known.kind(), Kind::internal);
  EXPECT_STREQ(known.what(), "unexpected error: boom");
  EXPECT_EQ(caught(42).kind(), Kind::internal);
}

}  // namespace
}  // namespace ryumem
