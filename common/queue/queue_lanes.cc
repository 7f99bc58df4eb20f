// Queue, the part about the rate at which models may be asked.
#include <cmath>

#include "common/queue/queue.h"
#include "common/queue/unexpected.h"

namespace ryumem {

Task<LaneReply> Queue::ask_lane(const LaneAsk& ask, Cancel& cancel) {
  std::vector<std::string> arguments = {ask.lane, owner_};
  for (const double limit :
       {ask.configured.requests, ask.configured.tokens, ask.told.requests, ask.told.tokens})
    arguments.push_back(std::to_string(std::llround(limit)));
  for (const std::int64_t figure : {ask.requests, ask.tokens, ask.answered, ask.refused})
    arguments.push_back(std::to_string(figure));
  arguments.push_back(std::to_string(ask.wait.count()));
  const RedisReply reply = co_await run("lane", std::move(arguments), cancel);
  constexpr std::size_t kFigures = 7;
  if (reply.items.size() != kFigures) unexpected("lane", reply);
  constexpr double kThousandths = 1000;
  LaneReply out;
  out.requests = reply.items[0].integer;
  out.tokens = reply.items[1].integer;
  out.all.requests = static_cast<double>(reply.items[2].integer) / kThousandths;
  out.all.tokens = static_cast<double>(reply.items[3].integer);
  out.processes = static_cast<int>(reply.items[4].integer);
  out.wait = Millis(reply.items[5].integer);
  out.refusals = reply.items[6].integer;
  co_return out;
}

}  // namespace ryumem
