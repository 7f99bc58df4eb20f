#include "common/queue/keys.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

TEST(Keys, AreThoseThatThePeersKnow) {
  const Keys keys;
  EXPECT_EQ(keys.pending(), "ryumem:extraction_jobs");
  EXPECT_EQ(keys.processing(), "ryumem:extraction_processing");
  EXPECT_EQ(keys.job("3b7c"), "ryumem:job:3b7c");
  EXPECT_EQ(keys.result("3b7c"), "ryumem:result:3b7c");
}

TEST(Keys, OfOursLieBesideThem) {
  EXPECT_EQ(Keys().owners(), "ryumem:owners");
  EXPECT_EQ(Keys().job_prefix() + "3b7c", Keys().job("3b7c"));
}

TEST(Keys, TakeAnotherPrefix) {
  const Keys keys("test:");
  EXPECT_EQ(keys.pending(), "test:extraction_jobs");
  EXPECT_EQ(keys.processing(), "test:extraction_processing");
  EXPECT_EQ(keys.job("a"), "test:job:a");
  EXPECT_EQ(keys.owners(), "test:owners");
}

}  // namespace
}  // namespace ryumem
