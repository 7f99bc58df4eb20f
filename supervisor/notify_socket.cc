#include "supervisor/notify_socket.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ryumem {
namespace {

std::string value_of(const Environment& environment, const char* variable) {
  const auto found = environment.find(variable);
  return found == environment.end() ? "" : found->second;
}

// 0 if it is no number.
std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && at == end ? number : 0;
}

// -1, and errno, if nobody is there.
int connect_to(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;
    return -1;
  }
  std::memcpy(address.sun_path, name.data(), name.size());
  std::size_t length = offsetof(sockaddr_un, sun_path) + name.size();
  if (name[0] == '@')
    address.sun_path[0] = '\0';  // an abstract name: as long as it is, without a zero behind it
  else
    ++length;
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length)) == 0)
    return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

}  // namespace

NotifySocket::NotifySocket(const Environment& environment) {
  const std::string name = value_of(environment, "NOTIFY_SOCKET");
  if (name.empty()) return;
  if (name[0] != '/' && name[0] != '@') {
    spdlog::warn("NOTIFY_SOCKET is \"{}\", neither a path nor an abstract name; it is not used",
                 name);
    return;
  }
  fd_ = connect_to(name);
  if (fd_ < 0) spdlog::warn("NOTIFY_SOCKET {} is not used: {}", name, std::strerror(errno));
}

NotifySocket::~NotifySocket() {
  if (fd_ >= 0) close(fd_);
}

bool NotifySocket::say(const std::string& lines) noexcept {
  if (fd_ < 0) return true;
  const ssize_t sent = send(fd_, lines.data(), lines.size(), MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(lines.size());
}

Millis watchdog_limit(const Environment& environment) {
  const std::string whom = value_of(environment, "WATCHDOG_PID");
  if (!whom.empty() && number_of(whom) != static_cast<std::uint64_t>(getpid())) return Millis(0);
  return Millis(number_of(value_of(environment, "WATCHDOG_USEC")) / 1000);
}

Environment without_service_manager(Environment environment) {
  for (const char* variable : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS",
                               "LISTEN_PID", "LISTEN_FDNAMES"})
    environment.erase(variable);
  return environment;
}

}  // namespace ryumem
