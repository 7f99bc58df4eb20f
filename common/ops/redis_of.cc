#include "common/ops/redis_of.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/base/failure.h"

namespace ryumem {
namespace {

void add(Mistakes& mistakes, const char* variable, const std::string& what) {
  mistakes.add(Kind::configuration, fmt::format("{}: {}", variable, what));
}

// The file is read at each connection; a slip in its name should not wait for the first.
void check_file(const char* variable, const std::string& path, const RedisUrl& url,
                Mistakes& mistakes) {
  if (path.empty()) return;
  if (!url.tls)
    add(mistakes, variable, "REDIS_URL asks for no TLS; it would have to begin with rediss");
  else if (access(path.c_str(), R_OK) != 0)
    add(mistakes, variable, fmt::format("{}: {}", path, std::strerror(errno)));
}

}  // namespace

RedisUrl redis_of(const Settings& settings) {
  RedisUrl url = RedisUrl::parse(settings.redis_url);
  url.sentinel_password = settings.redis_sentinel_password;
  url.files.authorities = settings.redis_ca_file;
  url.files.certificate = settings.redis_cert_file;
  url.files.key = settings.redis_key_file;
  return url;
}

void check_redis(const Settings& settings, Mistakes& mistakes) {
  const RedisUrl url = redis_of(settings);
  check_file("REDIS_CA_FILE", settings.redis_ca_file, url, mistakes);
  check_file("REDIS_CERT_FILE", settings.redis_cert_file, url, mistakes);
  check_file("REDIS_KEY_FILE", settings.redis_key_file, url, mistakes);
  if (url.files.certificate.empty() && !url.files.key.empty())
    add(mistakes, "REDIS_KEY_FILE", "it is of no use without REDIS_CERT_FILE");
  if (url.files.key.empty() && !url.files.certificate.empty())
    add(mistakes, "REDIS_CERT_FILE", "it is of no use without REDIS_KEY_FILE");
  if (!url.sentinel_password.empty() && url.sentinels.empty())
    add(mistakes, "REDIS_SENTINEL_PASSWORD", "REDIS_URL names no sentinels");
}

}  // namespace ryumem
