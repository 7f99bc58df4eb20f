#include "supervisor/about.h"

#include <cjson/cJSON.h>
#include <curl/curlver.h>
#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <openssl/crypto.h>
#include <simdjson.h>
#include <spdlog/version.h>
#include <unicode/uversion.h>
#include <uv.h>

#include <utility>
#include <vector>

#include "common/ops/options.h"
#include "common/ops/version.h"

namespace ryumem {

std::string help_of_ryumemd() {
  return help_text(
      "ryumemd",
      "ryumemd takes extraction jobs of a Ryumem server from Redis and works them off "
      "with a pool of workers.",
      "  --check-config           say what is wrong with flags, variables and files, and exit\n"
      "  --doctor                 look at Redis, server, models and system, say what is to be "
      "done\n"
      "  --no-paid                with --doctor: ask the models nothing that is paid for\n"
      "  --json                   with --doctor: one JSON object\n"
      "  --print-sample-config    a configuration file with every option and its default\n"
      "  --print-metrics          what /metrics tells: every metric with its labels and meaning\n"
      "  --help, --version\n");
}

// Of those that are asked at run time it is what runs, else what this was built with.
std::string version_of_ryumemd() {
  const std::vector<std::pair<const char*, std::string>> libraries = {
      {"libuv", uv_version_string()},
      {"hiredis", fmt::format("{}.{}.{}", HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH)},
      {"curl", LIBCURL_VERSION},  // of the workers; this program has no curl in it
      {"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
      {"simdjson", fmt::format("{}.{}.{}", static_cast<int>(simdjson::SIMDJSON_VERSION_MAJOR),
                               static_cast<int>(simdjson::SIMDJSON_VERSION_MINOR),
                               static_cast<int>(simdjson::SIMDJSON_VERSION_REVISION))},
      {"cJSON", cJSON_Version()},
      {"spdlog", fmt::format("{}.{}.{}", SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH)},
      {"fmt",
       fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
      {"ICU", U_ICU_VERSION},
      {"prometheus-cpp", RYUMEM_PROMETHEUS_VERSION},
  };
  std::string out = fmt::format("ryumemd {}\n", program_version());
  for (const auto& [name, version] : libraries) out += fmt::format("  {} {}\n", name, version);
  return out;
}

}  // namespace ryumem
