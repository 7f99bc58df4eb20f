#include "sandbox/vectors.h"

#include <gtest/gtest.h>

#include <cmath>

#include "common/base/json.h"

namespace ryumem::sandbox {
namespace {

float similarity(const char* one, const char* other) {
  return dot(hashed_vector(one, 768), hashed_vector(other, 768));
}

TEST(SandboxVectors, AreTheSameForTheSameText) {
  EXPECT_EQ(hashed_vector("alice (PERSON)", 768), hashed_vector("alice (PERSON)", 768));
  EXPECT_NEAR(similarity("Alice met Bob.", "alice met bob"), 1, 1e-5);
}

TEST(SandboxVectors, HaveLengthOneInAnyDimension) {
  for (const std::size_t dimensions : {1U, 4U, 256U, 3072U})
    for (const char* text : {"alice", "", "!?", "田中さん"}) {
      const std::vector<float> vector = hashed_vector(text, dimensions);
      ASSERT_EQ(vector.size(), dimensions);
      EXPECT_NEAR(dot(vector, vector), 1, 1e-5) << text;
    }
}

TEST(SandboxVectors, OfDifferentNamesStayBelowTheServersThreshold) {
  const char* names[] = {"alice (PERSON)",
                         "alice_smith (PERSON)",
                         "alicia (PERSON)",
                         "bob (PERSON)",
                         "paris (LOCATION)",
                         "new_york (LOCATION)",
                         "new_york_city (LOCATION)",
                         "田中 (PERSON)",
                         "山田 (PERSON)",
                         "иван (PERSON)",
                         "ивана (PERSON)"};
  for (const char* one : names)
    for (const char* other : names) {
      if (one == other) continue;
      EXPECT_LT(similarity(one, other), 0.65F) << one << " and " << other;
    }
}

TEST(SandboxVectors, OfSimilarNamesAreMoreSimilarThanOfOthers) {
  EXPECT_GT(similarity("alice (PERSON)", "alice smith (PERSON)"), 0.2F);
  EXPECT_GT(similarity("alice (PERSON)", "alice smith (PERSON)"),
            similarity("alice (PERSON)", "munich (LOCATION)") + 0.1F);
}

TEST(SandboxVectors, PrintAsJsonNumbers) {
  const std::vector<float> vector = hashed_vector("alice", 16);
  const JsonDocument document = JsonDocument::parse(vector_text(vector));
  const std::vector<JsonValue> items = document.root().items();
  ASSERT_EQ(items.size(), 16U);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_NEAR(*items[i].number(), vector[i], 1e-5);
}

}  // namespace
}  // namespace ryumem::sandbox
