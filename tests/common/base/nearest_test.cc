#include "common/base/nearest.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

const std::vector<std::string> kWords = {"workers", "concurrency", "lease", "log-level", "listen"};

TEST(Nearest, FindsWhatWasMeantByASlip) {
  EXPECT_EQ(nearest("wrokers", kWords), "workers");
  EXPECT_EQ(nearest("worker", kWords), "workers");
  EXPECT_EQ(nearest("concurency", kWords), "concurrency");
  EXPECT_EQ(nearest("loglevel", kWords), "log-level");
  EXPECT_EQ(nearest("leese", kWords), "lease");
}

TEST(Nearest, FindsNothingWhereNothingIsNear) {
  EXPECT_EQ(nearest("frobnicate", kWords), "");
  EXPECT_EQ(nearest("", kWords), "");
  EXPECT_EQ(nearest("x", kWords), "");
  EXPECT_EQ(nearest(std::string(10'000, 'w'), kWords), "");
}

TEST(Nearest, IsPutAsAQuestion) {
  EXPECT_EQ(did_you_mean("lisen", kWords, "--"), "; did you mean --listen?");
  EXPECT_EQ(did_you_mean("frobnicate", kWords), "");
}

}  // namespace
}  // namespace ryumem
