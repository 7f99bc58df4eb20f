#include "sandbox/mentions.h"

#include <algorithm>
#include <map>
#include <set>

#include "common/base/text.h"

namespace ryumem::sandbox {
namespace {

const std::set<std::string> kMovements{
    "went",   "go",        "goes",      "going",     "moved",    "move", "moving",
    "moves",  "traveled",  "travelled", "traveling", "travel",   "flew", "fly",
    "flying", "drove",     "trip",      "came",      "returned", "back", "train",
    "walked", "relocated", "way",       "journey",   "flight"};

const std::set<std::string> kGermanNouns{
    "freunden",  "freunde", "freund", "freundin", "kaffee", "tee",        "haus",    "hause",
    "zeit",      "jahr",    "jahre",  "jahren",   "tag",    "tage",       "abend",   "morgen",
    "woche",     "monat",   "arbeit", "kinder",   "kind",   "mutter",     "vater",   "bruder",
    "schwester", "stadt",   "land",   "leute",    "musik",  "buch",       "bücher",  "schule",
    "essen",     "wein",    "bier",   "geld",     "uhr",    "wochenende", "sommer",  "winter",
    "frühling",  "herbst",  "ende",   "anfang",   "urlaub", "abends",     "mittags", "fußball",
    "klavier",   "kuchen",  "sonne",  "regen",    "meer",   "wald"};

bool german_noun(const std::string& word) {
  if (kGermanNouns.contains(word)) return true;
  for (const char* ending :
       {"ung", "heit", "keit", "schaft", "tion", "tät", "chen", "ismus", "nis"})
    if (word.ends_with(ending)) return true;
  return false;
}

// What the whole text tells about its words.
struct Knowledge {
  std::set<std::string> small;  // words seen without a capital
  std::set<std::string> inner;  // words seen with a capital inside a sentence
  bool japanese = false;
};

Knowledge study(const std::vector<Sentence>& sentences) {
  Knowledge knowledge;
  for (const Sentence& sentence : sentences)
    for (std::size_t i = 0; i < sentence.words.size(); ++i) {
      const Word& word = sentence.words[i];
      if (word.script == Writing::hiragana) knowledge.japanese = true;
      if (word.script != Writing::cased) continue;
      if (!word.capital) knowledge.small.insert(word.lower);
      if (word.capital && i > 0) knowledge.inner.insert(word.lower);
    }
  return knowledge;
}

// Reads one sentence in a script with capital letters.
class Reader {
 public:
  Reader(std::string_view text, const Sentence& sentence, const Language& language,
         const Knowledge& knowledge, std::vector<Mention>& found)
      : text_(text),
        words_(sentence.words),
        sentence_(sentence),
        language_(language),
        knowledge_(knowledge),
        found_(found) {}

  void run() {
    for (std::size_t at = 0; at < words_.size();) {
      const Word& word = words_[at];
      if (word.script != Writing::cased) {
        uncased_mentions(sentence_, at, knowledge_.japanese, found_);
        ++at;
      } else if (language_.first_person.contains(word.lower)) {
        Mention& mention = add(at, at);
        mention.self = true;
        ++at;
      } else if (language_.third_person.contains(word.lower)) {
        add(at, at).pronoun = true;
        ++at;
      } else if (can_start(at)) {
        at = take_name(at);
      } else {
        ++at;
      }
    }
  }

 private:
  Mention& add(std::size_t first, std::size_t last) {
    Mention mention;
    mention.first = first;
    mention.last = last;
    mention.begin = words_[first].begin;
    mention.end = words_[last].end;
    mention.name = std::string(text_.substr(mention.begin, mention.end - mention.begin));
    mention.type = "PERSON";
    found_.push_back(std::move(mention));
    return found_.back();
  }

  bool name_word(std::size_t at) const {
    return at < words_.size() && words_[at].script == Writing::cased && words_[at].capital &&
           !language_.function_words.contains(words_[at].lower);
  }

  bool can_start(std::size_t at) const { return name_word(at) && !is_title(words_[at].lower); }

  // The last word of the name that begins at `first`.
  std::size_t name_end(std::size_t first) const {
    std::size_t last = first;
    bool organisation = is_organisation_word(words_[first].lower);
    const bool date = known_type(words_[first].lower) == "DATE";
    for (;;) {
      const std::size_t next = last + 1;
      if (next >= words_.size() || !words_[next].joined || words_[next].after_comma) return last;
      if (words_[next].number && (date || words_[next].text.size() <= 2)) {
        if (!date) return last;
        last = next;
        continue;
      }
      if (date) return last;
      if (name_word(next)) {
        organisation = organisation || is_organisation_word(words_[next].lower);
        last = next;
        continue;
      }
      const std::size_t after = particle_end(next);
      if (after == next || !name_word(after) || !words_[after].joined) return last;
      const bool place = known_type(words_[after].lower) == "LOCATION";
      if (!organisation && (words_[next].lower == "of" || place)) return last;
      last = after;
    }
  }

  // Behind the particles at `at` ("van der"), or `at` if there is none.
  std::size_t particle_end(std::size_t at) const {
    static const std::set<std::string> follow{"der", "den", "de", "la", "le", "el"};
    if (words_[at].capital || !is_name_particle(words_[at].lower)) return at;
    std::size_t end = at + 1;
    if (end < words_.size() && !words_[end].capital && follow.contains(words_[end].lower)) ++end;
    return end;
  }

  bool opens_sentence(std::size_t at) const {
    return at == 0 || (at > 0 && words_[at - 1].end < words_[at].begin &&
                       text_.substr(words_[at - 1].end, 1) == ":");
  }

  // Is a single capitalised word at the start of a sentence, or any in German, more than a word?
  bool plausible(std::size_t at, bool titled) const {
    const Word& word = words_[at];
    if (titled || known_type(word.lower)) return true;
    if (is_nationality(word.lower) || is_organisation_word(word.lower)) return false;
    if (language_.capital_nouns) {
      if (german_noun(word.lower)) return false;
      if (at > 0 && article(words_[at - 1].lower)) return false;
    }
    if (!opens_sentence(at)) return true;
    if (knowledge_.inner.contains(word.lower)) return true;
    if (is_common_opener(word.lower) || knowledge_.small.contains(word.lower)) return false;
    const bool english = std::string_view(language_.name) == "English";
    return !english || !(word.lower.ends_with("ing") || word.lower.ends_with("ly"));
  }

  static bool article(const std::string& word) {
    static const std::set<std::string> short_ones{"der", "die", "das", "dem",  "den", "des", "im",
                                                  "am",  "zum", "zur", "beim", "vom", "ins"};
    if (short_ones.contains(word)) return true;
    for (const char* stem : {"ein", "mein", "dein", "sein", "ihr", "unser", "kein", "dies"})
      if (word.starts_with(stem) && word.size() <= std::string_view(stem).size() + 2) return true;
    return false;
  }

  std::size_t take_name(std::size_t first) {
    const std::size_t last = name_end(first);
    const bool titled = first > 0 && is_title(words_[first - 1].lower) && words_[first].joined;
    if (first == last && !plausible(first, titled)) return last + 1;
    // "Yesterday Anna": an opener that a name follows is not part of it.
    const bool opener = first < last && opens_sentence(first) && !titled &&
                        is_common_opener(words_[first].lower) && !known_type(words_[first].lower);
    std::size_t from =
        opener || (first < last && is_nationality(words_[first].lower)) ? first + 1 : first;
    // "Schwester Heike": in German the noun has a capital, too, and is no part of the name.
    while (language_.capital_nouns && from < last && german_noun(words_[from].lower)) ++from;
    Mention& mention = add(from, last);
    decide_type(mention, titled);
    mention.speaker = first == 0 && words_[0].line_start && text_.substr(mention.end, 1) == ":";
    return last + 1;
  }

  bool lately(std::size_t at, const auto& set) const {
    for (std::size_t back = 1; back <= 4 && back <= at; ++back)
      if (set.contains(words_[at - back].lower)) return true;
    return false;
  }

  void decide_type(Mention& mention, bool titled) const {
    const auto set = [&mention](const char* type, int certainty) {
      mention.type = type;
      mention.certainty = certainty;
    };
    for (std::size_t at = mention.first; at <= mention.last; ++at)
      if (is_organisation_word(words_[at].lower)) return set("ORGANIZATION", 3);
    if (titled) return set("PERSON", 3);
    if (const auto known = known_type(lower(mention.name))) return set(known->c_str(), 3);
    const auto head = known_type(words_[mention.first].lower);
    if (head == "DATE") return set("DATE", 3);
    if (is_first_name(words_[mention.first].lower)) return set("PERSON", 3);
    if (known_type(words_[mention.last].lower) == "LOCATION") return set("LOCATION", 2);
    if (head == "ORGANIZATION") return set("ORGANIZATION", 2);
    if (mention.first > 0 && words_[mention.first].joined) {
      const std::string& before = words_[mention.first - 1].lower;
      const bool work = lately(mention.first, language_.work_words);
      if (work && (language_.work_words.contains(before) || before == "at" || before == "for" ||
                   language_.place_prepositions.contains(before)))
        return set(before == "in" ? "LOCATION" : "ORGANIZATION", 2);
      if (language_.place_prepositions.contains(before)) return set("LOCATION", 2);
      if (before == "at") return set("LOCATION", 1);
      if (before == "to" && lately(mention.first, kMovements)) return set("LOCATION", 2);
    }
    const bool acronym = mention.first == mention.last && mention.name.size() > 1 &&
                         mention.name.size() <= 5 && upper(mention.name) == mention.name;
    if (acronym) set("ORGANIZATION", 1);
  }

  std::string_view text_;
  const std::vector<Word>& words_;
  const Sentence& sentence_;
  const Language& language_;
  const Knowledge& knowledge_;
  std::vector<Mention>& found_;
};

// "I" is the speaker of the line, if it has one, else the user.
void resolve_self(std::vector<ReadSentence>& read, const std::string& user_id) {
  std::string speaker = user_id;
  for (ReadSentence& part : read) {
    const Word& opening = part.sentence.words.front();
    if (opening.line_start) speaker = user_id;
    // A line that the assistant speaks tells nothing about the user.
    if (opening.line_start && opening.lower == "assistant") speaker.clear();
    std::vector<Mention> kept;
    for (Mention& mention : part.mentions) {
      if (mention.speaker) speaker = mention.name;
      if (mention.self) mention.name = speaker;
      if (mention.self) mention.certainty = 3;
      if (!mention.name.empty()) kept.push_back(std::move(mention));
    }
    part.mentions = std::move(kept);
  }
}

// "Anna" is "Anna Keller" where the text has her full name; one name has one type.
void unify(std::vector<ReadSentence>& read) {
  std::map<std::string, std::string> full;
  for (const ReadSentence& part : read)
    for (const Mention& mention : part.mentions)
      if (mention.type == "PERSON" && !mention.self &&
          mention.name.find(' ') != std::string::npos) {
        const std::vector<std::string> parts = split(mention.name, ' ');
        full.emplace(parts.front(), mention.name);
        full.emplace(parts.back(), mention.name);
      }
  std::map<std::string, std::pair<int, std::string>> types;
  for (ReadSentence& part : read)
    for (Mention& mention : part.mentions) {
      if (mention.pronoun) continue;
      if (const auto whole = full.find(mention.name);
          whole != full.end() && mention.type == "PERSON")
        mention.name = whole->second;
      auto& [certainty, type] = types[normalised(mention.name)];
      if (!type.empty() && certainty >= mention.certainty) continue;
      certainty = mention.certainty;
      type = mention.type;
    }
  for (ReadSentence& part : read)
    for (Mention& mention : part.mentions)
      if (!mention.pronoun) mention.type = types[normalised(mention.name)].second;
}

}  // namespace

std::string normalised(std::string_view name) { return replace_all(lower(name), " ", "_"); }

std::vector<ReadSentence> find_mentions(std::string_view text, const std::string& user_id) {
  std::vector<Sentence> sentences = split_sentences(text);
  const Knowledge knowledge = study(sentences);
  const Language& usual = language_of(sentences);
  std::vector<ReadSentence> read;
  for (Sentence& sentence : sentences) {
    ReadSentence part;
    part.sentence = std::move(sentence);
    part.language = &language_of(part.sentence, usual);
    Reader(text, part.sentence, *part.language, knowledge, part.mentions).run();
    read.push_back(std::move(part));
  }
  resolve_self(read, user_id);
  unify(read);
  return read;
}

}  // namespace ryumem::sandbox
