#include "common/net/http_server.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "common/async/timer.h"

namespace ryumem {

Task<> HttpExchange::respond(HttpAnswer answer) { co_await send(answer.wire(keep_alive_)); }

Task<> HttpExchange::send_raw(std::string bytes) {
  keep_alive_ = false;
  co_await send(std::move(bytes));
}

Task<> HttpExchange::send(std::string bytes) {
  // A client that does not read must not hold its connection for ever.
  Timer patience;
  patience.once(patience_, [stream = &stream_] { stream->close(); });
  co_await stream_.write(std::move(bytes), cancel_);
}

void HttpExchange::reset() {
  keep_alive_ = false;
  stream_.reset();
}

HttpServer::HttpServer(const std::string& address, int port, HttpHandler handler, Settings settings)
    : handler_(std::move(handler)), settings_(settings) {
  listener_ = std::make_unique<Listener>(address, port,
                                         [this](Stream stream) { accept(std::move(stream)); });
}

// To return without serving closes the stream.
void HttpServer::accept(Stream stream) {
  if (stopping_) return;
  if (connections_.running() >= settings_.connections && !make_room()) return;
  connections_.spawn(serve(std::move(stream), live_.emplace(live_.end())));
}

// Who gives way is gone a turn of the loop later; many may come in one turn.
bool HttpServer::make_room() {
  if (!settings_.idle_give_way || connections_.running() >= 4 * settings_.connections) return false;
  const auto idle =
      std::find_if(live_.begin(), live_.end(), [](const Client& client) { return client.waiting; });
  if (idle == live_.end()) return false;
  idle->waiting = false;  // gives way once
  idle->cancel.request(Failure(Kind::stopping, "another client needs the place"));
  return true;
}

Task<> HttpServer::serve(Stream stream, Place client) {
  try {
    co_await converse(stream, client);
  } catch (...) {
    // Whatever it was, it ends this connection and nothing else.
    const Failure failure = current_failure();
    if (failure.kind() == Kind::internal)
      spdlog::error("http connection ended: {}", failure.what());
    else
      spdlog::debug("http connection ended: {}", failure.what());
  }
  live_.erase(client);
}

Task<> HttpServer::converse(Stream& stream, Place client) {
  Cancel& cancel = client->cancel;
  HttpParser parser(settings_.limits);
  for (bool open = true; open;) {
    std::optional<HttpQuery> query;
    std::optional<HttpAnswer> refusal;
    try {
      // The patience covers a whole request: bytes that trickle in do not prolong it.
      Timer patience;
      patience.once(settings_.patience, [&stream] { stream.close(); });
      for (query = parser.next(); !query; query = parser.next()) {
        std::string bytes = co_await stream.read(cancel);
        if (bytes.empty()) co_return;
        parser.feed(bytes);
      }
    } catch (const Failure& failure) {
      if (failure.kind() != Kind::rejected) throw;
      refusal.emplace(400, std::string(failure.what()) + "\n", "text/plain");
    }
    if (refusal) {
      co_await stream.write(refusal->wire(false), cancel);
      co_return;
    }
    client->waiting = false;
    HttpExchange exchange(*query, stream, parser.keep_alive(), settings_.patience, cancel);
    co_await handler_(exchange);
    open = exchange.will_keep_alive();
    cancel.throw_if_requested();
    client->waiting = true;
    live_.splice(live_.end(), live_, client);
  }
}

Task<> HttpServer::stop() {
  stopping_ = true;
  listener_.reset();
  for (Client& client : live_)
    client.cancel.request(Failure(Kind::stopping, "the server is stopping"));
  co_await connections_.join();
}

}  // namespace ryumem
