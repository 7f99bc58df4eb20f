#include "sandbox/lexicon.h"

#include <algorithm>
#include <map>

#include "common/base/text.h"

namespace ryumem::sandbox {
namespace {

WordSet words(std::string_view list) {
  WordSet set;
  for (std::string& word : split(list, ' '))
    if (!word.empty()) set.insert(std::move(word));
  return set;
}

// Name, function words, first person, third person, conjunctions, prepositions of places, others,
// work words.
Language make(const char* name, std::string_view function_words, std::string_view first_person,
              std::string_view third_person, std::string_view conjunctions,
              std::string_view place_prepositions, std::string_view other_prepositions,
              std::string_view work_words, bool capital_nouns = false) {
  Language language{name,
                    words(function_words),
                    words(first_person),
                    words(third_person),
                    words(conjunctions),
                    words(place_prepositions),
                    words(other_prepositions),
                    words(work_words),
                    capital_nouns};
  language.prepositions.insert(language.place_prepositions.begin(),
                               language.place_prepositions.end());
  for (const WordSet* part : {&language.first_person, &language.third_person,
                              &language.conjunctions, &language.prepositions})
    language.function_words.insert(part->begin(), part->end());
  return language;
}

const std::vector<Language>& languages() {
  static const std::vector<Language> all{
      make("English",
           "the a an this that these those there here is are was were be been being am do does did "
           "has have had will would can could should may might must not no yes it its they them "
           "their we us our you your who whom whose which what when where why how if then than as "
           "so too very also just still now today yesterday tomorrow tonight last next every each "
           "all both some any many much more most other another once again soon later after before "
           "while since because although though during until only even however s t m ve ll d re "
           "let hello hi hey thanks thank please well ok okay sure maybe perhaps both together "
           "usually often always never sometimes recently currently originally finally first "
           "second one two three four five meanwhile later afterwards eventually everyone nobody",
           "i me my mine myself", "he she him her his hers", "and or but nor",
           "in from near inside outside around",
           "at of for with to on by about into onto over under "
           "between against through as",
           "works worked working work joined joins hired job employed intern interned studies "
           "studied studying teaches taught founded"),
      make(
          "German",
          "der die das den dem des ein eine einen einem einer eines dieser diese dieses ist sind "
          "war waren bin bist hat haben hatte hatten wird werden wurde wurden kann nicht kein "
          "keine "
          "es sie uns unser unsere ihr ihre ihren ihrem sich auch noch nur schon sehr so dann wenn "
          "weil dass ob wie was wo wer wann warum hier dort heute gestern morgen jetzt immer nie "
          "oft seit vor nach während bis als man mehr viel viele alle danach später letzte "
          "letztes nächste hallo ja nein bitte danke am vom beim zum zur ins",
          "ich mich mir mein meine meinen meinem meiner meines", "er", "und oder aber sondern",
          "in aus im nahe", "bei mit von für zu auf an über unter um durch gegen nach",
          "arbeitet arbeite arbeiten arbeitete gearbeitet studiert studierte bei", true),
      make(
          "French",
          "le la les l un une des du d ce cet cette ces est sont était étaient être été a ont "
          "avait "
          "avaient ai as ne pas plus il elle ils elles on nous vous notre nos votre vos leur leurs "
          "se s qu que qui quoi dont où quand comment pourquoi si alors puis aussi très ici là "
          "hier demain aujourd hui toujours jamais souvent depuis avant après pendant c n en son "
          "sa ses lui oui non bonjour merci",
          "je j me m moi mon ma mes", "il elle", "et ou mais", "à dans près",
          "de chez avec pour par sur sous vers au aux en entre",
          "travaille travaillait travailler chez étudie étudiait rejoint"),
      make("Spanish",
           "el la los las un una unos unas lo este esta estos ese esa es son era eran fue fueron "
           "ser "
           "estar está están estaba ha han había no sí se su sus nos nuestro nuestra que quien "
           "cuando donde como cómo porque si entonces también muy más ya aquí allí hoy ayer mañana "
           "siempre nunca después antes mientras desde hasta le les tu te hola gracias al del",
           "yo me mí mi mis conmigo mío mía", "él ella", "y e o u pero", "en cerca desde",
           "de a con para por sobre entre hacia",
           "trabaja trabajaba trabajo trabajar estudia estudió"),
      make(
          "Italian",
          "il lo la i gli le l un uno una è sono era erano essere stato ha hanno aveva non si sì "
          "suo "
          "sua suoi ci nostro nostra che chi quando dove come perché se allora poi anche molto più "
          "già qui lì oggi ieri domani sempre mai dopo prima mentre del della dello dei delle al "
          "alla nel nella sul dal dalla ciao grazie c d",
          "io mi me mio mia miei mie", "lui lei egli", "e ed o ma", "in a nel nella vicino",
          "di da con per su tra fra ad presso", "lavora lavorava lavoro lavorare studia studiava"),
      make("Portuguese",
           "o a os as um uma uns umas este esta esse essa é são era eram foi foram ser está estava "
           "tem têm tinha não sim se seu sua seus nos nosso nossa que quem quando onde como porque "
           "então também muito mais já aqui ali hoje ontem amanhã sempre nunca depois antes do da "
           "dos das ao à pelo pela olá obrigado",
           "eu me mim meu minha meus minhas comigo", "ele ela", "e ou mas", "em no na perto",
           "de com para por sobre entre", "trabalha trabalhava trabalho estuda estudou"),
      make("Dutch",
           "de het een dit dat deze die is zijn was waren ben heeft hebben had werd wordt kan niet "
           "geen ook nog maar al zeer zo dan als omdat hoe wat waar wie wanneer hier daar vandaag "
           "gisteren morgen altijd nooit vaak sinds voor na tijdens ze wij we ons onze hun er",
           "ik mij me mijn", "hij zij", "en of maar", "in uit nabij",
           "bij met van voor naar op aan over te om door", "werkt werkte werken studeert"),
      make("Russian",
           "это этот эта эти тот та те был была были было есть не нет да что кто как где когда "
           "почему "
           "если потом тогда также ещё уже очень здесь там сегодня вчера завтра всегда никогда "
           "часто "
           "после до они мы вы нас вас наш наша ваш его её их себя свой свою который которая ты "
           "же ли бы только",
           "я меня мне мной мой моя моё мои моего моей моему мою моих", "он она", "и а но или",
           "в во из около", "на с со к ко у о об от для по за под над при через между",
           "работает работал работала работаю учится училась учился"),
      make("Ukrainian",
           "це цей ця ці той був була були є не ні так що хто як де коли чому якщо потім також ще "
           "вже дуже тут там сьогодні вчора завтра завжди після вони ми ви нас вас його її їх",
           "я мене мені мій моя моє мої", "він вона", "і й та але або", "в у з із біля",
           "на зі до від для по за під при через між", "працює працював працювала"),
      make("Greek",
           "ο η το οι τα του της των τον την τους τις ένας μια ένα είναι ήταν δεν ναι όχι που πως "
           "πού πότε γιατί αν τότε επίσης πολύ εδώ εκεί σήμερα χθες αύριο πάντα μετά πριν θα να",
           "εγώ εμένα μου", "αυτός αυτή", "και κι ή αλλά", "στο στη στην στον από",
           "με για σε προς κοντά", "εργάζεται δουλεύει"),
      make("Polish",
           "to ten ta te jest są był była było były nie tak co kto jak gdzie kiedy dlaczego jeśli "
           "potem także jeszcze już bardzo tu tam dziś wczoraj jutro zawsze się jego jej ich nasz",
           "ja mnie mi mój moja moje moją mojego", "on ona", "i oraz ale lub", "w we z ze",
           "na do od dla po za pod przy przez między u o", "pracuje pracował pracowała"),
      make("Turkish",
           "bu şu o bir ve ile de da mi mı değil var yok çok için gibi ama daha en ne kim nerede "
           "nasıl "
           "bugün dün yarın her zaman sonra önce olan oldu",
           "ben beni bana benim bende", "onu ona onun", "ve veya ama", "", "", "çalışıyor"),
      make("Swedish",
           "den det en ett är var har hade inte ja nej som vad vem hur när där här idag igår "
           "imorgon "
           "också mycket efter innan sedan vi oss vår de dem deras",
           "jag mig min mitt mina", "han hon", "och eller men", "i från nära",
           "på med för till av om vid hos", "jobbar arbetar arbetade"),
  };
  return all;
}

std::size_t score(const Sentence& sentence, const Language& language) {
  return static_cast<std::size_t>(std::count_if(
      sentence.words.begin(), sentence.words.end(),
      [&language](const Word& word) {  // A capital letter alone is an initial, most likely, and
                                       // tells no language.
        const bool initial = word.capital && word.text.size() == 1 && word.text != "I";
        return !initial && language.function_words.contains(word.lower);
      }));
}

const Language& best(const std::vector<const Sentence*>& sentences) {
  const Language* winner = &languages().front();
  std::size_t most = 0;
  for (const Language& language : languages()) {
    std::size_t points = 0;
    for (const Sentence* sentence : sentences) points += score(*sentence, language);
    if (points > most) {
      most = points;
      winner = &language;
    }
  }
  return *winner;
}

}  // namespace

const Language& language_of(const std::vector<Sentence>& sentences) {
  std::vector<const Sentence*> all;
  for (const Sentence& sentence : sentences) all.push_back(&sentence);
  return best(all);
}

const Language& language_of(const Sentence& sentence, const Language& usual) {
  const std::vector<const Sentence*> alone = {&sentence};
  const Language& own = best(alone);
  return score(sentence, own) >= score(sentence, usual) + 2 ? own : usual;
}

}  // namespace ryumem::sandbox
