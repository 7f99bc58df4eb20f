#include "common/base/json_slice.h"

#include <gtest/gtest.h>

#include "common/base/failure.h"
#include "common/base/json.h"

namespace ryumem {
namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

std::string done(std::string_view text) { return with_members(text, {{"status", "\"done\""}}); }

void expect_no_object(std::string_view text) {
  try {
    const std::string result = done(text);
    ADD_FAILURE() << "edited " << text.substr(0, 60) << " into " << result.substr(0, 80);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), Kind::bad_answer);
  }
}

TEST(WithMembers, ReplacesAMemberAndKeepsEveryOtherByte) {
  EXPECT_EQ(done(" {\"a\" : 1.50 ,\n\t\"status\" :  \"pending\"  , \"é\":\"\\u00e9\\/\" } \n"),
            " {\"a\" : 1.50 ,\n\t\"status\" :  \"done\"  , \"é\":\"\\u00e9\\/\" } \n");
}

TEST(WithMembers, ReplacesValuesOfEveryType) {
  for (const char* value : {"null", "true", "false", "0", "-1.5e+7", "\"\"", "\"a}\\\"{,]\"", "[]",
                            "{}", "[1, [2, \"]\"], {\"status\": 3}]", "{\"status\": {\"x\": [1]}}"})
    for (const char* blank : {"", " ", "\n  "}) {
      const auto object = [&](const std::string& status) {
        return std::string("{\"a\":1,\"status\":") + blank + status + blank + ",\"b\":2}";
      };
      EXPECT_EQ(done(object(value)), object("\"done\""));
    }
}

TEST(WithMembers, ReplacesTheFirstAndTheLastMember) {
  EXPECT_EQ(done(R"({"status":1,"a":2})"), R"({"status":"done","a":2})");
  EXPECT_EQ(done(R"({"a":2,"status":[1]})"), R"({"a":2,"status":"done"})");
  EXPECT_EQ(done(R"({"status":1})"), R"({"status":"done"})");
}

TEST(WithMembers, SetsSeveralWhateverTheirOrder) {
  const Members members = {{"b", "22"}, {"a", "11"}, {"c", "33"}};
  EXPECT_EQ(with_members(R"({"a":1,"x":0,"b":2})", members), R"({"a":11,"x":0,"b":22, "c": 33})");
}

TEST(WithMembers, ReplacesEveryOneOfEqualMembers) {
  EXPECT_EQ(done(R"({"status":1,"a":2,"status":3})"), R"({"status":"done","a":2,"status":"done"})");
}

TEST(WithMembers, LeavesNestedMembersOfTheSameNameAlone) {
  EXPECT_EQ(done(R"({"a":{"status":1},"b":[{"status":2}],"c":"\"status\":3","status":4})"),
            R"({"a":{"status":1},"b":[{"status":2}],"c":"\"status\":3","status":"done"})");
}

TEST(WithMembers, KnowsAMemberWhoseNameIsEscaped) {
  EXPECT_EQ(done(R"({"st\u0061tus":1})"), R"({"st\u0061tus":"done"})");
}

TEST(WithMembers, IsNotStoppedByNul) {
  EXPECT_EQ(done(R"({"a":"\u0000","a\u0000":"x","status":1})"),
            R"({"a":"\u0000","a\u0000":"x","status":"done"})");
}

TEST(WithMembers, AddsWhatIsMissing) {
  EXPECT_EQ(done(R"({"a":1})"), R"({"a":1, "status": "done"})");
  EXPECT_EQ(done("{\"a\":\"}\" }\n"), "{\"a\":\"}\" , \"status\": \"done\"}\n");
  EXPECT_EQ(done("{}"), R"({"status": "done"})");
  EXPECT_EQ(done(" { } "), " { \"status\": \"done\"} ");
  EXPECT_EQ(with_members("{}", {{"a", "1"}, {"b", "2"}}), R"({"a": 1, "b": 2})");
}

TEST(WithMembers, WithoutMembersChangesNothing) {
  EXPECT_EQ(with_members(R"({"a":1})", {}), R"({"a":1})");
}

TEST(WithMembers, RefusesWhatIsNoObject) {
  for (const char* text :
       {"", " ", "[]", "[{\"status\":1}]", "1", "null", "\"{}\"", "{", "{\"a\"",
        "{\"a\":", "{\"a\":1", "{\"a\":{\"b\":1}", "{\"a\":[1}", "garbage", "{\"a\":\"open}"})
    expect_no_object(text);
}

TEST(WithMembers, SurvivesEndlessNesting) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  // Either is right: what is in a member that we do not touch is not ours to judge.
  try {
    EXPECT_EQ(done("{\"x\":" + deep + ",\"status\":1}"),
              "{\"x\":" + deep + ",\"status\":\"done\"}");
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), Kind::bad_answer);
  }
  expect_no_object("{\"x\":" + std::string(10'000, '[') + "}");
  expect_no_object(std::string(1'000'000, '{'));
}

TEST(WithMembers, GivesAnObjectOfAnySize) {
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string filler(size, 'x');
    EXPECT_EQ(done("{\"f\":\"" + filler + "\",\"status\":1}"),
              "{\"f\":\"" + filler + "\",\"status\":\"done\"}");
  }
}

struct ArrayCase {
  const char* text;
  int length;  // -1: refused
};

// Every case is tried behind 0 to 40 more numbers, so that what decides stands at each place of a
// block of sixteen characters, and in the rest that is read one by one.
TEST(NumberArray, TakesPlainNumbersOnlyWhereverTheyStand) {
  const ArrayCase cases[] = {{"1", 1},
                             {"1,2", 2},
                             {"-1.5e-7, 2E+10", 2},
                             {" 1 ,\n2\t,\r3 ", 3},
                             {"0.0,0.0,0.0", 3},
                             {"null", -1},
                             {"NaN", -1},
                             {"1,NaN", -1},
                             {"Infinity", -1},
                             {"-Infinity", -1},
                             {"\"1\"", -1},
                             {"[1]", -1},
                             {"1],[2", -1},
                             {"{}", -1},
                             {"true", -1},
                             {"1/2", -1},
                             {"1:2", -1},
                             {"0x10", -1},
                             {"1;2", -1},
                             {"1*2", -1},
                             {"1_000", -1},
                             {"\xC2\xA0", -1},
                             {"\xFF", -1},
                             {"1\f2", -1},
                             {"1\x0B"
                              "2",
                              -1},
                             {"d", -1},
                             {"f", -1},
                             {"D", -1},
                             {"F", -1},
                             {"%", -1},
                             {"\x85", -1},
                             {"(1)", -1}};
  for (const ArrayCase& one : cases)
    for (int before = 0; before <= 40; ++before) {
      std::string text = "[";
      for (int i = 0; i < before; ++i) text += "7,";
      text += std::string(one.text) + "]";
      const std::optional<NumberArray> array = number_array(text);
      ASSERT_EQ(array.has_value(), one.length >= 0) << text;
      if (!array) continue;
      EXPECT_EQ(array->text, text);
      EXPECT_EQ(array->length, static_cast<std::size_t>(before + one.length)) << text;
    }
}

TEST(NumberArray, RefusesEachByteThatIsNoPartOfANumber) {
  const std::string_view allowed = "0123456789+-.,eE \n\r\t";
  for (int byte = 0; byte < 256; ++byte)
    for (const std::size_t place : {0U, 5U, 15U, 16U, 31U, 35U}) {
      std::string inner(36, '1');
      inner[place] = static_cast<char>(byte);
      const bool expected = allowed.find(static_cast<char>(byte)) != std::string_view::npos;
      EXPECT_EQ(number_array("[" + inner + "]").has_value(), expected) << byte << " at " << place;
    }
}

TEST(NumberArray, CountsNothingInAnEmptyArray) {
  for (const char* text : {"[]", "[ ]", " [\n] ", "[                                  ]"}) {
    const std::optional<NumberArray> array = number_array(text);
    ASSERT_TRUE(array) << text;
    EXPECT_EQ(array->length, 0U) << text;
  }
}

TEST(NumberArray, WantsItsBrackets) {
  for (const char* text : {"", "[", "]", "1,2", "[1", "1]", "{1}", "[1] 2"})
    EXPECT_FALSE(number_array(text)) << text;
}

std::vector<std::string> texts(std::string document, std::string_view array,
                               std::string_view item) {
  std::vector<std::string> out;
  for (const NumberArray& found : number_arrays(document, array, item)) {
    EXPECT_GE(found.text.data(), document.data());
    EXPECT_LE(found.text.data() + found.text.size(), document.data() + document.size());
    out.emplace_back(found.text);
  }
  return out;
}

void expect_no_arrays(const std::string& document, std::string_view item) {
  try {
    texts(document, "v", item);
    ADD_FAILURE() << "was taken for arrays: " << document;
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), Kind::bad_answer);
    EXPECT_NE(std::string(failure.what()).find("\"v\""), std::string::npos) << failure.what();
  }
}

TEST(NumberArrays, CutsArraysOfArraysByteForByte) {
  const std::string document = R"({"model":"m","embeddings":[[0.10, -1e-05],[1,2 ] , []],"x":1})";
  EXPECT_EQ(texts(document, "embeddings", ""),
            (std::vector<std::string>{"[0.10, -1e-05]", "[1,2 ]", "[]"}));
}

TEST(NumberArrays, CutsTheMemberOfEachElement) {
  const std::string document =
      R"({"data":[{"index":0,"embedding":[1, 2],"o":{}},{"embedding":[3]}],"usage":{}})";
  EXPECT_EQ(texts(document, "data", "embedding"), (std::vector<std::string>{"[1, 2]", "[3]"}));
}

TEST(NumberArrays, CountsTheNumbersOfEach) {
  std::string document = R"({"v":[[1,2,3],[],[0.5]]})";
  const std::vector<NumberArray> found = number_arrays(document, "v", "");
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].length, 3U);
  EXPECT_EQ(found[1].length, 0U);
  EXPECT_EQ(found[2].length, 1U);
}

TEST(NumberArrays, KeepsTheDocumentAsItWas) {
  const std::string original = R"({"v":[[1,2]]})";
  std::string document = original;
  document.shrink_to_fit();
  number_arrays(document, "v", "");
  EXPECT_EQ(document, original);
}

TEST(NumberArrays, GivesNothingForAnEmptyArray) {
  EXPECT_TRUE(texts(R"({"v":[]})", "v", "").empty());
}

TEST(NumberArrays, SaysWhatIsNotAsPromised) {
  for (const char* document :
       {"", "{}", "[]", "{\"v\":1}", "{\"v\":null}", "{\"v\":{}}", "{\"v\":[1,2]}",
        "{\"v\":[[1],null]}", "{\"v\":[[\"1\"]]}", "{\"v\":[[null]]}", "{\"v\":[[NaN]]}",
        "{\"v\":[[1,[2]]]}", "{\"v\":[[1,2]", "{\"v\":[[1,2", "not JSON"})
    expect_no_arrays(document, "");
  for (const char* document : {"{\"v\":[[1]]}", "{\"v\":[{}]}", "{\"v\":[{\"e\":1}]}",
                               "{\"v\":[{\"e\":[1]},{\"f\":[1]}]}", "{\"v\":[{\"e\":[\"x\"]}]}"})
    expect_no_arrays(document, "e");
}

}  // namespace
}  // namespace ryumem
