// A blocking HTTP client of a few lines, for tests that watch a program from outside.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace ryumem::test {

struct HttpReplyText {
  int status = 0;    // 0: no answer
  std::string head;  // status line and headers
  std::string body;
};

/// One request to 127.0.0.1 on a connection of its own; waits at most five seconds.
inline HttpReplyText http_request(int port, const std::string& method, const std::string& path) {
  HttpReplyText out;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{5, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string all;
  if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0) {
    const std::string request =
        method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    char buffer[4096];
    for (ssize_t n; (n = recv(fd, buffer, sizeof(buffer), 0)) > 0;)
      all.append(buffer, static_cast<std::size_t>(n));
  }
  close(fd);
  const std::size_t end = all.find("\r\n\r\n");
  if (end == std::string::npos) return out;
  out.head = all.substr(0, end);
  out.body = all.substr(end + 4);
  out.status = std::atoi(out.head.c_str() + out.head.find(' ') + 1);
  return out;
}

inline HttpReplyText http_get(int port, const std::string& path) {
  return http_request(port, "GET", path);
}

}  // namespace ryumem::test
