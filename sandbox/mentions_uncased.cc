// Names in scripts without capital letters, by the hints that each language gives: titles and
// particles behind a name, endings of places and organisations, and names that are known.
#include <array>
#include <utility>

#include "sandbox/mentions.h"

namespace ryumem::sandbox {
namespace {

using Hint = std::pair<std::string_view, const char*>;

constexpr std::array<std::string_view, 11> kHonorifics{"先生", "教授", "女士", "小姐", "老师", "様",
                                                       "氏",   "君",   "さん", "先輩", "博士"};
constexpr std::array<std::string_view, 4> kKanaHonorifics{"さん", "くん", "ちゃん", "さま"};
constexpr std::array<std::string_view, 9> kTimes{"昨日", "今日", "明日", "今年", "去年",
                                                 "来年", "毎日", "先週", "昨天"};
constexpr std::array<Hint, 16> kEndings{{{"大学", "ORGANIZATION"},
                                         {"会社", "ORGANIZATION"},
                                         {"公司", "ORGANIZATION"},
                                         {"銀行", "ORGANIZATION"},
                                         {"银行", "ORGANIZATION"},
                                         {"病院", "ORGANIZATION"},
                                         {"医院", "ORGANIZATION"},
                                         {"市", "LOCATION"},
                                         {"県", "LOCATION"},
                                         {"府", "LOCATION"},
                                         {"区", "LOCATION"},
                                         {"町", "LOCATION"},
                                         {"村", "LOCATION"},
                                         {"駅", "LOCATION"},
                                         {"省", "LOCATION"},
                                         {"州", "LOCATION"}}};
constexpr std::string_view kSurnames =
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余杜叶程苏魏吕丁"
    "任沈";
// What stands around a name in Chinese: particles and common verbs.
constexpr std::string_view kAround =
    "在和是说去的喜认住来到跟与给有会也见从对把让被叫想做买看问教工很都已昨今就还不遇识";
constexpr std::array<std::string_view, 17> kParticles{
    "에서는", "에게서", "에서", "에게", "으로", "이랑", "하고", "은", "는",
    "이",     "가",     "을",   "를",   "와",   "과",   "의",   "에"};

constexpr std::size_t kHan = 3;  // bytes of one such character

bool contains_character(std::string_view list, std::string_view character) {
  for (std::size_t at = 0; at + kHan <= list.size(); at += kHan)
    if (list.substr(at, kHan) == character) return true;
  return false;
}

class Finder {
 public:
  Finder(const Sentence& sentence, std::size_t at, bool japanese, std::vector<Mention>& found)
      : sentence_(sentence),
        at_(at),
        word_(sentence.words[at]),
        japanese_(japanese),
        found_(found) {}

  void run() {
    switch (word_.script) {
      case Writing::han:
        return japanese_ ? japanese_name() : chinese_names(word_.text, 0);
      case Writing::katakana:
        return japanese_name();
      case Writing::hiragana:
        for (const char* self : {"わたし", "ぼく", "おれ"})
          if (word_.text.starts_with(self)) add_self(0, std::string_view(self).size());
        return;
      case Writing::hangul:
        return korean_name();
      default:
        return other_name();
    }
  }

 private:
  void add(std::size_t from, std::size_t length, const char* type, int certainty) {
    Mention mention;
    mention.first = mention.last = at_;
    mention.begin = word_.begin + from;
    mention.end = mention.begin + length;
    mention.name = word_.text.substr(from, length);
    mention.type = type;
    mention.certainty = certainty;
    found_.push_back(std::move(mention));
  }

  void add_self(std::size_t from, std::size_t length) {
    add(from, length, "PERSON", 3);
    found_.back().self = true;
  }

  std::string_view next_word() const {
    if (at_ + 1 >= sentence_.words.size()) return {};
    return sentence_.words[at_ + 1].text;
  }

  // The type by a known name or an ending; nothing if neither says one.
  static const char* ending_type(std::string_view run) {
    for (const auto& [ending, type] : kEndings)
      if (run.size() > ending.size() && run.ends_with(ending)) return type;
    return nullptr;
  }

  void japanese_name() {
    std::string_view run = word_.text;
    std::size_t from = 0;
    for (const std::string_view time : kTimes)
      if (run.starts_with(time)) from = time.size();
    for (const std::string_view self : {"私", "僕", "俺"})
      if (run.substr(from).starts_with(self)) {
        add_self(from, self.size());
        from += self.size();
      }
    run = run.substr(from);
    if (run.empty()) return;
    const bool attached = !next_word().empty() && sentence_.words[at_ + 1].begin == word_.end;
    for (const std::string_view honorific : kKanaHonorifics)
      if (attached && next_word().starts_with(honorific)) return add(from, run.size(), "PERSON", 3);
    for (const std::string_view honorific : kHonorifics)
      if (run.size() > honorific.size() && run.ends_with(honorific))
        return add(from, run.size() - honorific.size(), "PERSON", 3);
    if (const char* type = ending_type(run)) return add(from, run.size(), type, 3);
    if (run.find("・") != std::string_view::npos) return add(from, run.size(), "PERSON", 2);
    for (std::size_t at = 0; at < run.size();) {
      const std::size_t known = known_prefix(run.substr(at));
      if (known > 0)
        add(from + at, known, known_type(std::string(run.substr(at, known)))->c_str(), 3);
      at += known > 0 ? known : kHan;
    }
  }

  // A Chinese run is a whole clause: names are looked for at each character.
  void chinese_names(std::string_view run, std::size_t from) {
    bool boundary = true;
    for (std::size_t at = from; at < run.size();) {
      const std::string_view here = run.substr(at);
      if (here.starts_with("我") && !here.starts_with("我们")) {
        add_self(at, kHan);
        at += kHan;
        boundary = true;
        continue;
      }
      std::size_t taken = chinese_place(run, at);
      if (taken == 0 && boundary) taken = chinese_person(run, at);
      boundary =
          taken > 0 || contains_character(kAround, here.substr(0, kHan)) || here.starts_with("们");
      at += taken > 0 ? taken : kHan;
    }
  }

  std::size_t chinese_place(std::string_view run, std::size_t at) {
    const std::size_t known = known_prefix(run.substr(at));
    if (known == 0) return 0;
    // 北京大学: the ending belongs to the name and says what it is.
    for (const auto& [ending, type] : kEndings)
      if (run.substr(at + known).starts_with(ending)) {
        add(at, known + ending.size(), type, 3);
        return known + ending.size();
      }
    add(at, known, known_type(std::string(run.substr(at, known)))->c_str(), 3);
    return known;
  }

  std::size_t chinese_person(std::string_view run, std::size_t at) {
    if (!contains_character(kSurnames, run.substr(at, kHan))) return 0;
    for (const std::string_view honorific : kHonorifics)
      for (const std::size_t length : {kHan, 2 * kHan, 3 * kHan})
        if (at + length <= run.size() && run.substr(at + length).starts_with(honorific)) {
          add(at, length, "PERSON", 3);
          return length + honorific.size();
        }
    for (const std::size_t length : {3 * kHan, 2 * kHan}) {
      if (at + length > run.size()) continue;
      const std::string_view given = run.substr(at + kHan, length - kHan);
      bool clean = true;
      for (std::size_t i = 0; i < given.size(); i += kHan)
        clean = clean && !contains_character(kAround, given.substr(i, kHan));
      const std::string_view after = run.substr(at + length);
      if (!clean || !(after.empty() || contains_character(kAround, after.substr(0, kHan))))
        continue;
      add(at, length, "PERSON", 1);
      return length;
    }
    return 0;
  }

  void korean_name() {
    std::string_view stem = word_.text;
    for (const std::string_view self : {"나는", "저는", "내가", "제가", "나의", "내", "제"})
      if (stem == self) return add_self(0, stem.size());
    std::string_view bare = stem;
    for (const std::string_view particle : kParticles)
      if (stem.size() > particle.size() + kHan && stem.ends_with(particle)) {
        bare = stem.substr(0, stem.size() - particle.size());
        break;
      }
    for (const std::string_view honorific : {"선생님", "교수님", "씨", "님"})
      if (bare.size() > honorific.size() + kHan && bare.ends_with(honorific))
        return add(0, bare.size() - honorific.size(), "PERSON", 3);
    if (next_word().starts_with("씨") || next_word().starts_with("선생님"))
      return add(0, stem.size(), "PERSON", 3);
    for (const std::string_view whole : {bare, stem})
      if (const auto type = known_type(std::string(whole)))
        return add(0, whole.size(), type->c_str(), 3);
    if (bare.size() > 2 * kHan && (bare.ends_with("대학교") || bare.ends_with("회사")))
      return add(0, bare.size(), "ORGANIZATION", 3);
    // Three syllables, a common surname first, and a particle behind: a person, most likely.
    if (bare.size() == 3 * kHan && bare.size() < stem.size() &&
        contains_character("김박최윤송홍황", bare.substr(0, kHan)))
      add(0, bare.size(), "PERSON", 1);
  }

  void other_name() {
    for (const std::string_view self : {"أنا", "मैं", "मेरा", "मेरी", "मेरे", "मुझे", "אני"})
      if (word_.text == self) return add_self(0, self.size());
    if (const auto type = known_type(word_.text))
      return add(0, word_.text.size(), type->c_str(), 3);
    // And, in, to are written together with the word in Arabic.
    for (const std::string_view prefix : {"و", "ب", "ل"})
      if (word_.text.starts_with(prefix))
        if (const auto type = known_type(word_.text.substr(prefix.size())))
          return add(prefix.size(), word_.text.size() - prefix.size(), type->c_str(), 3);
    const bool titled = at_ > 0 && is_title(sentence_.words[at_ - 1].lower);
    if (titled || next_word() == "जी") add(0, word_.text.size(), "PERSON", 3);
  }

  const Sentence& sentence_;
  std::size_t at_;
  const Word& word_;
  bool japanese_;
  std::vector<Mention>& found_;
};

}  // namespace

void uncased_mentions(const Sentence& sentence, std::size_t at, bool japanese,
                      std::vector<Mention>& found) {
  Finder(sentence, at, japanese, found).run();
}

}  // namespace ryumem::sandbox
