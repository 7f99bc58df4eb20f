#include "common/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "common/base/failure.h"

namespace ryumem {

void configure_logging(const std::string& level, const std::string& who) {
  const spdlog::level::level_enum parsed = spdlog::level::from_str(level);
  if (parsed == spdlog::level::off && level != "off")
    throw Failure(Kind::configuration,
                  "log level \"" + level +
                      "\" is unknown; use trace, debug, info, warning, error, critical or off");
  // Synchronous on purpose: an asynchronous logger's thread does not survive a fork.
  auto logger =
      std::make_shared<spdlog::logger>("ryumem", std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l " + who + " %v");
  logger->set_level(parsed);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(logger);
}

}  // namespace ryumem
