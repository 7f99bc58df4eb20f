#include "common/net/listener.h"

#include "common/net/stream_state.h"

namespace ryumem {

struct Listener::State {
  uv_tcp_t handle{};
  std::function<void(Stream)> accepted;
};

Listener::Listener(const std::string& address, int port, std::function<void(Stream)> accepted)
    : state_(new State) {
  state_->accepted = std::move(accepted);
  uv_tcp_init(Loop::current().raw(), &state_->handle);
  state_->handle.data = state_;
  sockaddr_storage where{};
  int error = uv_ip4_addr(address.c_str(), port, reinterpret_cast<sockaddr_in*>(&where));
  if (error != 0)
    error = uv_ip6_addr(address.c_str(), port, reinterpret_cast<sockaddr_in6*>(&where));
  if (error == 0)
    error = uv_tcp_bind(&state_->handle, reinterpret_cast<const sockaddr*>(&where), 0);
  if (error == 0)
    error = uv_listen(reinterpret_cast<uv_stream_t*>(&state_->handle), 512,
                      [](uv_stream_t* server, int status) {
                        auto* state = static_cast<State*>(server->data);
                        if (status != 0) return;
                        Stream stream(Stream::State::tcp("client"));
                        if (uv_accept(server, stream.state_->stream()) != 0) return;
                        uv_tcp_nodelay(&stream.state_->handle.tcp, 1);
                        state->accepted(std::move(stream));
                      });
  if (error != 0) {
    uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
             [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
    throw Failure(Kind::system, "cannot listen on " + address + ":" + std::to_string(port) + ": " +
                                    uv_strerror(error) + "; choose another address with --listen");
  }
  int length = sizeof(where);
  uv_tcp_getsockname(&state_->handle, reinterpret_cast<sockaddr*>(&where), &length);
  port_ = ntohs(where.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&where)->sin6_port
                                            : reinterpret_cast<sockaddr_in*>(&where)->sin_port);
}

Listener::~Listener() {
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
           [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

}  // namespace ryumem
