#include "worker/llm/voice.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

const char* const kSpeaking[] = {
    "I met Anna in Lisbon.",
    "Yesterday my brother moved to Oslo.",
    "We had dinner at Mario's.",
    "i love paris",
    "I'm tired.",
    "Gestern habe ich Anna in Berlin getroffen.",
    "Das ist meine Schwester.",
    "Hier j'ai rencontré Anna à Lyon.",
    "Mon frère habite à Paris.",
    "Ayer conocí a Ana en Madrid.",
    "Vivo en Sevilla con mi hermana.",
    "Ontem eu encontrei a Ana no Porto.",
    "Ieri ho incontrato Anna a Roma.",
    "Io abito a Torino con la mia famiglia.",
    "Gisteren heb ik Anna in Utrecht ontmoet.",
    "Wczoraj spotkałem Annę, a moja siostra mieszka w Krakowie.",
    "Ben Ankara'da yaşıyorum ve Ayşe ile çalışıyorum.",
    "Igår träffade jag Anna i Malmö.",
    "Вчера я встретил Анну в Москве.",
    "Моя сестра живёт в Казани.",
    "Вчора я зустрів Анну у Києві.",
    "Χθες εγώ συνάντησα την Άννα στην Αθήνα.",
    "昨日、私は東京で田中さんに会いました。",
    "我昨天在北京见到了王先生。",
    "어제 나는 서울에서 민수를 만났다.",
    "저는 부산에 살아요.",
    "أنا أعيش في القاهرة.",
    "אני גר בתל אביב.",
    "मैं दिल्ली में रहता हूँ।",
    "User: I live in Paris.\nAssistant: Nice!",
};

TEST(Voice, HearsTheFirstPersonInManyLanguages) {
  for (const char* text : kSpeaking) EXPECT_TRUE(Voice(text, "user_1").first_person()) << text;
}

const char* const kNotSpeaking[] = {
    "Anna met Boris in Lisbon.",
    "Ben and Mia went to Paris.",
    "World War I began in 1914, and Type I diabetes is rare.",
    "Anna said \"I love my job\" to Boris.",
    "Anna: I am late.\nBoris: My car broke down.",
    "Sie sagte: „Ich komme aus Wien“, und ging.",
    "Anna und Boris wohnen in Berlin.",
    "Anna habite à Lyon avec son frère.",
    "Ana vive en Madrid con su hermana.",
    "Anna i Marek mieszkają w Krakowie.",
    "Anna i Marek",
    "Анна живёт в Москве.",
    "田中さんは東京に住んでいます。",
    "王先生在北京工作。",
    "민수는 서울에 산다.",
    "",
    "1984",
};

TEST(Voice, HearsNobodyWhereNobodySpeaksOfHimself) {
  for (const char* text : kNotSpeaking) EXPECT_FALSE(Voice(text, "user_1").first_person()) << text;
}

TEST(Voice, KnowsTheAuthorsOwnLine) {
  EXPECT_TRUE(Voice("Anna: I am late.", "Anna").first_person());
  EXPECT_FALSE(Voice("Anna: I am late.", "Boris").first_person());
}

TEST(Voice, TakesAWordForOneselfOnlyInALanguageOfTheText) {
  const Voice english("I went to Paris with Ben and Mia.", "u");
  for (const char* word : {"I", "me", "My", " mine "}) EXPECT_TRUE(english.is_self(word)) << word;
  for (const char* name : {"Ben", "Mia", "Io", "US", "EU", "Alice", "Ich", ""})
    EXPECT_FALSE(english.is_self(name)) << name;
  EXPECT_TRUE(Voice("Ben Ankara'da yaşıyorum ve Ayşe ile çalışıyorum.", "u").is_self("Ben"));
  EXPECT_TRUE(Voice("Ich wohne in Wien.", "u").is_self("Ich"));
  EXPECT_TRUE(Voice("昨日、私は東京で田中さんに会いました。", "u").is_self("私"));
}

TEST(Voice, TellsPronounsFromNames) {
  struct Sample {
    const char* text;
    const char* pronoun;
  };
  const Sample samples[] = {{"She was at the station.", "She"},
                            {"Er wohnt in der Stadt.", "er"},
                            {"Elle est dans la maison.", "elle"},
                            {"Ella es de la ciudad.", "ella"},
                            {"Lui è il fratello di Anna.", "lui"},
                            {"Она живёт в Москве.", "она"},
                            {"彼女は東京に住んでいます。", "彼女"},
                            {"他在北京工作。", "他"},
                            {"그녀는 서울에 산다.", "그녀"},
                            {"هو يعيش في القاهرة", "هو"},
                            {"On jest w domu.", "on"},
                            {"Hij is in de stad.", "hij"}};
  for (const Sample& sample : samples) {
    const Voice voice(sample.text, "u");
    EXPECT_TRUE(voice.is_pronoun(sample.pronoun)) << sample.pronoun;
    EXPECT_TRUE(voice.is_pronoun("they"));
    EXPECT_FALSE(voice.is_pronoun("Anna"));
  }
  const Voice english("She went to the WHO with Elle.", "u");
  for (const char* name : {"WHO", "IT", "Elle", "Er", "On"})
    EXPECT_FALSE(english.is_pronoun(name)) << name;
}

}  // namespace
}  // namespace ryumem
