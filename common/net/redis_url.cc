#include "common/net/redis_url.h"

#include <charconv>

#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr int kDefaultPort = 6379;
constexpr int kSentinelPort = 26379;
constexpr int kMostDatabases = 1 << 20;

// The URL itself never goes into a message: it may hold the password.
[[noreturn]] void refuse(const std::string& what) {
  throw Failure(Kind::configuration, "REDIS_URL: " + what +
                                         "; expected redis://[user][:password]@host:port/db, "
                                         "rediss:// for TLS, redis+sentinel://host:port,…/service, "
                                         "or unix:///path/to/socket?db=N");
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

HostPort read_host(std::string_view authority, int default_port) {
  HostPort out;
  std::size_t colon = authority.rfind(':');
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) refuse("the IPv6 address has no closing bracket");
    out.host = authority.substr(1, end - 1);
    colon = authority.find(':', end);
  } else {
    out.host = authority.substr(0, colon);
  }
  if (out.host.empty()) out.host = "localhost";
  out.port = colon == std::string_view::npos
                 ? default_port
                 : parse_number(authority.substr(colon + 1), 65535, "the port");
  return out;
}

// What stands behind the first slash.
std::string_view take_path(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view path =
      slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  rest = rest.substr(0, slash);
  return path;
}

void read_database(std::string_view digits, RedisUrl& url) {
  if (!digits.empty()) url.database = parse_number(digits, kMostDatabases, "the database");
}

void read_server(std::string_view rest, RedisUrl& url) {
  read_database(take_path(rest), url);
  url.server = read_host(rest, kDefaultPort);
}

void read_sentinels(std::string_view rest, RedisUrl& url) {
  std::string_view service = take_path(rest);
  std::string_view database = take_path(service);
  url.service = percent_decode(service);
  if (url.service.empty()) refuse("the name of the sentinels' service is missing");
  read_database(database, url);
  for (const std::string& sentinel : split(rest, ','))
    url.sentinels.push_back(read_host(sentinel, kSentinelPort));
}

void read_socket(std::string_view rest, RedisUrl& url) {
  url.path = percent_decode(rest);
  if (url.path.empty() || url.path.front() != '/') refuse("the socket's path is not absolute");
}

struct Scheme {
  std::string_view begins;
  bool tls;
  void (*read)(std::string_view rest, RedisUrl& url);
};

constexpr Scheme kSchemes[] = {
    {"redis://", false, read_server},
    {"rediss://", true, read_server},
    {"redis+sentinel://", false, read_sentinels},
    {"rediss+sentinel://", true, read_sentinels},
    {"unix://", false, read_socket},
};

}  // namespace

RedisUrl RedisUrl::parse(const std::string& text) {
  for (const Scheme& scheme : kSchemes) {
    if (text.rfind(scheme.begins, 0) != 0) continue;
    std::string_view rest = std::string_view(text).substr(scheme.begins.size());
    std::string_view query;
    if (const std::size_t mark = rest.find('?'); mark != std::string_view::npos) {
      query = rest.substr(mark + 1);
      rest = rest.substr(0, mark);
    }
    RedisUrl url;
    url.tls = scheme.tls;
    take_credentials(rest, url);
    scheme.read(rest, url);
    for (const std::string& pair : split(query, '&'))
      if (pair.rfind("db=", 0) == 0) read_database(std::string_view(pair).substr(3), url);
    return url;
  }
  refuse("it has an unknown scheme");
}

std::string RedisUrl::name() const {
  std::string where = path.empty() ? server.text() : path;
  if (!sentinels.empty()) {
    where = service + " of the sentinels";
    for (const HostPort& sentinel : sentinels) where += " " + sentinel.text();
  }
  return "redis at " + where + (database == 0 ? "" : " db " + std::to_string(database));
}

}  // namespace ryumem
