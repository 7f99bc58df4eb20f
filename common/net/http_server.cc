#include "common/net/http_server.h"

#include <spdlog/spdlog.h>

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
  listener_ = std::make_unique<Listener>(address, port, [this](Stream stream) {
    if (stopping_ || connections_.running() >= settings_.connections) return;  // closes it
    connections_.spawn(serve(std::move(stream)));
  });
}

Task<> HttpServer::serve(Stream stream) {
  Cancel cancel;
  const auto place = live_.insert(live_.end(), &cancel);
  if (stopping_) cancel.request(Failure(Kind::stopping, "the server is stopping"));
  try {
    co_await converse(stream, cancel);
  } catch (...) {
    // Whatever it was, it ends this connection and nothing else.
    const Failure failure = current_failure();
    if (failure.kind() == Kind::internal)
      spdlog::error("http connection ended: {}", failure.what());
    else
      spdlog::debug("http connection ended: {}", failure.what());
  }
  live_.erase(place);
}

Task<> HttpServer::converse(Stream& stream, Cancel& cancel) {
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
    HttpExchange exchange(*query, stream, parser.keep_alive(), settings_.patience, cancel);
    co_await handler_(exchange);
    open = exchange.will_keep_alive();
  }
}

Task<> HttpServer::stop() {
  stopping_ = true;
  listener_.reset();
  for (Cancel* cancel : live_) cancel->request(Failure(Kind::stopping, "the server is stopping"));
  co_await connections_.join();
}

}  // namespace ryumem
