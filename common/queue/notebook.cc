#include "common/queue/notebook.h"

namespace ryumem {

Task<std::optional<std::string>> Notebook::read(std::string name, Cancel& cancel) {
  RedisCommand command = {"GET", keys_.found(name)};
  const RedisReply reply = co_await redis_.command(std::move(command), cancel);
  std::optional<std::string> text;
  if (reply.is_error()) throw Failure(Kind::outage, "Redis: " + reply.text);
  if (!reply.is_nil()) text = reply.text;
  co_return text;
}

Task<> Notebook::write(std::string name, std::string text, Seconds lifetime, Cancel& cancel) {
  RedisCommand command = {"SET", keys_.found(name), std::move(text), "EX",
                          std::to_string(lifetime.count())};
  const RedisReply reply = co_await redis_.command(std::move(command), cancel);
  if (reply.is_error()) throw Failure(Kind::outage, "Redis: " + reply.text);
}

}  // namespace ryumem
