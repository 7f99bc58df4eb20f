#include "sandbox/extraction.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>

#include "common/base/text.h"
#include "sandbox/mentions.h"

namespace ryumem::sandbox {
namespace {

constexpr std::size_t kLongestFact = 400;

// Languages whose verbs the rules cannot find by position: a few words tell.
constexpr std::array<std::pair<std::string_view, const char*>, 32> kVerbs{{
    {"住", "LIVES_IN"},   {"工作", "WORKS_AT"}, {"働", "WORKS_AT"},     {"勤め", "WORKS_AT"},
    {"认识", "KNOWS"},    {"知り合", "KNOWS"},  {"结婚", "MARRIED_TO"}, {"結婚", "MARRIED_TO"},
    {"喜欢", "LIKES"},    {"好き", "LIKES"},    {"朋友", "FRIEND_OF"},  {"友達", "FRIEND_OF"},
    {"会い", "MET"},      {"会っ", "MET"},      {"遇见", "MET"},        {"见", "MET"},
    {"行き", "WENT_TO"},  {"去", "WENT_TO"},    {"살", "LIVES_IN"},     {"일하", "WORKS_AT"},
    {"일해", "WORKS_AT"}, {"일합", "WORKS_AT"}, {"만났", "MET"},        {"친구", "FRIEND_OF"},
    {"يعمل", "WORKS_AT"}, {"تعمل", "WORKS_AT"}, {"रहत", "LIVES_IN"},    {"काम", "WORKS_AT"},
    {"أعيش", "LIVES_IN"}, {"يعيش", "LIVES_IN"}, {"تعيش", "LIVES_IN"},   {"يسكن", "LIVES_IN"},
}};

// One sentence's relationships. The subject is whom the verb belongs to; a verb said once holds
// for all that are listed after it.
class Clauses {
 public:
  Clauses(std::string_view text, const ReadSentence& read, std::vector<Mention> mentions,
          std::vector<FoundRelationship>& found)
      : text_(text),
        read_(read),
        words_(read.sentence.words),
        language_(*read.language),
        mentions_(std::move(mentions)),
        found_(found) {}

  void run() {
    if (mentions_.empty()) return;
    subjects_.push_back(&mentions_.front());
    for (std::size_t i = 1; i < mentions_.size(); ++i) step(mentions_[i - 1], mentions_[i]);
  }

 private:
  struct Gap {
    std::vector<std::string> telling;  // words that are more than grammar
    std::string preposition;           // the last word, if it is one
    bool conjunction = false;          // it begins with "and" or a comma
    bool pronoun = false;              // "with her husband"
    bool empty = true;
  };

  bool tells(const Word& word) const {
    if (word.script != Writing::cased || word.number) return false;
    if (language_.function_words.contains(word.lower)) return false;
    const bool adverb = std::string_view(language_.name) == "English" &&
                        word.lower.ends_with("ly") && word.lower.size() > 4;
    return !adverb;
  }

  Gap gap_between(const Mention& one, const Mention& other) const {
    Gap gap;
    for (std::size_t at = one.last + 1; at < other.first; ++at) {
      const Word& word = words_[at];
      if (gap.empty) gap.conjunction = language_.conjunctions.contains(word.lower);
      gap.empty = false;
      gap.pronoun = gap.pronoun || language_.third_person.contains(word.lower);
      if (tells(word)) gap.telling.push_back(word.lower);
    }
    // "at the university": the article stands between the preposition and the name.
    for (std::size_t at = other.first; at-- > one.last + 1 && gap.preposition.empty();) {
      const std::string& word = words_[at].lower;
      if (language_.prepositions.contains(word)) gap.preposition = word;
      if (!language_.function_words.contains(word)) break;
    }
    if (gap.empty && words_[other.first].after_comma) gap.conjunction = true;
    // "works as a senior engineer at": the first word is the verb, the rest would only blur it.
    if (gap.telling.size() > 2) gap.telling.resize(1);
    return gap;
  }

  void step(const Mention& one, const Mention& other) {
    const Gap gap = gap_between(one, other);
    const std::string preposition = gap.preposition.empty() ? "" : " " + gap.preposition;
    if (!gap.telling.empty()) {
      // "Anna met Bob and visited Carol": it is still Anna who acts.
      if (!gap.conjunction && !gap.pronoun && said_) subjects_.assign(1, &one);
      verb_ = gap.telling.front();
      for (std::size_t i = 1; i < gap.telling.size(); ++i) verb_ += " " + gap.telling[i];
      relation_ = verb_ + preposition;
      emit(other, false);
      return;
    }
    const bool cased = words_[other.first].script == Writing::cased;
    if (gap.conjunction && gap.preposition.empty() && cased) {
      if (said_)
        emit(other, false);
      else
        subjects_.push_back(&other);
      return;
    }
    if (!gap.preposition.empty()) {
      relation_ = verb_.empty() ? "" : verb_ + preposition;
      if (relation_.empty() && other.type == "LOCATION") relation_ = "located in";
      emit(other, relation_.empty());
      return;
    }
    if (language_.capital_nouns && said_ && !gap.empty) subjects_.assign(1, &one);
    verb_ = tail_verb(other.type);
    relation_ = verb_;
    emit(other, true);
  }

  // German puts the verb last; some scripts give it away by a few letters.
  std::string tail_verb(const std::string& target_type) const {
    if (language_.capital_nouns)
      for (std::size_t at = words_.size(); at-- > mentions_.back().last + 1;)
        if (tells(words_[at]) && !words_[at].capital) return words_[at].lower;
    const std::string_view sentence =
        text_.substr(read_.sentence.begin, read_.sentence.end - read_.sentence.begin);
    for (const auto& [letters, relation] : kVerbs)
      if (sentence.find(letters) != std::string_view::npos && fits(relation, target_type))
        return relation;
    return "";
  }

  // One lives in a place and meets a person, whatever else the sentence names.
  static bool fits(std::string_view relation, const std::string& target_type) {
    const bool about_places = relation.ends_with("_IN") || relation.ends_with("_TO");
    if (relation == "WORKS_AT") return target_type == "ORGANIZATION" || target_type == "LOCATION";
    if (relation == "LIKES") return true;
    if (relation == "MARRIED_TO" || !about_places) return target_type == "PERSON";
    return target_type == "LOCATION";
  }

  void emit(const Mention& target, bool whole_sentence) {
    for (const Mention* subject : subjects_) {
      if (subject->name == target.name) continue;
      FoundRelationship relationship;
      relationship.source = subject->name;
      relationship.destination = target.name;
      relationship.relationship =
          relation_.empty() ? "RELATED_TO" : replace_all(upper(relation_), " ", "_");
      // A clause that begins with "she" would say nothing by itself; the sentence says no more,
      // but the whole of it.
      std::size_t from = std::min(subject->begin, target.begin);
      std::size_t to = std::max(subject->end, target.end);
      if (whole_sentence) {
        from = read_.sentence.begin;
        to = read_.sentence.end;
      }
      relationship.fact = excerpt(trim(text_.substr(from, to - from)), kLongestFact);
      found_.push_back(std::move(relationship));
    }
    said_ = true;
  }

  std::string_view text_;
  const ReadSentence& read_;
  const std::vector<Word>& words_;
  const Language& language_;
  std::vector<Mention> mentions_;
  std::vector<FoundRelationship>& found_;
  std::vector<const Mention*> subjects_;
  std::string verb_;
  std::string relation_;
  bool said_ = false;
};

// Those that may be used; "she" becomes the person spoken of last.
std::vector<Mention> usable(const ReadSentence& read, const std::set<std::string>& allowed,
                            std::string& last_person) {
  std::vector<Mention> mentions;
  for (const Mention& mention : read.mentions) {
    if (mention.speaker) continue;
    if (mention.pronoun) {
      if (!mentions.empty() || last_person.empty()) continue;
      Mention resolved = mention;
      resolved.name = last_person;
      resolved.type = "PERSON";
      mentions.push_back(std::move(resolved));
      continue;
    }
    if (allowed.contains(normalised(mention.name))) mentions.push_back(mention);
  }
  for (const Mention& mention : mentions)
    if (mention.type == "PERSON" && !mention.self) {
      last_person = mention.name;
      break;
    }
  return mentions;
}

}  // namespace

std::vector<FoundEntity> find_entities(std::string_view text, const std::string& user_id) {
  std::vector<FoundEntity> entities;
  std::set<std::string> seen;
  for (const ReadSentence& read : find_mentions(text, user_id))
    for (const Mention& mention : read.mentions) {
      if (mention.pronoun || !seen.insert(normalised(mention.name)).second) continue;
      entities.push_back(FoundEntity{mention.name, mention.type});
    }
  return entities;
}

std::vector<FoundRelationship> find_relationships(std::string_view text, const std::string& user_id,
                                                  const std::vector<std::string>& names) {
  const std::set<std::string> allowed(names.begin(), names.end());
  std::vector<FoundRelationship> found;
  std::string last_person;
  for (const ReadSentence& read : find_mentions(text, user_id)) {
    std::vector<Mention> mentions = usable(read, allowed, last_person);
    Clauses(text, read, std::move(mentions), found).run();
  }
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  std::erase_if(found, [&seen](const FoundRelationship& one) {
    return !seen.emplace(normalised(one.source), one.relationship, normalised(one.destination))
                .second;
  });
  return found;
}

}  // namespace ryumem::sandbox
