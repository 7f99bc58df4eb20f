// Where a Redis is and how it is reached: what REDIS_URL says, and the files that go with it.
#pragma once

#include <string>
#include <vector>

#include "common/net/tls.h"

namespace ryumem {

struct HostPort {
  std::string host;
  int port = 0;

  HostPort() = default;
  HostPort(std::string the_host, int the_port) : host(std::move(the_host)), port(the_port) {}
  /// "cache:6379"
  std::string text() const { return host + ":" + std::to_string(port); }
};

struct RedisUrl {
  HostPort server;   // unless there is a path or there are sentinels
  std::string path;  // of the Unix socket
  std::string user;
  std::string password;
  int database = 0;

  /// Who can say where the master of `service` is at the moment.
  std::vector<HostPort> sentinels;
  std::string service;

  bool tls = false;  // to the sentinels, too

  // Not in the URL.
  TlsFiles files;
  std::string sentinel_password;

  RedisUrl() = default;
  /// redis://[user][:password]@host:port/db, rediss:// for TLS,
  /// redis+sentinel://[user][:password]@host:port,host:port/service/db (rediss+sentinel:// for
  /// TLS), or unix://[user][:password@]/path?db=N. Throws Failure(Kind::configuration); the message
  /// never holds the password.
  static RedisUrl parse(const std::string& url);
  /// For messages: without user and password.
  std::string name() const;
};

}  // namespace ryumem
