#include "common/ops/secret_file.h"

#include <fmt/format.h>

#include "common/base/text.h"
#include "common/ops/settings_file.h"

namespace ryumem {

std::optional<std::string> read_secret_file(const std::string& source, const std::string& path,
                                            Mistakes& mistakes) {
  std::string text;
  try {
    text = read_text_file(source, path);
  } catch (const Failure& failure) {
    mistakes.add(failure);
    return std::nullopt;
  }
  if (readable_by_all(path))
    mistakes.warn(
        fmt::format("{} {}: everybody on this machine can read it; chmod o-r it", source, path));
  std::string line(trim(text.substr(0, text.find('\n'))));
  if (!line.empty()) return line;
  mistakes.add(
      Kind::configuration,
      fmt::format("{} {}: its first line is empty; the secret belongs there", source, path));
  return std::nullopt;
}

}  // namespace ryumem
