// Cases of states_test.cc: from the producer into a worker's hands, and what it does while it
// works.
#include "tests/common/queue/states.h"

namespace ryumem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Task<> enqueues(QueueBench& bench) {
  bench.server.ask({"LPUSH", "ryumem:extraction_jobs", "older"});
  EXPECT_THAT(bench.state(), ElementsAre("ryumem:extraction_jobs list [older]"));
  Job job;
  job.id = "a";
  job.episode_uuid = "e-a";
  job.content = "text";
  job.user_id = "u";
  co_await bench.queue.enqueue(job, bench.cancel);
  EXPECT_THAT(bench.state(), ElementsAre("ryumem:extraction_jobs list [a,older]",
                                         "ryumem:job:a string " + new_body(job) + kDay));
}

Task<> claims(QueueBench& bench) {
  for (const char* id : {"a", "b"}) produce(bench.server, id);
  bench.server.ask({"HSET", "ryumem:journal:a", "entities", "[1]", "crashes", "1"});
  bench.server.ask({"HSET", "ryumem:strangers", "a", from_now(bench.server, -60) + " 0f"});
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:extraction_jobs list [b,a]", job_line("a", "pending", 0, kDay),
                          job_line("b", "pending", 0, kDay),
                          "ryumem:journal:a hash {crashes=1,entities=[1]}",
                          "ryumem:strangers hash {a=60 s ago 0f}"));
  const std::vector<Claim> taken = co_await bench.queue.claim(1, bench.cancel);
  EXPECT_EQ(taken.size(), 1u);
  if (taken.size() != 1) co_return;
  EXPECT_EQ(taken[0].id, "a");
  EXPECT_EQ(taken[0].token, "w:1:1");
  EXPECT_EQ(taken[0].body, peer_body("a"));
  EXPECT_EQ(taken[0].trouble, "");
  EXPECT_EQ(taken[0].journal,
            (std::map<std::string, std::string>{{"crashes", "1"}, {"entities", "[1]"}}));
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:extraction_jobs list [b]", kInHand,
                          job_line("a", "pending", 0, kDay), job_line("b", "pending", 0, kDay),
                          "ryumem:journal:a hash {crashes=1,entities=[1]}", kLeases, kOwners));
}

// The producer has put an id in that is in hand: its second copy is dropped, the next job taken.
Task<> drops_a_second_copy(QueueBench& bench) {
  co_await hold(bench);
  bench.server.ask({"LPUSH", "ryumem:extraction_jobs", "a", "a"});
  Lines lines = held();
  lines.insert(lines.begin(), "ryumem:extraction_jobs list [a,a]");
  EXPECT_EQ(bench.state(), lines);
  const std::vector<Claim> none = co_await bench.queue.claim(5, bench.cancel);
  EXPECT_THAT(none, IsEmpty());
  EXPECT_EQ(bench.state(), held());
  bench.server.ask({"LPUSH", "ryumem:extraction_jobs", "a"});
  produce(bench.server, "b");
  const std::vector<Claim> next = co_await bench.queue.claim(1, bench.cancel);
  EXPECT_EQ(next.size(), 1u);
  EXPECT_EQ(next.at(0).id, "b");
  EXPECT_EQ(next.at(0).token, "w:3:1");
  EXPECT_EQ(bench.state()[0], "ryumem:extraction_processing list [b,a]");
  EXPECT_EQ(bench.state().back(), "ryumem:owners hash {a=w:1:1,b=w:3:1}");
}

Task<> starts(QueueBench& bench) {
  const Claim claim = co_await hold(bench);
  bench.server.ask({"EXPIRE", "ryumem:job:a", "100"});
  EXPECT_THAT(bench.state()[1], testing::HasSubstr(" s"));
  const Job job = job_of(claim);
  const Settled settled = co_await bench.queue.start(job, claim.token, bench.cancel);
  EXPECT_EQ(settled, Settled::done);
  EXPECT_THAT(bench.state(), ElementsAre(kInHand, job_line("a", "processing", 0, kDay),
                                         kHeldJournal, kLeases, kOwners));
}

Task<> does_not_start(QueueBench& bench) {
  const Lines before = co_await held_by_another(bench);
  const Job job = parse_job("a", peer_body("a"), 3);
  const Settled settled = co_await bench.queue.start(job, "w:1:1", bench.cancel);
  EXPECT_EQ(settled, Settled::not_ours);
  EXPECT_EQ(bench.state(), before);
}

Task<> renews(QueueBench& bench) {
  co_await hold(bench);
  bench.server.ask({"ZADD", "ryumem:leases", from_now(bench.server, -30), "a"});
  EXPECT_EQ(bench.state()[3], "ryumem:leases zset {a 30 s ago}");
  const std::map<std::string, std::string> tokens = {{"a", "w:1:1"}};
  const Lines lost = co_await bench.queue.renew(tokens, bench.cancel);
  EXPECT_THAT(lost, IsEmpty());
  EXPECT_EQ(bench.state(), held());
}

// One lost to another owner, one that has ended, one still ours: only the lost ones are told.
Task<> tells_what_is_lost(QueueBench& bench) {
  Lines lines = co_await held_by_another(bench);
  bench.server.ask({"ZADD", "ryumem:leases", from_now(bench.server, -30), "a"});
  lines[3] = "ryumem:leases zset {a 30 s ago}";
  EXPECT_EQ(bench.state(), lines);
  std::map<std::string, std::string> tokens = {{"a", "w:1:1"}, {"ended", "w:1:2"}};
  const Lines lost = co_await bench.queue.renew(tokens, bench.cancel);
  EXPECT_THAT(lost, ElementsAre("a", "ended"));
  EXPECT_EQ(bench.state(), lines);
  produce(bench.server, "b");
  co_await bench.queue.claim(1, bench.cancel);
  tokens["b"] = "w:2:1";
  const Lines still = co_await bench.queue.renew(tokens, bench.cancel);
  EXPECT_THAT(still, ElementsAre("a", "ended"));
}

Task<> notes(QueueBench& bench) {
  co_await hold(bench);
  bench.server.ask({"EXPIRE", "ryumem:journal:a", "100"});
  Settled settled =
      co_await bench.queue.note("a", "w:1:1", "uuid:x", "u1", std::nullopt, bench.cancel);
  EXPECT_EQ(settled, Settled::done);
  EXPECT_EQ(bench.state()[2],
            "ryumem:journal:a hash {asked=embed_entities,entities=[1],uuid:x=u1} for a day");
  settled = co_await bench.queue.note("a", "w:1:1", "entity_vectors", "[2]", "", bench.cancel);
  EXPECT_EQ(settled, Settled::done);
  EXPECT_THAT(bench.state(),
              ElementsAre(kInHand, job_line("a", "pending", 0, kDay),
                          "ryumem:journal:a hash {entities=[1],entity_vectors=[2],uuid:x=u1}"
                          " for a day",
                          kLeases, kOwners));
}

// An answer that comes too late has been paid for: it is kept where there is none. Nothing else is.
Task<> keeps_a_late_answer(QueueBench& bench) {
  Lines lines = co_await held_by_another(bench);
  Settled settled =
      co_await bench.queue.note("a", "w:1:1", "asked", "mine", std::nullopt, bench.cancel);
  EXPECT_EQ(settled, Settled::not_ours);
  settled = co_await bench.queue.note("a", "w:1:1", "entities", "[9]", "", bench.cancel);
  EXPECT_EQ(settled, Settled::not_ours);
  EXPECT_EQ(bench.state(), lines);
  settled = co_await bench.queue.note("a", "w:1:1", "entity_vectors", "[2]", "", bench.cancel);
  EXPECT_EQ(settled, Settled::not_ours);
  // The other owner's call is still under way.
  lines[2] =
      "ryumem:journal:a hash {asked=embed_entities,entities=[1],entity_vectors=[2]} for a day";
  EXPECT_EQ(bench.state(), lines);
  settled = co_await bench.queue.note("gone", "w:1:1", "entities", "[9]", "", bench.cancel);
  EXPECT_EQ(settled, Settled::not_ours);
  EXPECT_EQ(bench.state(), lines);
}

Task<> forgets(QueueBench& bench) {
  co_await hold(bench);
  EXPECT_EQ(bench.state(), held());
  const Settled settled = co_await bench.queue.forget("a", "w:1:1", "entities", bench.cancel);
  EXPECT_EQ(settled, Settled::done);
  EXPECT_THAT(bench.state(), ElementsAre(kInHand, job_line("a", "pending", 0, kDay),
                                         "ryumem:journal:a hash {asked=embed_entities} for a day",
                                         kLeases, kOwners));
}

Task<> does_not_forget(QueueBench& bench) {
  const Lines before = co_await held_by_another(bench);
  const Settled settled = co_await bench.queue.forget("a", "w:1:1", "entities", bench.cancel);
  EXPECT_EQ(settled, Settled::not_ours);
  EXPECT_EQ(bench.state(), before);
}

[[maybe_unused]] const bool kAdded =
    add_transitions({{"enqueue", "enqueue", enqueues, nullptr},
                     {"claim", "claim", claims, drops_a_second_copy},
                     {"start", "start", starts, does_not_start},
                     {"renew", "renew", renews, tells_what_is_lost},
                     {"note", "note", notes, keeps_a_late_answer},
                     {"forget", "forget", forgets, does_not_forget}});

}  // namespace
}  // namespace ryumem::test
