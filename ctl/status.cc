// ryumemctl status: how many jobs are where.
#include <fmt/format.h>

#include "ctl/verb.h"

namespace ryumem {
namespace {

constexpr std::string_view kHelp = R"(  ryumemctl status
      How many jobs wait, are in hand, are delayed and are dead.
)";

class Status final : public Verb {
 public:
  Task<int> run(Session& session) override {
    const Depths depths = co_await session.queue.depths(session.cancel);
    fmt::print("pending     {}\nprocessing  {}\ndelayed     {}\ndead        {} ({} to be told)\n",
               depths.pending, depths.processing, depths.delayed, depths.dead, depths.untold);
    co_return 0;
  }
};

std::unique_ptr<Verb> read(Arguments arguments, const Environment&) {
  if (!arguments.empty()) Arguments::refuse(arguments.next());
  return std::make_unique<Status>();
}

}  // namespace

VerbEntry status_verb() { return {"status", kHelp, read}; }

}  // namespace ryumem
