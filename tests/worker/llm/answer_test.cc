#include "worker/llm/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/json_build.h"
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
    const Author author("I was with Alice in New York.", user);
    return words(read_entities(answer, author, board_.slot(0)));
  }
  std::vector<std::string> relationships(const std::string& answer) {
    const Author author("I was with Alice in New York.", "User 1");
    const Entities known = {Entity("alice", "PERSON"), Entity("user_1", "PERSON"),
                            Entity("new_york", "LOCATION")};
    return words(
        read_relationships(answer, KnownEnds(known, author.name, author.voice), board_.slot(0)));
  }
  std::uint64_t dropped(Dropped why) { return board_.slot(0).dropped[why].load(); }
  // The repairs that were counted, in the order of the enumeration.
  std::vector<std::string> repairs() {
    std::vector<std::string> found;
    for (int i = 0; i < static_cast<int>(Repair::count); ++i)
      if (board_.slot(0).repairs[static_cast<Repair>(i)].load() > 0)
        found.emplace_back(name(static_cast<Repair>(i)));
    return found;
  }

 private:
  Scoreboard board_ = Scoreboard::create(1);
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
                                        null, true, ["z"]]})"),
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
    "7",
    "\"none\"",
    "I could not find anything of note in this text.",
    "Nothing [1] was found {really}.",
    "{\"entities\": null, \"relationships\": null}",
    "{\"entities\": {}, \"relationships\": {}}",
    "{\"entities\": \"none\", \"relationships\": \"none\"}",
    "{\"entities\": [7], \"relationships\": [7]}",
    "{\"entities\": [{}, {}], \"relationships\": [{}, {}]}",
    "{\"result\": []}",
    "{\"type\":\"object\",\"properties\":{\"entities\":{\"type\":\"array\"}}}",
    "{\"$defs\":{},\"properties\":{\"entities\":{\"type\":\"array\"}}}",
    "{\"entities\":{\"type\":\"array\",\"items\":{}},\"relationships\":{\"type\":\"array\","
    "\"items\":{}}}",
    "{\"entities\": [1 2], \"relationships\": [1 2]}",
    "{\"entities\": [{\"entity\": \"a \"b\" c\"}], \"relationships\": [{\"source\": \"a \"b\" "
    "c\"}]}",
    "__import__('os').system('true')",
};

class NoAnswer : public Answer, public testing::WithParamInterface<const char*> {};

TEST_P(NoAnswer, IsABadAnswerAndNeverAnEmptyOne) {
  const auto for_entities = thrown_by([&] { entities(GetParam()); });
  EXPECT_EQ(for_entities.value_or(Failure(Kind::internal, "")).kind(), Kind::bad_answer);
  const auto for_relationships = thrown_by([&] { relationships(GetParam()); });
  EXPECT_EQ(for_relationships.value_or(Failure(Kind::internal, "")).kind(), Kind::bad_answer);
}

INSTANTIATE_TEST_SUITE_P(Table, NoAnswer, testing::ValuesIn(kNoAnswers));

const char* const kUnfinished[] = {
    "{\"entities\": [",
    "{\"entities\": [], \"relationships\": [",
    "{\"entities\": [{\"entity\": \"Alice\", \"entity_type\": \"PERSON\"}, {\"entity\": \"Bo",
    "{\"relationships\": [], \"entities\": [{\"entity\": \"Alice\", \"entity_type\": \"PERSON\"}   "
    "   \n\n  ",
    "```json\n{\"entities\": [{\"entity\": \"Al",
    "<think>First I look for names. There is Alice, and",
    "{\"entities\": []} {\"relationships\": [{",
};

class UnfinishedAnswer : public Answer, public testing::WithParamInterface<const char*> {};

TEST_P(UnfinishedAnswer, IsNeverFinishedByGuess) {
  const auto for_entities = thrown_by([&] { entities(GetParam()); });
  EXPECT_EQ(for_entities.value_or(Failure(Kind::internal, "")).kind(), Kind::too_long);
  const auto for_relationships = thrown_by([&] { relationships(GetParam()); });
  EXPECT_EQ(for_relationships.value_or(Failure(Kind::internal, "")).kind(), Kind::too_long);
}

INSTANTIATE_TEST_SUITE_P(Table, UnfinishedAnswer, testing::ValuesIn(kUnfinished));

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
          {"source": "alice", "relationship": "likes", "destination": "new_york", "fact": "f"},
          {"source": "alice", "relationship": "knows", "destination": "user_1"},
          {"source": "alice", "relationship": "", "destination": "user_1", "fact": "f"},
          {"source": "alice", "relationship": "knows", "destination": null, "fact": "f"},
          {"relationship": "knows", "destination": "alice", "fact": "f"}]})"),
              ElementsAre("alice-LIKES->new_york: f"));
  EXPECT_EQ(dropped(Dropped::malformed), 4u);
}

TEST_F(RelationshipsAnswer, MayHoldNothing) {
  EXPECT_THAT(relationships(R"({"relationships": []})"), IsEmpty());
}

TEST_F(RelationshipsAnswer, LeavesOutWhatIsSaidOfOneThingAndItselfAndWhatIsSaidTwice) {
  EXPECT_THAT(relationships(R"({"relationships": [
          {"source": "Alice", "relationship": "likes", "destination": "the alice", "fact": "f"},
          {"source": "I", "relationship": "am", "destination": "user_1", "fact": "f"},
          {"source": "I", "relationship": "know", "destination": "Alice", "fact": "f"},
          {"source": "me", "relationship": "know", "destination": "alice", "fact": "f"},
          {"source": "she", "relationship": "know", "destination": "alice", "fact": "f"}]})"),
              ElementsAre("user_1-KNOW->alice: f"));
  EXPECT_EQ(dropped(Dropped::self_edge), 2u);
  EXPECT_EQ(dropped(Dropped::duplicate), 1u);
  EXPECT_EQ(dropped(Dropped::pronoun), 1u);
}

// The families of answers that models give, each with what is made of it.
struct Family {
  const char* name;
  const char* answer;
  std::vector<std::string> entities;
  std::vector<std::string> repairs;
};

const Family kFamilies[] = {
    {"as_asked",
     R"({"entities":[{"entity":"Alice","entity_type":"PERSON"}]})",
     {"alice:PERSON"},
     {}},
    {"nothing", R"({"entities":[]})", {}, {}},
    {"bare_array",
     R"([{"entity":"Alice","entity_type":"PERSON"},{"entity":"Bob","entity_type":"PERSON"}])",
     {"alice:PERSON", "bob:PERSON"},
     {"bare_list"}},
    {"bare_array_of_nothing", "[]", {}, {"bare_list"}},
    {"one_object_for_array",
     R"({"entities":{"entity":"Alice","entity_type":"PERSON"}})",
     {"alice:PERSON"},
     {"single_item"}},
    {"one_object",
     R"({"entity":"Alice","entity_type":"PERSON"})",
     {"alice:PERSON"},
     {"single_item"}},
    {"strings",
     R"j({"entities":["Alice","New York (City)"]})j",
     {"alice:ENTITY", "new_york:CITY"},
     {"text_item"}},
    {"columns", R"({"entities":[["Alice","Person"]]})", {"alice:PERSON"}, {"text_item"}},
    {"other_names",
     R"({"Entities":[{"name":"Alice","type":"PERSON"},{"Entity-Name":"Bob","category":"PERSON"}]})",
     {"alice:PERSON", "bob:PERSON"},
     {"synonym"}},
    {"one_without_a_field",
     R"({"entities":[{"entity":"Alice","entity_type":"PERSON"},{"entity":"Bob"}]})",
     {"alice:PERSON"},
     {}},
    {"two_calls",
     R"({"entities":[{"entity":"Alice","entity_type":"PERSON"}]}
{"entities":[{"entity":"Bob","entity_type":"PERSON"}]})",
     {"alice:PERSON", "bob:PERSON"},
     {"several"}},
    {"a_call_for_each_question", R"({"entities":[]} {"relationships":[]})", {}, {"several"}},
    {"thoughts",
     "<think>Is {\"entities\":[\"Eve\"]} right? No.</think>\n"
     R"({"entities":[{"entity":"Alice","entity_type":"PERSON"}]})",
     {"alice:PERSON"},
     {"thoughts"}},
    {"thoughts_without_beginning",
     "Hm, {a} or {b}.</think>"
     R"({"entities":[{"entity":"Alice","entity_type":"PERSON"}]})",
     {"alice:PERSON"},
     {"thoughts"}},
    {"thoughts_as_text",
     R"({"entities":[{"entity":"the </think> tag","entity_type":"CONCEPT"}]})",
     {"the_</think>_tag:CONCEPT"},
     {}},
    {"fence",
     "```json\n{\"entities\":[{\"entity\":\"Alice\",\"entity_type\":\"PERSON\"}]}\n```",
     {"alice:PERSON"},
     {"fence"}},
    {"fence_in_prose",
     "Here {you} "
     "are:\n```\n{\"entities\":[{\"entity\":\"Alice\",\"entity_type\":\"PERSON\"}]}\n```\nBye!",
     {"alice:PERSON"},
     {"fence"}},
    {"two_fences",
     "```json\n{\"entities\":[\"Alice\"]}\n```\nand\n```json\n{\"entities\":[\"Bob\"]}\n```",
     {"alice:ENTITY", "bob:ENTITY"},
     {"fence", "several", "text_item"}},
    {"prose",
     "Sure [1]! It's {this}: {\"entities\":[{\"entity\":\"Alice\",\"entity_type\":\"PERSON\"}]} "
     "Okay?",
     {"alice:PERSON"},
     {"prose"}},
    {"lines",
     "{\"entity\":\"Alice\",\"entity_type\":\"PERSON\"}\n{\"entity\":\"Bob\",\"entity_type\":"
     "\"PERSON\"}\n",
     {"alice:PERSON", "bob:PERSON"},
     {"several", "bare_list"}},
    {"wrapped",
     R"({"result":{"entities":[{"entity":"Alice","entity_type":"PERSON"}]}})",
     {"alice:PERSON"},
     {"wrapped"}},
    {"wrapped_items",
     R"({"data":[{"entity":"Alice","entity_type":"PERSON"}]})",
     {"alice:PERSON"},
     {"wrapped", "bare_list"}},
    {"arguments",
     R"({"function":"save","arguments":{"entities":[{"entity":"Alice","entity_type":"PERSON"}]}})",
     {"alice:PERSON"},
     {"wrapped"}},
    {"arguments_as_string",
     R"({"function":"save","arguments":"{\"entities\":[{\"entity\":\"Alice\",\"entity_type\":\"PERSON\"}]}"})",
     {"alice:PERSON"},
     {"wrapped", "encoded"}},
    {"encoded",
     R"("{\"entities\":[{\"entity\":\"Alice\",\"entity_type\":\"PERSON\"}]}")",
     {"alice:PERSON"},
     {"wrapped", "encoded"}},
    {"encoded_list",
     R"({"entities":"[{\"entity\":\"Alice\",\"entity_type\":\"PERSON\"}]"})",
     {"alice:PERSON"},
     {"encoded"}},
    {"schema_filled_in",
     R"({"type":"object","properties":{"entities":[{"entity":"Alice","entity_type":"PERSON"}]}})",
     {"alice:PERSON"},
     {"wrapped"}},
    {"python",
     R"({'entities': [{'entity': "O'Neil", 'entity_type': 'PERSON', 'sure': True, 'age': None}]})",
     {"o'neil:PERSON"},
     {"literal"}},
    {"bare_keys",
     R"({entities: [{entity: "Alice", entity_type: "PERSON", p: NaN}]})",
     {"alice:PERSON"},
     {"literal"}},
    {"commas",
     R"({"entities":[{"entity":"Alice","entity_type":"PERSON",},{"entity":"Bob","entity_type":"PERSON"},],})",
     {"alice:PERSON", "bob:PERSON"},
     {"comma"}},
    {"no_comma_between_objects",
     R"({"entities":[{"entity":"Alice","entity_type":"PERSON"} {"entity":"Bob","entity_type":"PERSON"}]})",
     {"alice:PERSON", "bob:PERSON"},
     {"comma"}},
    {"comments",
     "{\"entities\":[ // people\n{\"entity\":\"http://a/b#c\", /* a site */ "
     "\"entity_type\":\"SITE\"}]}",
     {"http://a/b#c:SITE"},
     {"comment"}},
    {"newline_in_a_string",
     "{\"entities\":[{\"entity\":\"Al\nice\",\"entity_type\":\"PERSON\"}]}",
     {"al\nice:PERSON"},
     {"characters"}},
    {"escapes_of_python",
     R"({'entities':[{'entity':'O\'N\xe9il','entity_type':'PERSON'}]})",
     {"o'néil:PERSON"},
     {"literal", "characters"}},
    {"a_path",
     R"({"entities":[{"entity":"C:\data","entity_type":"PATH"}]})",
     {"c:\\data:PATH"},
     {"characters"}},
    {"half_a_pair",
     R"({"entities":[{"entity":"a\ud800b","entity_type":"X"}]})",
     {"a\uFFFDb:X"},
     {"characters"}},
    {"not_utf8",
     "{\"entities\":[{\"entity\":\"a\xff\",\"entity_type\":\"X\"}]}",
     {"a\uFFFD:X"},
     {"characters"}},
    {"byte_order_mark",
     "\xEF\xBB\xBF{\"entities\":[{\"entity\":\"Alice\",\"entity_type\":\"PERSON\"}]}",
     {"alice:PERSON"},
     {}},
    {"pronouns",
     R"({"entities":[{"entity":"she","entity_type":"PERSON"},{"entity":"It","entity_type":"THING"},
         {"entity":"IT","entity_type":"FIELD"},{"entity":"my","entity_type":"PERSON"}]})",
     {"it:FIELD", "user_1:PERSON"},
     {}},
};

class AnswerFamily : public Answer, public testing::WithParamInterface<Family> {};

TEST_P(AnswerFamily, IsReadAsFarAsItIsGood) {
  EXPECT_EQ(entities(GetParam().answer), GetParam().entities);
  EXPECT_EQ(repairs(), GetParam().repairs);
}

INSTANTIATE_TEST_SUITE_P(Table, AnswerFamily, testing::ValuesIn(kFamilies),
                         [](const auto& each) { return each.param.name; });

TEST_F(RelationshipsAnswer, IsUnderstoodInTheWordsOfOthers) {
  EXPECT_THAT(relationships(R"([{"subject":"Alice","predicate":"lives in","object":"NEW YORK",
                                 "sentence":"f"},
                                {"source":{"entity":"I"},"relation_type":"knows","target":"alice",
                                 "description":"g"},
                                ["alice","likes","new_york","h"]])"),
              ElementsAre("alice-LIVES_IN->new_york: f", "user_1-KNOWS->alice: g",
                          "alice-LIKES->new_york: h"));
}

TEST_F(EntitiesAnswer, TakesTheSameEntityHundredsOfTimesForOne) {
  std::string answer = R"({"entities":[)";
  for (int i = 0; i < 500; ++i) answer += R"({"entity":"Alice","entity_type":"PERSON"},)";
  EXPECT_THAT(entities(answer + "]}"), ElementsAre("alice:PERSON"));
  EXPECT_EQ(dropped(Dropped::duplicate), 499u);
}

TEST_F(EntitiesAnswer, OfThousandsOfTheSameIsAskedForInParts) {
  std::string answer = R"({"entities":[)";
  for (int i = 0; i < 5001; ++i) answer += R"({"entity":"Alice","entity_type":"PERSON"},)";
  const auto failure = thrown_by([&] { entities(answer + "]}"); });
  EXPECT_EQ(failure.value_or(Failure(Kind::internal, "")).kind(), Kind::too_long);
  EXPECT_EQ(dropped(Dropped::duplicate), 0u);
}

TEST_F(EntitiesAnswer, IsNotLookedForInHundredsOfStrings) {
  std::string answer = "{";
  for (int i = 0; i < 100; ++i) answer += "\"k" + std::to_string(i) + "\":\"{}\",";
  const auto failure = thrown_by([&] { entities(answer + "\"end\":1}"); });
  EXPECT_EQ(failure.value_or(Failure(Kind::internal, "")).kind(), Kind::bad_answer);
  EXPECT_THAT(failure.value_or(Failure(Kind::internal, "")).what(),
              testing::HasSubstr("64 strings"));
}

TEST_F(EntitiesAnswer, OfTooManyIsAskedForInParts) {
  std::string answer = R"({"entities":[)";
  for (int i = 0; i < 1001; ++i)
    answer += (i > 0 ? "," : "") + ("\"name" + std::to_string(i) + "\"");
  const auto failure = thrown_by([&] { entities(answer + "]}"); });
  EXPECT_EQ(failure.value_or(Failure(Kind::internal, "")).kind(), Kind::too_long);
}

TEST_F(EntitiesAnswer, CutsNamesOnlyBetweenCharacters) {
  const std::string family = "\U0001F468\u200D\U0001F469\u200D\U0001F467";
  std::string name;
  for (int i = 0; i < 250; ++i) name += family;
  const std::vector<std::string> found =
      entities(R"({"entities":[{"entity":")" + name + R"(","entity_type":"X"}]})");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0], name.substr(0, 200 * family.size()) + ":X");
  EXPECT_THAT(repairs(), ElementsAre("shortened"));
}

TEST_F(EntitiesAnswer, OfEndlessDepthIsBadAndHarmless) {
  const std::string deep(100'000, '[');
  EXPECT_TRUE(thrown_by([&] { entities(deep); }));
  EXPECT_TRUE(thrown_by([&] { entities("x" + deep); }));
  std::string objects;
  for (int i = 0; i < 20'000; ++i) objects += "{\"a\":";
  EXPECT_TRUE(thrown_by([&] { entities(objects); }));
  std::string strings = R"({"entities":[]})";
  for (int i = 0; i < 12; ++i) {
    const std::string list = JsonBuilder::array().push_string(strings).print();
    strings = list.substr(1, list.size() - 2);
  }
  EXPECT_TRUE(thrown_by([&] { entities(strings); }));
}

}  // namespace
}  // namespace ryumem
