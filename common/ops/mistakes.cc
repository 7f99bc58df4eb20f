#include "common/ops/mistakes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ryumem {

void Mistakes::add(Kind kind, std::string what) {
  if (lines_.empty() || kind == Kind::usage) kind_ = kind;
  lines_.push_back(std::move(what));
}

void Mistakes::throw_if_any() const {
  if (any()) throw Failure(kind_, fmt::format("{}", fmt::join(lines_, "\n")));
}

}  // namespace ryumem
