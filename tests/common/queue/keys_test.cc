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
  EXPECT_EQ(Keys().leases(), "ryumem:leases");
  EXPECT_EQ(Keys().delayed(), "ryumem:delayed");
  EXPECT_EQ(Keys().dead(), "ryumem:dead");
  EXPECT_EQ(Keys().untold(), "ryumem:untold");
  EXPECT_EQ(Keys().strangers(), "ryumem:strangers");
  EXPECT_EQ(Keys().parked(), "ryumem:parked");
  EXPECT_EQ(Keys().spend("2026-11-25"), "ryumem:spend:2026-11-25");
  EXPECT_EQ(Keys().found("manner:m"), "ryumem:found:manner:m");
  EXPECT_EQ(Keys().lane("chat:x"), "ryumem:lane:chat:x");
  EXPECT_EQ(Keys().journal("3b7c"), "ryumem:journal:3b7c");
  EXPECT_EQ(Keys().letter("3b7c"), "ryumem:dead:3b7c");
  EXPECT_EQ(Keys().job_prefix() + "3b7c", Keys().job("3b7c"));
}

TEST(Keys, TakeAnotherPrefix) {
  const Keys keys("test:");
  EXPECT_EQ(keys.pending(), "test:extraction_jobs");
  EXPECT_EQ(keys.processing(), "test:extraction_processing");
  EXPECT_EQ(keys.job("a"), "test:job:a");
  EXPECT_EQ(keys.owners(), "test:owners");
}

TEST(Keys, OfAScriptLieInOneSlotOfAClusterIfThePrefixHasATag) {
  const Keys keys("{ryumem}:");
  for (const std::string& key : keys.of_scripts()) EXPECT_EQ(key.rfind("{ryumem}:", 0), 0u) << key;
  for (const std::string& key : keys.prefixes()) EXPECT_EQ(key.rfind("{ryumem}:", 0), 0u) << key;
}

}  // namespace
}  // namespace ryumem
