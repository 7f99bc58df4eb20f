#include "common/queue/pauses.h"

#include "tests/common/queue/queue_bench.h"

namespace ryumem::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Pause pause_of(const std::string& what) {
  Pause pause;
  pause.what = what;
  pause.by = "ada@db1";
  pause.why = "the \"graph\" moves";
  return pause;
}

TEST(Pauses, AreKeptInRedisWithWhoAndWhenAndWhy) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Pauses pauses(bench.queue);
    const bool fresh = co_await pauses.set(pause_of("all"), bench.cancel);
    EXPECT_TRUE(fresh);
    EXPECT_THAT(bench.state(), ElementsAre(R"(ryumem:paused hash {all={"at":now,"by":"ada@db1",)"
                                           R"("why":"the \"graph\" moves"}})"));
    const bool again = co_await pauses.set(pause_of("all"), bench.cancel);
    EXPECT_FALSE(again);
    co_await pauses.set(pause_of("gemini"), bench.cancel);
    const std::vector<Pause> all = co_await pauses.list(bench.cancel);
    EXPECT_EQ(all.size(), 2u);
    EXPECT_EQ(all.at(0).what, "all");
    EXPECT_EQ(all.at(0).by, "ada@db1");
    EXPECT_EQ(all.at(0).why, "the \"graph\" moves");
    EXPECT_THAT(all.at(0).text(), HasSubstr("all jobs are paused by ada@db1 since 20"));
    EXPECT_THAT(all.at(0).text(), HasSubstr("Z: the \"graph\" moves"));
    EXPECT_THAT(all.at(1).text(), HasSubstr("jobs for gemini are paused by ada@db1 since 20"));
  });
}

TEST(Pauses, AreLiftedOneByOne) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Pauses pauses(bench.queue);
    co_await pauses.set(pause_of("all"), bench.cancel);
    co_await pauses.set(pause_of("gemini"), bench.cancel);
    bool lifted = co_await pauses.lift("all", bench.cancel);
    EXPECT_TRUE(lifted);
    lifted = co_await pauses.lift("all", bench.cancel);
    EXPECT_FALSE(lifted);
    const std::vector<Pause> left = co_await pauses.list(bench.cancel);
    EXPECT_EQ(left.size(), 1u);
    EXPECT_EQ(left.at(0).what, "gemini");
  });
}

TEST(Pauses, HoldAClaimOfWhoeverTheyAreFor) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    produce(bench.server, "a");
    Pauses pauses(bench.queue);
    bench.queue.claim_for({"all", "ollama"});
    for (const char* what : {"all", "ollama"}) {
      co_await pauses.set(pause_of(what), bench.cancel);
      const std::vector<std::string> before = bench.state();
      const std::vector<Claim> none = co_await bench.queue.claim(5, bench.cancel);
      EXPECT_THAT(none, IsEmpty());
      EXPECT_EQ(bench.state(), before);
      co_await pauses.lift(what, bench.cancel);
    }
    co_await pauses.set(pause_of("gemini"), bench.cancel);  // which we do not use
    const std::vector<Claim> claims = co_await bench.queue.claim(5, bench.cancel);
    EXPECT_EQ(claims.size(), 1u);
  });
}

TEST(Pauses, HoldAlsoWithANoteThatCannotBeRead) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    produce(bench.server, "a");
    bench.server.ask({"HSET", "ryumem:paused", "all", "by hand"});
    const std::vector<Claim> none = co_await bench.queue.claim(5, bench.cancel);
    EXPECT_THAT(none, IsEmpty());
    Pauses pauses(bench.queue);
    const std::vector<Pause> all = co_await pauses.list(bench.cancel);
    EXPECT_EQ(all.at(0).text(), "all jobs are paused by somebody whose note cannot be read");
  });
}

TEST(Pauses, LeaveWhatIsInHandAlone) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Claim claim = co_await hold(bench);
    Pauses pauses(bench.queue);
    co_await pauses.set(pause_of("all"), bench.cancel);
    const Settled settled = co_await bench.queue.complete(job_of(claim), claim.token, bench.cancel);
    EXPECT_EQ(settled, Settled::done);
  });
}

TEST(Pauses, OfNamesThatAProcessUsesAreThoseOfItsProviders) {
  Settings settings;
  settings.llm_provider = "openai";
  settings.embedding_provider = "gemini";
  EXPECT_THAT(pausable_by(settings), ElementsAre("all", "openai", "gemini"));
  const std::vector<Pause> pauses = {pause_of("ollama"), pause_of("gemini")};
  EXPECT_EQ(holding(pauses, pausable_by(settings)), &pauses[1]);
  EXPECT_EQ(holding(pauses, {"all"}), nullptr);
}

}  // namespace
}  // namespace ryumem::test
