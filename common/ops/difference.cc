#include "common/ops/difference.h"

#include <fmt/format.h>

#include "common/base/text.h"
#include "common/ops/option_value.h"

namespace ryumem {

Difference difference(const Settings& before, const Settings& after) {
  constexpr std::size_t kShown = 80;
  Difference out;
  for (const Option& option : option_table()) {
    const std::string was = value_of(before, option);
    const std::string is = value_of(after, option);
    if (was == is) continue;
    std::vector<std::string>& entries = option.restart ? out.at_restart : out.now;
    entries.push_back(option.secret ? fmt::format("{}: another one", option.name)
                                    : fmt::format("{}: {} -> {}", option.name, excerpt(was, kShown),
                                                  excerpt(is, kShown)));
  }
  return out;
}

}  // namespace ryumem
