#include "common/queue/shared_circuits.h"

#include "common/queue/unexpected.h"

namespace ryumem {
namespace {

constexpr std::size_t kLongest = 500;  // of what is kept of a reason

const char* word(CircuitAsk::Event event) {
  switch (event) {
    case CircuitAsk::Event::failed:
      return "failed";
    case CircuitAsk::Event::works:
      return "works";
    case CircuitAsk::Event::none:
      break;
  }
  return "";
}

}  // namespace

Task<std::vector<CircuitReply>> ask_circuits(Queue& queue, std::string who,
                                             const std::vector<CircuitAsk>& asks, Cancel& cancel) {
  std::vector<std::string> arguments = {std::move(who)};
  for (const CircuitAsk& ask : asks) {
    arguments.push_back(ask.name);
    arguments.push_back(word(ask.event));
    arguments.push_back(excerpt(ask.why, kLongest));
    arguments.push_back(std::to_string(ask.least.count()));
    arguments.push_back(ask.would ? "1" : "0");
  }
  const RedisReply reply = co_await queue.run("circuits", std::move(arguments), cancel);
  if (reply.items.size() != asks.size() * 3) unexpected("circuits", reply);
  std::vector<CircuitReply> replies;
  for (std::size_t i = 0; i < reply.items.size(); i += 3) {
    CircuitReply one;
    one.open = reply.items[i].text == "1";
    one.left = Millis(reply.items[i + 1].integer);
    one.ours = one.open && one.left == Millis(0);
    one.why = excerpt(reply.items[i + 2].text, kLongest);
    replies.push_back(std::move(one));
  }
  co_return replies;
}

}  // namespace ryumem
