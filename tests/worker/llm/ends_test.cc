#include "worker/llm/ends.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

const Entities kKnown = {Entity("alice_smith", "PERSON"), Entity("bob_jones", "PERSON"),
                         Entity("bob_miller", "PERSON"),  Entity("louvre", "PLACE"),
                         Entity("user_1", "PERSON"),      Entity("straße", "PLACE"),
                         Entity("田中", "PERSON")};

struct Row {
  const char* said;
  const char* meant;  // "": nobody
  bool alias;
};
const Row kRows[] = {
    {"alice_smith", "alice_smith", false},
    {" Alice Smith ", "alice_smith", false},
    {"ALICE SMITH", "alice_smith", false},
    {"Alice", "alice_smith", true},
    {"Dr. Alice Smith", "alice_smith", true},
    {"Alice's", "alice_smith", true},
    {"the Louvre", "louvre", true},
    {"Le Louvre", "louvre", true},
    {"Louvre museum", "louvre", true},
    {"STRASSE", "straße", true},
    {"田中さん", "田中", true},
    {"Bob", "", false},  // it may be either
    {"Bob Jones", "bob_jones", false},
    {"Al", "", false},  // a part of a word
    {"al", "", false},
    {"Eve", "", false},
    {"I", "user_1", false},
    {"my", "user_1", false},
    {"she", "", false},
    {"", "", false},
    {"?", "", false},
};

TEST(KnownEnds, AreFoundByNameOrByAnAliasThatOnlyOneCanHave) {
  const Voice voice("I met Alice Smith and Bob Jones at the Louvre.", "user_1");
  const KnownEnds ends(kKnown, "user_1", voice);
  for (const Row& row : kRows) {
    const KnownEnds::End end = ends.find(row.said);
    EXPECT_EQ(end.name, row.meant) << row.said;
    EXPECT_EQ(end.alias, row.alias) << row.said;
  }
  EXPECT_TRUE(ends.find("she").pronoun);
  EXPECT_FALSE(ends.find("Eve").pronoun);
}

TEST(KnownEnds, DoNotKnowAnAuthorWhoIsNoEntity) {
  const KnownEnds ends({Entity("alice", "PERSON")}, "user_1", Voice());
  EXPECT_EQ(ends.find("I").name, "");
}

}  // namespace
}  // namespace ryumem
