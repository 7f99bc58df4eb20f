#include "common/base/segments.h"

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/utext.h>

#include <memory>
#include <string>

#include "common/base/failure.h"

namespace ryumem {
namespace {

class Breaks {
 public:
  Breaks(std::string_view text, Segment segment) : size_(static_cast<std::int64_t>(text.size())) {
    UErrorCode error = U_ZERO_ERROR;
    const icu::Locale& locale = icu::Locale::getRoot();
    switch (segment) {
      case Segment::character:
        iterator_.reset(icu::BreakIterator::createCharacterInstance(locale, error));
        break;
      case Segment::word:
        iterator_.reset(icu::BreakIterator::createWordInstance(locale, error));
        break;
      case Segment::sentence:
        iterator_.reset(icu::BreakIterator::createSentenceInstance(locale, error));
        break;
    }
    utext_openUTF8(&text_, text.data(), size_, &error);
    if (U_SUCCESS(error)) iterator_->setText(&text_, error);
    if (U_FAILURE(error))
      throw Failure(Kind::internal, std::string("ICU cannot cut a text: ") + u_errorName(error));
    iterator_->first();
  }
  ~Breaks() { utext_close(&text_); }
  Breaks(const Breaks&) = delete;
  Breaks& operator=(const Breaks&) = delete;

  /// The next bound, or nothing behind the last one.
  bool next(std::size_t& bound) {
    const std::int32_t at = iterator_->next();
    if (at == icu::BreakIterator::DONE) return false;
    bound = static_cast<std::size_t>(at);
    return true;
  }

 private:
  std::int64_t size_;
  UText text_ = UTEXT_INITIALIZER;
  std::unique_ptr<icu::BreakIterator> iterator_;
};

}  // namespace

std::vector<std::size_t> bounds_of(std::string_view text, Segment segment) {
  std::vector<std::size_t> bounds;
  if (text.empty()) return bounds;
  Breaks breaks(text, segment);
  for (std::size_t bound = 0; breaks.next(bound);) bounds.push_back(bound);
  return bounds;
}

std::string_view first_characters(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;  // a character has a byte at least
  Breaks breaks(text, Segment::character);
  std::size_t end = 0;
  for (std::size_t count = 0, bound = 0; count < limit && breaks.next(bound); ++count) end = bound;
  return text.substr(0, end);
}

}  // namespace ryumem
