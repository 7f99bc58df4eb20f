#include "ctl/print.h"

#include <fmt/chrono.h>

#include <charconv>
#include <ctime>

#include "common/base/text.h"

namespace ryumem {

std::string one_line(std::string_view text, std::size_t limit) {
  return excerpt(well_formed(text), limit);
}

std::string as_time(std::string_view ms) {
  // A score may be written as 1.7e+12.
  double number = 0;
  const char* end = ms.data() + ms.size();
  const auto [at, error] = std::from_chars(ms.data(), end, number);
  constexpr double kMost = 2.5e14;  // the year 9892
  if (error != std::errc() || at != end || !(number >= 0 && number < kMost)) return "?";
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(number / 1000)));
}

std::string counted(std::int64_t number, std::string_view thing) {
  return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

}  // namespace ryumem
