// A small HTTP/1.1 server on the loop: no threads, bounded memory per client. The supervisor's
// metrics and health, and the whole sandbox, are served by it.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "common/async/scope.h"
#include "common/base/clock.h"
#include "common/net/http_message.h"
#include "common/net/listener.h"

namespace ryumem {

/// One request and the connection it came on.
class HttpExchange {
 public:
  /// `patience`: how long the client may take to read what is sent to it.
  HttpExchange(const HttpQuery& the_query, Stream& stream, bool keep_alive, Millis patience,
               Cancel& cancel)
      : query(the_query),
        stream_(stream),
        keep_alive_(keep_alive),
        patience_(patience),
        cancel_(cancel) {}

  const HttpQuery& query;

  /// Sends the answer. Once per exchange.
  Task<> respond(HttpAnswer answer);
  /// Sends bytes as they are, instead of respond(); the connection ends after the exchange.
  Task<> send_raw(std::string bytes);
  /// Ends the connection with a reset.
  void reset();
  bool will_keep_alive() const { return keep_alive_; }
  /// Requested when the server stops; pass it to whatever the handler waits for.
  Cancel& cancel() { return cancel_; }

 private:
  Task<> send(std::string bytes);
  Stream& stream_;
  bool keep_alive_;
  Millis patience_;
  Cancel& cancel_;
};

/// Answers one request; a Failure it throws closes the connection.
using HttpHandler = std::function<Task<>(HttpExchange&)>;

class HttpServer {
 public:
  struct Settings {
    HttpLimits limits;
    std::size_t connections = 256;
    /// When there are so many and one more comes: the one that has waited longest for a request is
    /// closed in its favour, so that clients who only sit there keep nobody out. Otherwise, and
    /// when all are being answered, the new one is closed.
    bool idle_give_way = false;
    Millis patience{15'000};  // per request, per answer, and while idle
    Settings() = default;
  };

  /// Listens at once; port 0 takes a free one. Throws Failure(Kind::configuration).
  HttpServer(const std::string& address, int port, HttpHandler handler, Settings settings);

  int port() const { return listener_->port(); }

  /// Closes the listener and all connections, and waits for the handlers. Must be awaited before
  /// the destruction.
  Task<> stop();

 private:
  // A connection: whoever has done nothing for longest comes first.
  struct Client {
    Cancel cancel;
    bool waiting = true;  // for a request, or for the rest of one
    Client() = default;
  };
  using Place = std::list<Client>::iterator;

  void accept(Stream stream);
  bool make_room();
  Task<> serve(Stream stream, Place client);
  Task<> converse(Stream& stream, Place client);
  HttpHandler handler_;
  Settings settings_;
  Scope connections_;
  std::list<Client> live_;
  bool stopping_ = false;
  std::unique_ptr<Listener> listener_;
};

}  // namespace ryumem
