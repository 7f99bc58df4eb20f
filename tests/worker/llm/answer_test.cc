#include "worker/llm/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/common/queue/failure_of.h"

namespace ryumem {
namespace {

using test::thrown_by;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// "name:TYPE" and "source-TYPE->destination: fact", as lines to compare.
std::vector<std::string> words(const Entities& entities) {
  std::vector<std::string> out;
  for (const Entity& entity : entities) out.push_back(entity.name + ":" + entity.type);
  return out;
}
std::vector<std::string> words(const Relationships& relationships) {
  std::vector<std::string> out;
  for (const Relationship& it : relationships)
    out.push_back(it.source + "-" + it.type + "->" + it.destination + ": " + it.fact);
  return out;
}

class Answer : public testing::Test {
 protected:
  std::vector<std::string> entities(const std::string& answer, const std::string& user = "user_1") {
    return words(read_entities(answer, user, dropped_));
  }
  std::vector<std::string> relationships(const std::string& answer) {
    const Entities known = {Entity("alice", "PERSON"), Entity("user_1", "PERSON"),
                            Entity("new_york", "LOCATION")};
    return words(read_relationships(answer, known, "User 1", dropped_));
  }
  std::uint64_t dropped(Dropped why) { return board_.slot(0).dropped[why].load(); }

 private:
  Scoreboard board_ = Scoreboard::create(1);
  CountBy<Dropped>& dropped_ = board_.slot(0).dropped;
};

using EntitiesAnswer = Answer;
using RelationshipsAnswer = Answer;

TEST_F(EntitiesAnswer, IsReadInItsOrderAndNormalised) {
  EXPECT_THAT(entities(R"({"entities": [{"entity": "Ada  Lovelace", "entity_type": "person"},
                                        {"entity": " ÅNGSTRÖM ", "entity_type": "Work of Art"},
                                        {"entity": "東京", "entity_type": "LOCATION"}]})"),
              ElementsAre("ada__lovelace:PERSON", "ångström:WORK_OF_ART", "東京:LOCATION"));
}

TEST_F(EntitiesAnswer, KeepsTheFirstOfEqualNames) {
  EXPECT_THAT(entities(R"({"entities": [{"entity": "Paris", "entity_type": "LOCATION"},
                                        {"entity": "bob", "entity_type": "PERSON"},
                                        {"entity": "PARIS", "entity_type": "PERSON"}]})"),
              ElementsAre("paris:LOCATION", "bob:PERSON"));
  EXPECT_EQ(dropped(Dropped::duplicate), 1u);
}

TEST_F(EntitiesAnswer, TakesTheFirstPersonForTheUser) {
  EXPECT_THAT(entities(R"({"entities": [{"entity": "I", "entity_type": "PERSON"},
                                        {"entity": "Me", "entity_type": "PERSON"},
                                        {"entity": "my", "entity_type": "PERSON"},
                                        {"entity": "Mia", "entity_type": "PERSON"}]})",
                       "User 1"),
              ElementsAre("user_1:PERSON", "mia:PERSON"));
}

TEST_F(EntitiesAnswer, MayHoldNothing) {
  EXPECT_THAT(entities(R"({"entities": []})"), IsEmpty());
  EXPECT_THAT(entities(R"(  {"entities": [], "more": 1} )"), IsEmpty());
}

TEST_F(EntitiesAnswer, LeavesOutAndCountsWhatIsNoEntity) {
  EXPECT_THAT(entities(R"({"entities": [{"entity": "bob", "entity_type": "PERSON", "age": 7},
                                        {"entity": "x"}, {"entity_type": "PERSON"},
                                        {"entity": 7, "entity_type": "PERSON"},
                                        {"entity": "  ", "entity_type": "PERSON"},
                                        {"entity": "y", "entity_type": null},
                                        "alice", null, ["z"]]})"),
              ElementsAre("bob:PERSON"));
  EXPECT_EQ(dropped(Dropped::malformed), 8u);
}

TEST_F(EntitiesAnswer, TreatsWhatLooksLikeCodeAsText) {
  EXPECT_THAT(entities(R"({"entities": [{"entity": "__import__(os).x", "entity_type": "[]*9"}]})"),
              ElementsAre("__import__(os).x:[]*9"));
}

const char* const kNoAnswers[] = {
    "",
    "   ",
    "null",
    "{}",
    "[]",
    "I could not find anything of note in this text.",
    "Here it is: {\"entities\": [], \"relationships\": []}",
    "```json\n{\"entities\": [], \"relationships\": []}\n```",
    "{\"entities\": [",
    "{'entities': [], 'relationships': []}",
    "{\"entities\": null, \"relationships\": null}",
    "{\"entities\": {}, \"relationships\": {}}",
    "{\"entities\": \"[]\", \"relationships\": \"[]\"}",
    "[{\"entity\": \"bob\", \"entity_type\": \"PERSON\"}]",
    "{\"entities\": [7], \"relationships\": [7]}",
    "{\"entities\": [{}, {}], \"relationships\": [{}, {}]}",
    "{\"type\":\"object\",\"properties\":{\"entities\":{\"type\":\"array\"}}}",
    "{\"entities\": []} {\"relationships\": []}",
    "{\"entities\": [\"\xff\"], \"relationships\": [\"\xff\"]}",
};

class NoAnswer : public Answer, public testing::WithParamInterface<const char*> {};

TEST_P(NoAnswer, IsABadAnswerAndNeverAnEmptyOne) {
  const auto for_entities = thrown_by([&] { entities(GetParam()); });
  EXPECT_EQ(for_entities.value_or(Failure(Kind::internal, "")).kind(), Kind::bad_answer);
  const auto for_relationships = thrown_by([&] { relationships(GetParam()); });
  EXPECT_EQ(for_relationships.value_or(Failure(Kind::internal, "")).kind(), Kind::bad_answer);
}

INSTANTIATE_TEST_SUITE_P(Table, NoAnswer, testing::ValuesIn(kNoAnswers));

TEST_F(EntitiesAnswer, SaysWhatItIsInsteadOfAList) {
  const auto failure = thrown_by([&] { entities(R"({"entities": "none"})"); });
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->what(), HasSubstr("no list \"entities\": it is a string"));
}

TEST_F(RelationshipsAnswer, IsReadInItsOrderAndNormalised) {
  EXPECT_THAT(relationships(R"({"relationships": [
          {"source": "ALICE", "relationship": "lives in", "destination": "New York",
           "fact": "  Alice lives in New York. "},
          {"source": "I", "relationship": "knows", "destination": "Alice", "fact": "Я знаю Alice"}
          ]})"),
              ElementsAre("alice-LIVES_IN->new_york: Alice lives in New York.",
                          "user_1-KNOWS->alice: Я знаю Alice"));
}

TEST_F(RelationshipsAnswer, LeavesOutAndCountsUnknownEnds) {
  EXPECT_THAT(relationships(R"({"relationships": [
          {"source": "alice", "relationship": "knows", "destination": "eve", "fact": "f"},
          {"source": "eve", "relationship": "knows", "destination": "alice", "fact": "f"}]})"),
              IsEmpty());
  EXPECT_EQ(dropped(Dropped::unknown_end), 2u);
  EXPECT_EQ(dropped(Dropped::malformed), 0u);
}

TEST_F(RelationshipsAnswer, LeavesOutAndCountsWhatLacksAField) {
  EXPECT_THAT(relationships(R"({"relationships": [
          {"source": "alice", "relationship": "likes", "destination": "alice", "fact": "f"},
          {"source": "alice", "relationship": "knows", "destination": "alice"},
          {"source": "alice", "relationship": "", "destination": "alice", "fact": "f"},
          {"source": "alice", "relationship": "knows", "destination": null, "fact": "f"},
          {"relationship": "knows", "destination": "alice", "fact": "f"}]})"),
              ElementsAre("alice-LIKES->alice: f"));
  EXPECT_EQ(dropped(Dropped::malformed), 4u);
}

TEST_F(RelationshipsAnswer, MayHoldNothing) {
  EXPECT_THAT(relationships(R"({"relationships": []})"), IsEmpty());
}

TEST(NormalName, IsPythonsLowerWithBlanksAsUnderscores) {
  EXPECT_EQ(normal_name("Ada Lovelace"), "ada_lovelace");
  EXPECT_EQ(normal_name("a  b"), "a__b");
  EXPECT_EQ(normal_name("ÉCOLE Straße İ"), "école_straße_i\u0307");
  EXPECT_EQ(normal_name("ΟΔΟΣ"), "οδος");
  EXPECT_EQ(normal_name("a\tb"), "a\tb");
}

TEST(NormalType, IsPythonsUpperWithBlanksAsUnderscores) {
  EXPECT_EQ(normal_type("works at"), "WORKS_AT");
  EXPECT_EQ(normal_type("straße"), "STRASSE");
}

}  // namespace
}  // namespace ryumem
