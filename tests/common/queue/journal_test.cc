#include "common/queue/journal.h"

#include "common/async/timer.h"
#include "tests/common/queue/states.h"

namespace ryumem {
namespace {

using test::failure_of;
using test::produce;
using test::QueueBench;
using test::RedisServer;
using test::with_queue;
using testing::HasSubstr;

constexpr const char* kJournalKey = "ryumem:journal:a";

std::string journal_of_a(QueueBench& bench) {
  for (const std::string& line : bench.state())
    if (line.rfind(kJournalKey, 0) == 0) return line.substr(std::string(kJournalKey).size() + 1);
  return "none";
}

Task<Claim> claim_a(QueueBench& bench) {
  produce(bench.server, "a");
  const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
  co_return claims.at(0);
}

TEST(Journal, FindsWhatCameWithTheClaimAndWhatWasAdded) {
  RedisServer server;
  server.ask({"HSET", kJournalKey, "entities", "[1]", "asked", "embed_entities"});
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Claim claim = co_await claim_a(bench);
    Journal journal(bench.queue, claim);
    EXPECT_EQ(journal.find("entities"), "[1]");
    EXPECT_EQ(journal.find("asked"), "embed_entities");
    EXPECT_EQ(journal.find("relationships"), std::nullopt);
    co_await journal.done("uuid:Alice", "u1", bench.cancel);
    EXPECT_EQ(journal.find("uuid:Alice"), "u1");
  });
}

TEST(Journal, HoldsACallAsAskedUntilItsAnswerIsThere) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Claim claim = co_await claim_a(bench);
    Journal journal(bench.queue, claim);
    co_await journal.asking("entities", bench.cancel);
    EXPECT_EQ(journal_of_a(bench), "hash {asked=entities} for a day");
    co_await journal.done("uuid:x", "u", bench.cancel);
    EXPECT_EQ(journal_of_a(bench), "hash {asked=entities,uuid:x=u} for a day");
    co_await journal.answered("entities", "[1]", bench.cancel);
    EXPECT_EQ(journal_of_a(bench), "hash {entities=[1],uuid:x=u} for a day");
    co_await journal.forget("entities", bench.cancel);
    EXPECT_EQ(journal_of_a(bench), "hash {uuid:x=u} for a day");
    EXPECT_EQ(journal.find("entities"), std::nullopt);
  });
}

TEST(Journal, IsReadByTheNextOwnerByteForByte) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Claim claim = co_await claim_a(bench);
    Journal journal(bench.queue, claim);
    std::string answer("{\"a\":\"\xc3\xa9\n\"}", 11);
    answer += '\0';
    answer += std::string(200'000, 'x');
    co_await journal.answered("entities", answer, bench.cancel);
    co_await bench.queue.reclaim("w:", true, bench.cancel);
    const std::vector<Claim> next = co_await bench.queue.claim(1, bench.cancel);
    Journal continued(bench.queue, next.at(0));
    EXPECT_TRUE(continued.find("entities") == answer);
    EXPECT_EQ(continued.find("crashes"), "1");
  });
}

// Each writing function with the job in other hands: lease_lost, naming the job.
TEST(Journal, SaysThatTheLeaseIsLost) {
  RedisServer server;
  server.ask({"HSET", kJournalKey, "entities", "[1]"});
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Claim claim = co_await claim_a(bench);
    Journal journal(bench.queue, claim);
    bench.server.ask({"HSET", "ryumem:owners", "a", "other:1:1"});
    std::vector<Failure> failures;
    const Failure of_asking = co_await failure_of(journal.asking("embed_entities", bench.cancel));
    const Failure of_done = co_await failure_of(journal.done("uuid:x", "u", bench.cancel));
    const Failure of_forget = co_await failure_of(journal.forget("entities", bench.cancel));
    failures.push_back(of_asking);
    failures.push_back(of_done);
    failures.push_back(of_forget);
    for (const Failure& failure : failures) {
      EXPECT_EQ(failure.kind(), Kind::lease_lost);
      EXPECT_THAT(failure.what(), HasSubstr("job a "));
    }
    EXPECT_THAT(journal_of_a(bench), HasSubstr("entities=[1]"));
    EXPECT_THAT(journal_of_a(bench), testing::Not(HasSubstr("asked")));
  });
}

TEST(Journal, KeepsALateAnswerForTheNextOwnerButNotOverItsOwn) {
  RedisServer server;
  server.ask({"HSET", kJournalKey, "crashes", "1"});
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Claim claim = co_await claim_a(bench);
    Journal journal(bench.queue, claim);
    bench.server.ask({"HSET", "ryumem:owners", "a", "other:1:1"});
    Failure failure = co_await failure_of(journal.answered("entities", "[1]", bench.cancel));
    EXPECT_EQ(failure.kind(), Kind::lease_lost);
    EXPECT_EQ(bench.server.ask({"HGET", kJournalKey, "entities"}), "[1]");
    failure = co_await failure_of(journal.answered("entities", "[2]", bench.cancel));
    EXPECT_EQ(failure.kind(), Kind::lease_lost);
    EXPECT_EQ(bench.server.ask({"HGET", kJournalKey, "entities"}), "[1]");
  });
}

TEST(Journal, HoldsEachOfSeveralCallsAsAskedUntilItHasEnded) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Claim claim = co_await claim_a(bench);
    Journal journal(bench.queue, claim);
    for (const char* step : {"e:0-9", "e:5-20", "e:15-30"})
      co_await journal.asking(step, bench.cancel);
    EXPECT_EQ(journal_of_a(bench), "hash {asked=e:0-9 e:15-30 e:5-20} for a day");
    co_await journal.answered("e:5-20", "[1]", bench.cancel);
    EXPECT_EQ(journal_of_a(bench), "hash {asked=e:0-9 e:15-30,e:5-20=[1]} for a day");
    journal.failed("e:0-9");
    co_await journal.answered("e:15-30", "[2]", bench.cancel);
    EXPECT_EQ(journal_of_a(bench), "hash {e:15-30=[2],e:5-20=[1]} for a day");
  });
}

TEST(Journal, OfACompletedJobIsNotBroughtBackByALateAnswer) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Claim claim = co_await claim_a(bench);
    Journal journal(bench.queue, claim);
    co_await journal.asking("extract_entities", bench.cancel);
    const Job job = test::job_of(claim);
    co_await bench.queue.complete(job, claim.token, bench.cancel);
    const Failure failure = co_await failure_of(journal.answered("entities", "[1]", bench.cancel));
    EXPECT_EQ(failure.kind(), Kind::lease_lost);
    EXPECT_EQ(journal_of_a(bench), "none");
  });
}

TEST(Journal, EndsItsWaitForRedisWithTheCancellation) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Claim claim = co_await claim_a(bench);
    Journal journal(bench.queue, claim);
    bench.server.kill();
    Cancel cancel;
    const Deadline deadline(cancel, Millis(200), Failure(Kind::stopping, "enough"));
    const Failure failure = co_await failure_of(journal.asking("embed_facts", cancel));
    EXPECT_EQ(failure.kind(), Kind::stopping);
  });
}

}  // namespace
}  // namespace ryumem
