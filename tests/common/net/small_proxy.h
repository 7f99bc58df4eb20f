// An HTTP proxy that goes where it is told to: whatever host is asked for, it connects to
// 127.0.0.1.
#pragma once

#include <string>
#include <vector>

#include "common/async/scope.h"
#include "common/net/listener.h"

namespace ryumem::test {

class SmallProxy {
 public:
  /// `refusal`: the status line and headers that everybody gets instead; empty: it works.
  explicit SmallProxy(std::string refusal = "")
      : refusal_(std::move(refusal)), listener_("127.0.0.1", 0, [this](Stream stream) {
          scope_.spawn(serve(std::move(stream)));
        }) {}

  std::string url() const { return "http://127.0.0.1:" + std::to_string(listener_.port()); }
  /// The first line of each request, and its Proxy-Authorization if it has one.
  const std::vector<std::string>& asked() const { return asked_; }

  /// Must be awaited before the destruction.
  Task<> stop() {
    cancel_.request(Failure(Kind::stopping, "the proxy stops"));
    co_await scope_.join();
  }

 private:
  Task<> serve(Stream client) {
    try {
      std::string head;
      while (head.find("\r\n\r\n") == head.npos) {
        const std::string more = co_await client.read(cancel_);
        if (more.empty()) co_return;
        head += more;
      }
      const std::string line = head.substr(0, head.find("\r\n"));
      const std::string word = "Proxy-Authorization: ";
      const std::size_t at = head.find(word);
      asked_.push_back(line + (at == head.npos
                                   ? ""
                                   : " " + head.substr(at + word.size(),
                                                       head.find("\r\n", at) - at - word.size())));
      if (!refusal_.empty()) {
        co_await client.write(refusal_, cancel_);
        co_return;
      }
      const bool tunnel = line.starts_with("CONNECT ");
      // "CONNECT host:port HTTP/1.1" or "GET http://host:port/path HTTP/1.1"
      const std::size_t host = tunnel ? 8 : line.find("://") + 3;
      const std::size_t end = line.find_first_of("/ ", host);
      const std::size_t colon = line.find(':', host);
      const int port = std::stoi(line.substr(colon + 1, end - colon - 1));
      Stream server = co_await Stream::connect_tcp("127.0.0.1", port, cancel_);
      if (tunnel)
        co_await client.write("HTTP/1.1 200 Connection established\r\nRetry-After: 9\r\n\r\n",
                              cancel_);
      else
        co_await server.write(line.substr(0, line.find(' ') + 1) + head.substr(end), cancel_);
      Scope both;
      both.spawn(pass(client, server));
      both.spawn(pass(server, client));
      co_await both.join();
    } catch (const Failure&) {
      // The client sees its connection end.
    }
  }

  Task<> pass(Stream& from, Stream& to) {
    try {
      for (;;) {
        std::string bytes = co_await from.read(cancel_);
        if (bytes.empty()) break;
        co_await to.write(std::move(bytes), cancel_);
      }
    } catch (const Failure&) {
      // As the end.
    }
    to.close();
    from.close();
  }

  std::string refusal_;
  std::vector<std::string> asked_;
  Cancel cancel_;
  Scope scope_;
  Listener listener_;
};

}  // namespace ryumem::test
