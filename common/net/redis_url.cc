#include <charconv>

#include "common/base/failure.h"
#include "common/base/text.h"
#include "common/net/redis.h"

namespace ryumem {
namespace {

constexpr int kDefaultPort = 6379;

// The URL itself never goes into a message: it may hold the password.
[[noreturn]] void refuse(const std::string& what) {
  throw Failure(Kind::configuration, "REDIS_URL: " + what +
                                         "; expected redis://[user][:password]@host:port/db or "
                                         "unix:///path/to/socket?db=N");
}

int parse_number(std::string_view digits, int most, const std::string& what) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value < 0 || value > most)
    refuse(what + " is not a number from 0 to " + std::to_string(most));
  return value;
}

// Takes "[user][:password]@" from the front of `rest`.
void take_credentials(std::string_view& rest, RedisUrl& url) {
  const std::size_t at = rest.rfind('@', rest.find('/'));
  if (at == std::string_view::npos) return;
  const std::string_view credentials = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  const std::size_t colon = credentials.find(':');
  url.user = percent_decode(credentials.substr(0, colon));
  if (colon != std::string_view::npos) url.password = percent_decode(credentials.substr(colon + 1));
}

void take_host(std::string_view authority, RedisUrl& url) {
  std::size_t colon = authority.rfind(':');
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) refuse("the IPv6 address has no closing bracket");
    url.host = authority.substr(1, end - 1);
    colon = authority.find(':', end);
  } else {
    url.host = authority.substr(0, colon);
  }
  if (url.host.empty()) url.host = "localhost";
  url.port = colon == std::string_view::npos
                 ? kDefaultPort
                 : parse_number(authority.substr(colon + 1), 65535, "the port");
}

}  // namespace

RedisUrl RedisUrl::parse(const std::string& text) {
  constexpr int kMostDatabases = 1 << 20;
  RedisUrl url;
  std::string_view rest = text;
  const auto take_scheme = [&rest](std::string_view scheme) {
    if (rest.rfind(scheme, 0) != 0) return false;
    rest.remove_prefix(scheme.size());
    return true;
  };
  if (take_scheme("rediss://")) refuse("this version has no TLS to Redis (rediss://)");
  const bool tcp = take_scheme("redis://");
  if (!tcp && !take_scheme("unix://")) refuse("it has an unknown scheme");

  std::string_view query;
  const std::size_t mark = rest.find('?');
  if (mark != std::string_view::npos) {
    query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  take_credentials(rest, url);
  if (tcp) {
    const std::size_t slash = rest.find('/');
    take_host(rest.substr(0, slash), url);
    if (slash != std::string_view::npos && slash + 1 < rest.size())
      url.database = parse_number(rest.substr(slash + 1), kMostDatabases, "the database");
  } else {
    url.path = percent_decode(rest);
    if (url.path.empty() || url.path.front() != '/') refuse("the socket's path is not absolute");
  }
  for (const std::string& pair : split(query, '&'))
    if (pair.rfind("db=", 0) == 0)
      url.database = parse_number(std::string_view(pair).substr(3), kMostDatabases, "the database");
  return url;
}

std::string RedisUrl::name() const {
  const std::string where = path.empty() ? host + ":" + std::to_string(port) : path;
  return "redis at " + where + (database == 0 ? "" : " db " + std::to_string(database));
}

}  // namespace ryumem
