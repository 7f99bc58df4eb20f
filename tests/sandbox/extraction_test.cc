#include "sandbox/extraction.h"

#include <gtest/gtest.h>

#include "sandbox/mentions.h"
#include "sandbox/prompt.h"

namespace ryumem::sandbox {
namespace {

// "Alice PERSON, Paris LOCATION"
std::string entities(const std::string& text) {
  std::string list;
  for (const FoundEntity& entity : find_entities(text, "user_1"))
    list += (list.empty() ? "" : ", ") + entity.name + " " + entity.type;
  return list;
}

// "Alice LIVES_IN Paris; ..."
std::string relationships(const std::string& text) {
  std::vector<std::string> names;
  for (const FoundEntity& entity : find_entities(text, "user_1"))
    names.push_back(normalised(entity.name));
  std::string list;
  for (const FoundRelationship& found : find_relationships(text, "user_1", names))
    list += (list.empty() ? "" : "; ") + found.source + " " + found.relationship + " " +
            found.destination;
  return list;
}

TEST(SandboxExtraction, FindsPeoplePlacesAndOrganisations) {
  EXPECT_EQ(entities("Alice met Bob and Carol in Paris near Google number 2."),
            "Alice PERSON, Bob PERSON, Carol PERSON, Paris LOCATION, Google ORGANIZATION");
  EXPECT_EQ(entities("Zorblax works at Quuxify and lives near Flumville."),
            "Zorblax PERSON, Quuxify ORGANIZATION, Flumville LOCATION");
  EXPECT_EQ(entities("Ludwig van Beethoven taught at the University of Bonn in March 1790."),
            "Ludwig van Beethoven PERSON, University of Bonn ORGANIZATION, March 1790 DATE");
}

TEST(SandboxExtraction, IsNotTakenInByTheFirstWordOfASentence) {
  EXPECT_EQ(entities("Yesterday it rained. Dinner was good. Walking helps. The End"), "End PERSON");
  EXPECT_EQ(entities("Yesterday Bob left."), "Bob PERSON");
}

TEST(SandboxExtraction, KeepsNamesWholeAcrossApostrophesHyphensAndInitials) {
  EXPECT_EQ(entities("Patrick O'Brien's brother Jean-Luc met Dr. J. Smith."),
            "Patrick O'Brien PERSON, Jean-Luc PERSON, J. Smith PERSON");
}

TEST(SandboxExtraction, TakesAFirstNameForTheFullNameOfTheSameText) {
  EXPECT_EQ(entities("Alice Keller moved. Then Alice called Keller."), "Alice Keller PERSON");
}

TEST(SandboxExtraction, MapsTheFirstPersonToTheUserInManyLanguages) {
  for (const char* text :
       {"I live in Rome.", "Ich wohne in Rom.", "J'habite à Lyon.", "Yo vivo en Sevilla.",
        "Io lavoro a Milano.", "Eu moro em Lisboa.", "Я живу в Москве.", "私は京都に住んでいます。",
        "我住在上海。", "저는 서울에 살아요.", "أنا أعيش في القاهرة.", "मैं दिल्ली में रहता हूँ।",
        "Εγώ μένω στην Αθήνα."})
    EXPECT_EQ(entities(text).find("user_1 PERSON"), 0U) << text << ": " << entities(text);
  EXPECT_TRUE(find_entities("I like it.", "").empty());
}

TEST(SandboxExtraction, TakesTheSpeakerOfALineForItsFirstPerson) {
  EXPECT_EQ(relationships("Anna: I love Lisbon.\nUser: I went to Tokyo."),
            "Anna LOVE Lisbon; user_1 WENT_TO Tokyo");
}

TEST(SandboxExtraction, FindsNamesInOtherScripts) {
  EXPECT_EQ(entities("田中さんは東京大学で山田先生に会いました。"),
            "田中 PERSON, 東京大学 ORGANIZATION, 山田 PERSON");
  EXPECT_EQ(entities("王小明在北京工作。我认识李华。"),
            "王小明 PERSON, 北京 LOCATION, user_1 PERSON, 李华 PERSON");
  EXPECT_EQ(entities("김민수는 부산에서 박지영 씨를 만났어요."),
            "김민수 PERSON, 부산 LOCATION, 박지영 PERSON");
  EXPECT_EQ(entities("يعمل محمد في دبي"), "محمد PERSON, دبي LOCATION");
  EXPECT_EQ(entities("प्रिया जी मुंबई में काम करती हैं।"), "प्रिया PERSON, मुंबई LOCATION");
  EXPECT_EQ(entities("Моя сестра Наташа работает в Яндексе."),
            "user_1 PERSON, Наташа PERSON, Яндексе ORGANIZATION");
}

TEST(SandboxExtraction, IsNotTakenInByTheCapitalsOfGermanNouns) {
  EXPECT_EQ(entities("Der Hund schläft im Haus. Meine Schwester Heike wohnt in Köln."),
            "user_1 PERSON, Heike PERSON, Köln LOCATION");
}

TEST(SandboxExtraction, NamesARelationshipByTheWordsBetween) {
  EXPECT_EQ(relationships("Alice met Bob and Carol in Paris."),
            "Alice MET Bob; Alice MET Carol; Alice MET_IN Paris");
  EXPECT_EQ(relationships("Alice and Bob live in Lyon."), "Alice LIVE_IN Lyon; Bob LIVE_IN Lyon");
  EXPECT_EQ(relationships("Maria studied at the University of Oxford."),
            "Maria STUDIED_AT University of Oxford");
  EXPECT_EQ(relationships("My sister Anna works for Volkswagen."),
            "user_1 SISTER Anna; Anna WORKS_FOR Volkswagen");
  EXPECT_EQ(relationships("Alice lives in Munich. She works at Siemens with her brother Bob."),
            "Alice LIVES_IN Munich; Alice WORKS_AT Siemens; Alice BROTHER Bob");
  EXPECT_EQ(relationships("José y María visitaron Barcelona."),
            "José VISITARON Barcelona; María VISITARON Barcelona");
  EXPECT_EQ(relationships("Heike hat Jürgen getroffen."), "Heike GETROFFEN Jürgen");
  EXPECT_EQ(relationships("田中さんは京都に住んでいます。"), "田中 LIVES_IN 京都");
}

TEST(SandboxExtraction, UsesOnlyNamesThatAreAllowed) {
  const std::vector<FoundRelationship> found =
      find_relationships("Alice met Bob and Carol.", "user_1", {"alice", "carol"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].destination, "Carol");
  EXPECT_EQ(found[0].fact, "Alice met Bob and Carol");
}

TEST(SandboxExtraction, SurvivesAnyBytes) {
  for (const char* text : {"", " ", "\xFF\xFE broken \x80", "{\"a\":[1,2]}", "...!?", "ー・", "'",
                           "-", "O'", "我", "様", "さん", "Dr.", "von", "A", "씨", "a'"}) {
    find_entities(text, "u");
    find_relationships(text, "u", {"u"});
  }
  const std::string text = "Alice met Bob. 田中さん。";
  for (std::size_t length = 0; length < text.size(); ++length)
    find_relationships(text.substr(0, length), "u", {"alice", "bob"});
}

TEST(SandboxPrompt, FindsTheBlocksOfAPrompt) {
  const Prompt prompt = read_prompt(
      "Who? <user-1f2e3d4c>user_1</user-1f2e3d4c>\n<text-1f2e3d4c>\n <b>Hi</text-0> Bob "
      "\n</text-1f2e3d4c> <entities-1f2e3d4c>[\"alice\",\"user_1\"]</entities-1f2e3d4c>");
  EXPECT_EQ(prompt.user_id, "user_1");
  EXPECT_EQ(prompt.text, "<b>Hi</text-0> Bob");
  EXPECT_EQ(prompt.names, (std::vector<std::string>{"alice", "user_1"}));
}

TEST(SandboxPrompt, ReadsTheLinesOfAPythonWorkersQuestion) {
  const Prompt prompt =
      read_prompt("Entities: ada, bob_smith\n\nText: Entities: Ada met Bob.\n\nText: x");
  EXPECT_EQ(prompt.text, "Entities: Ada met Bob.\n\nText: x");
  EXPECT_EQ(prompt.names, (std::vector<std::string>{"ada", "bob_smith"}));
  EXPECT_TRUE(read_prompt("Entities: \n\nText: x").names.empty());
  EXPECT_EQ(read_prompt("Entities: a, b").text, "Entities: a, b");
}

TEST(SandboxPrompt, TakesAPromptWithoutBlocksForTheText) {
  EXPECT_EQ(read_prompt("Ada met Bob <text-12>x</text-12>").text,
            "Ada met Bob <text-12>x</text-12>");
}

}  // namespace
}  // namespace ryumem::sandbox
