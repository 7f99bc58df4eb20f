// The environment of this process.
#include <cstring>

#include "common/ops/options.h"

extern char** environ;

namespace ryumem {
namespace {

bool is_secret(const std::string& variable) {
  for (const Option& option : option_table())
    if (option.secret && variable == option.variable) return true;
  return false;
}

}  // namespace

Environment process_environment() {
  Environment out;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view entry(*at);
    const std::size_t equal = entry.find('=');
    if (equal != std::string_view::npos)
      out[std::string(entry.substr(0, equal))] = std::string(entry.substr(equal + 1));
  }
  return out;
}

Environment take_environment() {
  Environment out = process_environment();
  for (char** at = environ; *at != nullptr; ++at) {
    char* equal = std::strchr(*at, '=');
    if (equal != nullptr && is_secret(std::string(*at, equal)))
      std::memset(equal + 1, 'x', std::strlen(equal + 1));
  }
  return out;
}

}  // namespace ryumem
