#include "common/ops/log_settings.h"

#include "common/base/failure.h"
#include "common/base/secrets.h"
#include "common/ops/option_value.h"
#include "common/ops/redis_of.h"

namespace ryumem {
namespace {

void keep_secrets(const Settings& settings) {
  for (const Option& option : option_table())
    if (option.secret && value_of(settings, option) != option.fallback)
      keep_secret(value_of(settings, option));
  try {
    keep_secret(redis_of(settings).password);  // the URL has it percent-encoded
  } catch (const Failure&) {
    // No URL, no password.
  }
}

}  // namespace

LogSettings log_settings(const Settings& settings, std::string program) {
  keep_secrets(settings);
  LogSettings log(settings.log_level, std::move(program));
  log.file = settings.log_file;
  log.json = settings.log_format == "json";
  log.content = settings.log_content;
  return log;
}

}  // namespace ryumem
