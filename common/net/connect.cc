// How a Stream comes about from our side: names, connecting, descriptors.
#include <cstring>
#include <optional>
#include <vector>

#include "common/net/stream_state.h"

namespace ryumem {
namespace {

// getaddrinfo as a wait. The request outlives a cancelled wait: libuv frees it in its callback.
class Resolving final : public Wait {
 public:
  Resolving(std::string host, Cancel& cancel) : Wait(cancel), host_(std::move(host)) {}

  std::vector<sockaddr_storage> await_resume() {
    Wait::await_resume();
    if (status_ != 0)
      throw Failure(Kind::transient,
                    "cannot resolve host \"" + host_ + "\": " + uv_strerror(status_));
    return addresses_;
  }

 private:
  struct Request {
    uv_getaddrinfo_t raw;
    Resolving* owner;
  };

  void begin() override {
    request_ = new Request{{}, this};
    request_->raw.data = request_;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    const int error = uv_getaddrinfo(
        Loop::current().raw(), &request_->raw,
        [](uv_getaddrinfo_t* raw, int status, addrinfo* found) {
          auto* request = static_cast<Request*>(raw->data);
          if (request->owner != nullptr) request->owner->finish(status, found);
          uv_freeaddrinfo(found);
          delete request;
        },
        host_.c_str(), nullptr, &hints);
    if (error == 0) return;
    delete request_;
    finish(error, nullptr);
  }

  void undo() noexcept override {
    uv_cancel(reinterpret_cast<uv_req_t*>(&request_->raw));
    request_->owner = nullptr;
  }

  void finish(int status, const addrinfo* found) {
    status_ = status;
    for (const addrinfo* at = found; status == 0 && at != nullptr; at = at->ai_next)
      std::memcpy(&addresses_.emplace_back(), at->ai_addr, at->ai_addrlen);
    wake();
  }

  std::string host_;
  Request* request_ = nullptr;
  int status_ = 0;
  std::vector<sockaddr_storage> addresses_;
};

void set_port(sockaddr_storage& address, int port) {
  const auto number = htons(static_cast<std::uint16_t>(port));
  if (address.ss_family == AF_INET6)
    reinterpret_cast<sockaddr_in6*>(&address)->sin6_port = number;
  else
    reinterpret_cast<sockaddr_in*>(&address)->sin_port = number;
}

}  // namespace

class Stream::Connecting final : public Wait {
 public:
  Connecting(State* state, const sockaddr_storage* address, std::string path, Cancel& cancel)
      : Wait(cancel), state_(state), address_(address), path_(std::move(path)) {}

  void await_resume() {
    Wait::await_resume();
    if (status_ != 0) throw stream_failure(state_->peer, "connecting", status_);
  }

 private:
  struct Request {
    uv_connect_t raw;
    Connecting* owner;
  };

  void begin() override {
    request_ = new Request{{}, this};
    request_->raw.data = request_;
    const auto done = [](uv_connect_t* raw, int status) {
      auto* request = static_cast<Request*>(raw->data);
      if (request->owner != nullptr) {
        request->owner->status_ = status;
        request->owner->wake();
      }
      delete request;
    };
    if (address_ == nullptr) {
      uv_pipe_connect(&request_->raw, &state_->handle.pipe, path_.c_str(), done);
      return;
    }
    const int error = uv_tcp_connect(&request_->raw, &state_->handle.tcp,
                                     reinterpret_cast<const sockaddr*>(address_), done);
    if (error == 0) return;
    delete request_;
    status_ = error;
    wake();
  }

  void undo() noexcept override { request_->owner = nullptr; }

  State* state_;
  const sockaddr_storage* address_;
  std::string path_;
  Request* request_ = nullptr;
  int status_ = 0;
};

Task<Stream> Stream::connect_tcp(std::string host, int port, Cancel& cancel) {
  const std::string peer = host + ":" + std::to_string(port);
  std::vector<sockaddr_storage> addresses = co_await Resolving(host, cancel);
  // A name like localhost may stand for ::1 and 127.0.0.1 while only one of them listens.
  std::optional<Failure> first_failure;
  for (sockaddr_storage& address : addresses) {
    set_port(address, port);
    Stream stream(State::tcp(peer));
    try {
      co_await Connecting(stream.state_, &address, std::string(), cancel);
      uv_tcp_nodelay(&stream.state_->handle.tcp, 1);
      co_return stream;
    } catch (const Failure& failure) {
      cancel.throw_if_requested();
      if (!first_failure) first_failure = failure;
    }
  }
  if (!first_failure) first_failure = Failure(Kind::transient, peer + ": no address");
  throw *first_failure;
}

Task<Stream> Stream::connect_unix(std::string path, Cancel& cancel) {
  Stream stream(State::unix_socket(path));
  co_await Connecting(stream.state_, nullptr, path, cancel);
  co_return stream;
}

Stream Stream::adopt(int fd) {
  Stream stream(State::unix_socket("descriptor " + std::to_string(fd)));
  const int error = uv_pipe_open(&stream.state_->handle.pipe, fd);
  if (error != 0)
    throw Failure(Kind::system,
                  "cannot use descriptor " + std::to_string(fd) + ": " + uv_strerror(error));
  return stream;
}

}  // namespace ryumem
