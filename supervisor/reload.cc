#include "supervisor/reload.h"

#include "common/ops/option_value.h"

namespace ryumem {

Reload take_over(const Settings& running, const Settings& read) {
  Reload out(read);
  for (const Option& option : option_table()) {
    const std::string value = value_of(running, option);
    if (!option.restart || value == value_of(read, option)) continue;
    set_value(out.settings, option, option.variable, value);
    out.held_back.emplace_back(option.variable);
  }
  return out;
}

}  // namespace ryumem
