#include "sandbox/graph_store.h"

#include <gtest/gtest.h>

#include <set>

#include "sandbox/graph_listing.h"

namespace ryumem::sandbox {
namespace {

Entity entity(const std::string& name, std::vector<float> vector) {
  Entity made;
  made.name = name;
  made.type = "PERSON";
  made.vector = std::move(vector);
  return made;
}

Relationship between(const std::string& source, const std::string& target,
                     std::vector<float> vector) {
  Relationship made;
  made.source = source;
  made.target = target;
  made.type = "KNOWS";
  made.fact = "they know each other";
  made.vector = std::move(vector);
  return made;
}

const GraphStore::Owner kUser{"acme", "user_1"};

TEST(SandboxGraphStore, MergesAnEntityWhoseVectorIsSimilarEnough) {
  GraphStore store(2);
  store.upsert_entity(kUser, entity("a", {1, 0}), 0.65);
  EXPECT_FALSE(store.upsert_entity(kUser, entity("b", {0.8F, 0.6F}), 0.79).second);
  EXPECT_TRUE(store.upsert_entity(kUser, entity("c", {-0.8F, 0.6F}), 0.65).second);
  EXPECT_EQ(store.graphs().at(kUser).entities.front().mentions, 2);
}

TEST(SandboxGraphStore, TakesTheMostSimilarOfSeveral) {
  GraphStore store(2);
  store.upsert_entity(kUser, entity("near", {1, 0}), 0.99);
  store.upsert_entity(kUser, entity("nearer", {0.8F, 0.6F}), 0.99);
  EXPECT_EQ(store.upsert_entity(kUser, entity("x", {0.6F, 0.8F}), 0.5).first.name, "nearer");
}

TEST(SandboxGraphStore, KeepsUsersAndCustomersApart) {
  GraphStore store(2);
  std::set<std::string> uuids;
  for (const auto& owner :
       {kUser, GraphStore::Owner{"acme", "user_2"}, GraphStore::Owner{"other", "user_1"}}) {
    const auto [kept, is_new] = store.upsert_entity(owner, entity("a", {1, 0}), 0.65);
    EXPECT_TRUE(is_new);
    uuids.insert(kept.uuid);
  }
  EXPECT_EQ(uuids.size(), 3U);
}

TEST(SandboxGraphStore, GivesUuidsThatAreDifferentAndShapedAsVersionFour) {
  GraphStore store(2);
  std::set<std::string> uuids;
  for (int i = 0; i < 200; ++i)
    uuids.insert(
        store.upsert_entity(kUser, entity("e", {1, static_cast<float>(i)}), 1.1).first.uuid);
  EXPECT_EQ(uuids.size(), 200U);
  for (const std::string& uuid : uuids) {
    EXPECT_EQ(uuid.size(), 36U) << uuid;
    EXPECT_EQ(uuid[14], '4') << uuid;
  }
}

TEST(SandboxGraphStore, RefusesVectorsOfAnotherLengthAndUnknownEnds) {
  GraphStore store(2);
  EXPECT_THROW(store.upsert_entity(kUser, entity("a", {1}), 0.65), UpsertError);
  EXPECT_THROW(store.upsert_relationship(kUser, between("x", "y", {1, 0}), 0.8), UpsertError);
}

TEST(SandboxGraphStore, MergesRelationshipsOnlyBetweenTheSameEnds) {
  GraphStore store(2);
  const std::string a = store.upsert_entity(kUser, entity("a", {1, 0}), 0.65).first.uuid;
  const std::string b = store.upsert_entity(kUser, entity("b", {0, 1}), 0.65).first.uuid;
  EXPECT_TRUE(store.upsert_relationship(kUser, between(a, b, {1, 0}), 0.8).second);
  EXPECT_FALSE(store.upsert_relationship(kUser, between(a, b, {0.95F, 0.1F}), 0.8).second);
  EXPECT_TRUE(store.upsert_relationship(kUser, between(a, b, {0, 1}), 0.8).second);
  EXPECT_TRUE(store.upsert_relationship(kUser, between(b, a, {1, 0}), 0.8).second);
}

TEST(SandboxGraphListing, LinesUpColumnsForWideAndCombiningCharacters) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("田中"), 4U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);  // e and a combining accent
  EXPECT_EQ(display_width("Ольга"), 5U);
  GraphStore store(2);
  const std::string a = store.upsert_entity(kUser, entity("田中", {1, 0}), 0.65).first.uuid;
  const std::string b = store.upsert_entity(kUser, entity("ольга", {0, 1}), 0.65).first.uuid;
  store.upsert_relationship(kUser, between(a, b, {1, 0}), 0.8);
  EXPECT_EQ(graph_text(store),
            "User user_1 of customer acme\n\n"
            "  ENTITY  TYPE    MENTIONS\n"
            "  田中    PERSON         1\n"
            "  ольга   PERSON         1\n\n"
            "  田中 -KNOWS-> ольга (x1)  \"they know each other\"\n\n"
            "0 episodes completed, 0 failed; 2 entities, 2 mentions, 1 relationships\n");
}

TEST(SandboxGraphListing, KeepsWhatWasSentOnOneLine) {
  GraphStore store(2);
  store.upsert_entity(kUser, entity("two\nlines", {1, 0}), 0.65);
  EXPECT_NE(graph_text(store).find("two lines"), std::string::npos);
}

}  // namespace
}  // namespace ryumem::sandbox
