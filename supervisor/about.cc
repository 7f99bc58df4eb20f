#include "supervisor/about.h"

#include <cjson/cJSON.h>
#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <simdjson.h>
#include <spdlog/version.h>
#include <unicode/uversion.h>
#include <uv.h>

#include "common/ops/options.h"
#include "common/ops/version.h"

namespace ryumem {

std::string help_of_ryumemd() {
  return help_text(
      "ryumemd",
      "ryumemd takes extraction jobs of a Ryumem server from Redis and works them off "
      "with a pool of workers.",
      "  --check-config           say what is wrong with flags, variables and files, and exit\n"
      "  --print-sample-config    a configuration file with every option and its default\n"
      "  --help, --version\n");
}

std::string version_of_ryumemd() {
  return fmt::format(
      "ryumemd {}\n"
      "  libuv {}\n  hiredis {}.{}.{}\n  simdjson {}.{}.{}\n  cJSON {}\n  spdlog {}.{}.{}\n  ICU "
      "{}\n",
      program_version(), uv_version_string(), HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH,
      static_cast<int>(simdjson::SIMDJSON_VERSION_MAJOR),
      static_cast<int>(simdjson::SIMDJSON_VERSION_MINOR),
      static_cast<int>(simdjson::SIMDJSON_VERSION_REVISION), cJSON_Version(), SPDLOG_VER_MAJOR,
      SPDLOG_VER_MINOR, SPDLOG_VER_PATCH, U_ICU_VERSION);
}

}  // namespace ryumem
