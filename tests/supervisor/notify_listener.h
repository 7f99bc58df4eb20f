// The other end of NOTIFY_SOCKET: a real datagram socket, in the place of systemd's.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace ryumem::test {

class NotifyListener {
 public:
  /// On a path of its own, or in the abstract namespace.
  explicit NotifyListener(bool abstract = false)
      : name_(abstract ? "@ryumem-test-" + std::to_string(getpid()) : folder_.file("notify")),
        fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name_.data(), name_.size());
    if (abstract) address.sun_path[0] = '\0';
    const std::size_t length = offsetof(sockaddr_un, sun_path) + name_.size() + (abstract ? 0 : 1);
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length)) != 0)
      throw std::runtime_error("no socket at " + name_ + ": " + std::strerror(errno));
  }
  ~NotifyListener() { close(fd_); }
  NotifyListener(const NotifyListener&) = delete;
  NotifyListener& operator=(const NotifyListener&) = delete;

  const std::string& name() const { return name_; }

  /// All datagrams until now, in order.
  const std::vector<std::string>& heard() {
    char buffer[4096];
    for (;;) {
      const ssize_t size = recv(fd_, buffer, sizeof(buffer), 0);
      if (size < 0) return heard_;
      heard_.emplace_back(buffer, static_cast<std::size_t>(size));
    }
  }
  /// How many of them begin so.
  int count(const std::string& begin) {
    int n = 0;
    for (const std::string& one : heard()) n += one.rfind(begin, 0) == 0;
    return n;
  }
  /// The last one that begins so; empty if there is none.
  std::string last(const std::string& begin) {
    std::string found;
    for (const std::string& one : heard())
      if (one.rfind(begin, 0) == 0) found = one;
    return found;
  }
  bool hears(const std::string& begin, int times = 1, Millis limit = Seconds(30)) {
    return wait_until(limit, [&] { return count(begin) >= times; });
  }

 private:
  TempDir folder_;
  std::string name_;
  int fd_;
  std::vector<std::string> heard_;
};

}  // namespace ryumem::test
