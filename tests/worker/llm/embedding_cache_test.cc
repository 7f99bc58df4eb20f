#include "worker/llm/embedding_cache.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

VectorText vector_of(std::size_t bytes) { return std::make_shared<const std::string>(bytes, '1'); }

TEST(EmbeddingCache, GivesTheVectorItWasGiven) {
  EmbeddingCache cache(100'000);
  const VectorText vector = vector_of(10);
  cache.keep("alice (PERSON)", vector);
  EXPECT_EQ(cache.find("alice (PERSON)"), vector);
  EXPECT_EQ(cache.find("alice"), nullptr);
}

TEST(EmbeddingCache, StaysWithinItsMemoryWhateverComes) {
  EmbeddingCache cache(100'000);
  for (int i = 0; i < 10'000; ++i) {
    cache.keep("text " + std::to_string(i), vector_of(static_cast<std::size_t>(i % 5000)));
    ASSERT_LE(cache.bytes(), 100'000u);
  }
  EXPECT_GT(cache.size(), 10u);
  EXPECT_NE(cache.find("text 9999"), nullptr);
  EXPECT_EQ(cache.find("text 0"), nullptr);
}

TEST(EmbeddingCache, LetsGoFirstOfWhatWasUsedLongestAgo) {
  EmbeddingCache cache(3 * 10'000);
  cache.keep("a", vector_of(9'000));
  cache.keep("b", vector_of(9'000));
  cache.keep("c", vector_of(9'000));
  EXPECT_NE(cache.find("a"), nullptr);
  cache.keep("d", vector_of(9'000));
  EXPECT_NE(cache.find("a"), nullptr);
  EXPECT_EQ(cache.find("b"), nullptr);
  EXPECT_NE(cache.find("c"), nullptr);
  EXPECT_NE(cache.find("d"), nullptr);
}

TEST(EmbeddingCache, CountsATextOnceHoweverOftenItIsKept) {
  EmbeddingCache cache(100'000);
  cache.keep("a", vector_of(100));
  const std::size_t bytes = cache.bytes();
  cache.keep("a", vector_of(100));
  EXPECT_EQ(cache.bytes(), bytes);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(EmbeddingCache, KeepsNothingThatIsLargerThanAllOfIt) {
  EmbeddingCache cache(1'000);
  cache.keep("small", vector_of(100));
  cache.keep("large", vector_of(2'000));
  EXPECT_EQ(cache.find("large"), nullptr);
  EXPECT_NE(cache.find("small"), nullptr);
}

TEST(EmbeddingCache, OfNoMemoryKeepsNothing) {
  EmbeddingCache cache(0);
  cache.keep("a", vector_of(1));
  EXPECT_EQ(cache.find("a"), nullptr);
  EXPECT_EQ(cache.size(), 0u);
}

}  // namespace
}  // namespace ryumem
