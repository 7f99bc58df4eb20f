#include "common/base/text.h"
#include "tests/support/test_data.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <fstream>
#include <map>

namespace ryumem {
namespace {

using Strings = std::vector<std::string>;

TEST(Text, LowersAndRaisesAsPythonDoes) {
  std::ifstream table(test::test_data("common/base/case_table.tsv"));
  std::string line;
  int rows = 0;
  while (std::getline(table, line)) {
    if (line.rfind("# ", 0) == 0) continue;
    const Strings columns = split(line, '\t');
    ASSERT_EQ(columns.size(), 3U) << line;
    EXPECT_EQ(lower(columns[0]), columns[1]) << "lower of " << columns[0];
    EXPECT_EQ(upper(columns[0]), columns[2]) << "upper of " << columns[0];
    ++rows;
  }
  EXPECT_GE(rows, 50);
}

// The characters of a block that `change` changes, each with what becomes of it.
struct Changed {
  int count = 0;
  std::string text;
};

// Those that Unicode had when the table was made, but for two that have got a capital since.
Changed changed_in(UChar32 first, std::string (*change)(std::string_view)) {
  Changed found;
  for (UChar32 c = first; c < first + 1024; ++c) {
    UVersionInfo age;
    u_charAge(c, age);
    if (U_IS_SURROGATE(c) || age[0] > 14 || c == 0x019B || c == 0x0264) continue;
    std::string character;
    icu::UnicodeString(c).toUTF8String(character);
    const std::string other = change(character);
    if (other == character) continue;
    ++found.count;
    found.text += fmt::format("{:x} {}\n", c, other);
  }
  return found;
}

TEST(Text, LowersAndRaisesEveryCharacterAsPythonDoes) {
  std::ifstream table(test::test_data("common/base/case_blocks.tsv"));
  std::map<UChar32, std::vector<std::string>> rows;
  for (std::string line; std::getline(table, line);)
    if (line[0] != '#') rows[std::stoi(line, nullptr, 16)] = split(line, '\t');
  EXPECT_GT(rows.size(), 15u);
  for (UChar32 first = 0; first < 0x20000; first += 1024) {
    const Changed by_lower = changed_in(first, lower);
    const Changed by_upper = changed_in(first, upper);
    std::vector<std::string> row = {fmt::format("{:05x}", first)};
    for (const Changed& changed : {by_lower, by_upper}) {
      row.push_back(std::to_string(changed.count));
      row.push_back(fmt::format("{:016x}", stable_hash(changed.text)));
    }
    if (by_lower.count + by_upper.count == 0)
      EXPECT_EQ(rows.count(first), 0u) << row[0];
    else
      EXPECT_EQ(rows[first], row);
  }
}

TEST(Text, CaseMappingKeepsNulAndReplacesWhatIsNotUtf8) {
  EXPECT_EQ(lower(std::string_view("A\0B", 3)), std::string("a\0b", 3));
  EXPECT_EQ(lower("A\xFFZ"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(upper("a\xC3"), "A\xEF\xBF\xBD");
}

TEST(Text, ReplacesEveryOccurrence) {
  EXPECT_EQ(replace_all("a b  c ", " ", "_"), "a_b__c_");
  EXPECT_EQ(replace_all("aaa", "aa", "b"), "ba");
  EXPECT_EQ(replace_all("abc", "", "x"), "abc");
  EXPECT_EQ(replace_all("", "a", "b"), "");
  EXPECT_EQ(replace_all("aa", "a", "aa"), "aaaa");
}

TEST(Text, TrimsAsciiBlanksAtBothEndsOnly) {
  EXPECT_EQ(trim(" \t\r\n\f\va b\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\xC2\xA0x"), "\xC2\xA0x");
}

TEST(Text, ExcerptsNeverCutACharacter) {
  const std::string text = "aß東👧z";  // 1, 2, 3, 4 and 1 bytes
  const Strings expected = {"…",     "a…",    "a…",    "aß…",   "aß…",    "aß…",
                            "aß東…", "aß東…", "aß東…", "aß東…", "aß東👧…", "aß東👧z"};
  for (std::size_t limit = 0; limit < expected.size(); ++limit)
    EXPECT_EQ(excerpt(text, limit), expected[limit]) << limit;
  EXPECT_EQ(excerpt(text, 1000), text);
}

TEST(Text, ExcerptsShowControlCharactersAsBlanks) {
  EXPECT_EQ(excerpt(std::string_view("a\nb\0c\x1B[1m\x7F", 10), 80), "a b c [1m ");
}

TEST(Text, SplitsIntoAllPiecesAlsoEmptyOnes) {
  EXPECT_EQ(split("a,,b", ','), (Strings{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (Strings{""}));
  EXPECT_EQ(split(",", ','), (Strings{"", ""}));
}

TEST(Text, DecodesPercentEscapesAndKeepsMalformedOnes) {
  EXPECT_EQ(percent_decode("a%20b%C3%9f"), "a bß");
  EXPECT_EQ(percent_decode("%"), "%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz%41"), "%zzA");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
  EXPECT_EQ(percent_decode("a+b"), "a+b");
}

TEST(Text, EncodesWhatAUrlSegmentMayNotHold) {
  EXPECT_EQ(percent_encode("a-b_c.d~1"), "a-b_c.d~1");
  EXPECT_EQ(percent_encode("a/b?c#d%ß"), "a%2Fb%3Fc%23d%25%C3%9F");
}

TEST(Text, PercentCodingGivesEveryByteBack) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
}

TEST(Text, HashesAsFnv1aIsDefined) {
  EXPECT_EQ(stable_hash(""), 0xcbf29ce484222325U);
  EXPECT_EQ(stable_hash("a"), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(stable_hash("foobar"), 0x85944171f73967e8U);
}

}  // namespace
}  // namespace ryumem
