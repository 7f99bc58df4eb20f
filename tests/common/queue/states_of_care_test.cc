// Cases of states_test.cc: what supervisors and tellers do for the queue.
#include "tests/common/queue/states.h"

namespace ryumem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string letter_of_poison() {
  return "ryumem:dead:a hash {at=now,body=" + peer_body("a", "failed") +
         ",cause=3 workers died while they had it in hand,kind=poison,told=0}";
}

// Counted twice it is back at the front, the third time it is dead. `take` is one of the two ways.
Task<> survives_two_crashes(QueueBench& bench, Task<TakenBack> (*take)(QueueBench&)) {
  co_await hold(bench);
  produce(bench.server, "b");
  for (const char* crashes : {"1", "2"}) {
    const TakenBack taken = co_await take(bench);
    EXPECT_EQ(taken.requeued, 1);
    EXPECT_EQ(taken.buried, 0);
    EXPECT_EQ(taken.in_doubt, crashes == std::string("1") ? 1 : 0);
    EXPECT_THAT(bench.state(),
                ElementsAre("ryumem:extraction_jobs list [b,a]", job_line("a", "pending", 0, kDay),
                            job_line("b", "pending", 0, kDay),
                            std::string("ryumem:journal:a hash {crashes=") + crashes +
                                ",entities=[1]} for a day"));
    const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
    EXPECT_EQ(claims.at(0).id, "a");
  }
  const TakenBack taken = co_await take(bench);
  EXPECT_EQ(taken.requeued, 0);
  EXPECT_EQ(taken.buried, 1);
  EXPECT_THAT(
      bench.state(),
      ElementsAre("ryumem:dead zset {a now}", letter_of_poison(), "ryumem:extraction_jobs list [b]",
                  job_line("a", "failed", 0, kHour), job_line("b", "pending", 0, kDay),
                  "ryumem:journal:a hash {crashes=3,entities=[1]}", "ryumem:untold zset {a now}"));
}

Task<TakenBack> reclaim(QueueBench& bench) {
  co_return co_await bench.queue.reclaim("w:", true, bench.cancel);
}
Task<> reclaims(QueueBench& bench) { co_await survives_two_crashes(bench, reclaim); }

Task<> reclaims_nobody_elses(QueueBench& bench) {
  const Lines before = co_await held_by_another(bench);
  const TakenBack taken = co_await bench.queue.reclaim("w:", true, bench.cancel);
  EXPECT_EQ(taken.requeued + taken.buried + taken.in_doubt, 0);
  EXPECT_EQ(bench.state(), before);
}

Task<TakenBack> expire(QueueBench& bench) {
  bench.server.ask({"ZADD", "ryumem:leases", from_now(bench.server, -1), "a"});
  co_return co_await bench.queue.expire(bench.cancel);
}
Task<> expires(QueueBench& bench) { co_await survives_two_crashes(bench, expire); }

Task<> does_not_expire_a_lease_that_holds(QueueBench& bench) {
  co_await hold(bench);
  const TakenBack taken = co_await bench.queue.expire(bench.cancel);
  EXPECT_EQ(taken.requeued + taken.buried + taken.in_doubt, 0);
  EXPECT_EQ(bench.state(), held());
}

// A Python worker's job: noted when it is first seen, taken back when that was long enough ago.
Task<> takes_back_a_strangers(QueueBench& bench) {
  produce(bench.server, "b");
  bench.server.ask({"SET", "ryumem:job:a", peer_body("a", "processing"), "EX", "86400"});
  bench.server.ask({"LPUSH", "ryumem:extraction_processing", "a"});
  const std::string sha = digest(bench.server, peer_body("a", "processing"));
  bench.server.ask({"HSET", "ryumem:strangers", "a", from_now(bench.server, -300) + " " + sha});
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:extraction_jobs list [b]", kInHand,
                          job_line("a", "processing", 0, kDay), job_line("b", "pending", 0, kDay),
                          "ryumem:strangers hash {a=300 s ago " + sha + "}"));
  const std::int64_t count = co_await bench.queue.take_back_strangers(Seconds(300), bench.cancel);
  EXPECT_EQ(count, 1);
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:extraction_jobs list [b,a]", job_line("a", "processing", 0, kDay),
                          job_line("b", "pending", 0, kDay)));
}

Task<> leaves_a_stranger_its_time(QueueBench& bench) {
  // Ours is nobody's business, however long it takes.
  co_await hold(bench);
  bench.server.ask({"SET", "ryumem:job:p", peer_body("p", "processing"), "EX", "86400"});
  bench.server.ask({"LPUSH", "ryumem:extraction_processing", "p"});
  const std::string sha = digest(bench.server, peer_body("p", "processing"));
  Lines lines = held();
  lines[0] = "ryumem:extraction_processing list [p,a]";
  lines.insert(lines.begin() + 2, job_line("p", "processing", 0, kDay));
  EXPECT_EQ(bench.state(), lines);
  std::int64_t count = co_await bench.queue.take_back_strangers(Seconds(300), bench.cancel);
  EXPECT_EQ(count, 0);
  lines.push_back("ryumem:strangers hash {p=now " + sha + "}");
  EXPECT_EQ(bench.state(), lines);
  // Seen again, by this or by any other supervisor: the first time stands.
  bench.server.ask({"HSET", "ryumem:strangers", "p", from_now(bench.server, -200) + " " + sha});
  count = co_await bench.queue.take_back_strangers(Seconds(300), bench.cancel);
  EXPECT_EQ(count, 0);
  lines.back() = "ryumem:strangers hash {p=200 s ago " + sha + "}";
  EXPECT_EQ(bench.state(), lines);
  // Another body: the peer has failed it and taken it again, and has all its time anew.
  bench.server.ask({"HSET", "ryumem:strangers", "p", from_now(bench.server, -900) + " " + sha});
  bench.server.ask({"SET", "ryumem:job:p", peer_body("p", "processing", 1), "EX", "86400"});
  count = co_await bench.queue.take_back_strangers(Seconds(300), bench.cancel);
  EXPECT_EQ(count, 0);
  const std::string other = digest(bench.server, peer_body("p", "processing", 1));
  EXPECT_EQ(bench.state().back(), "ryumem:strangers hash {p=now " + other + "}");
  // Finished: it is forgotten.
  bench.server.ask({"LREM", "ryumem:extraction_processing", "1", "p"});
  count = co_await bench.queue.take_back_strangers(Seconds(300), bench.cancel);
  EXPECT_EQ(count, 0);
  EXPECT_EQ(bench.server.ask({"EXISTS", "ryumem:strangers"}), "0");
}

Task<> delay_a(QueueBench& bench) {
  const Claim claim = co_await hold(bench);
  const Job job = job_of(claim);
  co_await bench.queue.delay(job, claim.token, Seconds(40), "late", bench.cancel);
}

Task<> promotes(QueueBench& bench) {
  co_await delay_a(bench);
  produce(bench.server, "b");
  bench.server.ask({"ZADD", "ryumem:delayed", from_now(bench.server, -1), "a"});
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:delayed zset {a now}", "ryumem:extraction_jobs list [b]",
                          job_line("a", "pending", 1, ""), job_line("b", "pending", 0, kDay),
                          "ryumem:journal:a hash {attempt:1=late,entities=[1]}"));
  const std::int64_t count = co_await bench.queue.promote(bench.cancel);
  EXPECT_EQ(count, 1);
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:extraction_jobs list [a,b]", job_line("a", "pending", 1, kDay),
                          job_line("b", "pending", 0, kDay),
                          "ryumem:journal:a hash {attempt:1=late,entities=[1]} for a day"));
}

Task<> does_not_promote_what_is_not_due(QueueBench& bench) {
  co_await delay_a(bench);
  const Lines before = bench.state();
  EXPECT_EQ(before.at(0), "ryumem:delayed zset {a in 40 s}");
  const std::int64_t count = co_await bench.queue.promote(bench.cancel);
  EXPECT_EQ(count, 0);
  EXPECT_EQ(bench.state(), before);
}

Task<> keeps_alive(QueueBench& bench) {
  produce(bench.server, "a");
  produce(bench.server, "b");
  bench.server.ask({"HSET", "ryumem:journal:a", "entities", "[1]"});
  for (const char* key : {"ryumem:job:a", "ryumem:journal:a"})
    bench.server.ask({"EXPIRE", key, "3"});
  EXPECT_THAT(bench.state()[1], testing::EndsWith(" s"));
  co_await bench.queue.keep_alive(bench.cancel);
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:extraction_jobs list [b,a]", job_line("a", "pending", 0, kDay),
                          job_line("b", "pending", 0, kDay), kJournal));
}

// With more than half of its day left, without a limit, or not there at all: left as it is.
Task<> leaves_long_lives_alone(QueueBench& bench) {
  for (const char* id : {"a", "b"}) produce(bench.server, id);
  bench.server.ask({"EXPIRE", "ryumem:job:a", "50000"});
  bench.server.ask({"PERSIST", "ryumem:job:b"});
  bench.server.ask({"LPUSH", "ryumem:extraction_jobs", "c"});
  co_await bench.queue.keep_alive(bench.cancel);
  EXPECT_LE(std::atoi(bench.server.ask({"TTL", "ryumem:job:a"}).c_str()), 50'000);
  EXPECT_EQ(bench.server.ask({"TTL", "ryumem:job:b"}), "-1");
  EXPECT_EQ(bench.server.ask({"EXISTS", "ryumem:job:c"}), "0");
  EXPECT_EQ(bench.state()[0], "ryumem:extraction_jobs list [c,b,a]");
}

Task<> bury_a(QueueBench& bench) {
  const Claim claim = co_await hold(bench);
  const Job job = job_of(claim);
  Burial burial;
  burial.kind = "refused";
  burial.cause = "why";
  burial.record = "r";
  co_await bench.queue.bury(job, claim.token, burial, bench.cancel);
}

Lines buried(const std::string& told) {
  return {"ryumem:dead zset {a now}",
          "ryumem:dead:a hash {at=now,body=" + peer_body("a", "failed", 1) +
              ",cause=why,kind=refused,told=" + told + "}",
          job_line("a", "failed", 1, kHour), "ryumem:journal:a hash {attempt:1=r,entities=[1]}"};
}

Task<> takes_untold(QueueBench& bench) {
  co_await bury_a(bench);
  Lines lines = buried("0");
  lines.push_back("ryumem:untold zset {a now}");
  EXPECT_EQ(bench.state(), lines);
  const std::vector<Untold> letters =
      co_await bench.queue.take_untold(5, Seconds(60), bench.cancel);
  EXPECT_EQ(letters.size(), 1u);
  if (letters.size() != 1) co_return;
  EXPECT_EQ(letters[0].id, "a");
  EXPECT_EQ(letters[0].body, peer_body("a", "failed", 1));
  EXPECT_EQ(letters[0].kind, "refused");
  EXPECT_EQ(letters[0].cause, "why");
  EXPECT_EQ(letters[0].at, bench.server.ask({"HGET", "ryumem:dead:a", "at"}));
  lines.back() = "ryumem:untold zset {a in 60 s}";
  EXPECT_EQ(bench.state(), lines);
}

Task<> leaves_untold_to_who_has_it(QueueBench& bench) {
  co_await bury_a(bench);
  co_await bench.queue.take_untold(5, Seconds(60), bench.cancel);
  const Lines before = bench.state();
  const std::vector<Untold> letters =
      co_await bench.queue.take_untold(5, Seconds(60), bench.cancel);
  EXPECT_THAT(letters, IsEmpty());
  EXPECT_EQ(bench.state(), before);
}

// The letter of a buried job, taken to tell the server of it.
Task<Untold> taken(QueueBench& bench) {
  co_await bury_a(bench);
  std::vector<Untold> letters = co_await bench.queue.take_untold(5, Seconds(60), bench.cancel);
  if (letters.size() != 1) throw Failure(Kind::internal, "not one letter");
  co_return letters[0];
}

Task<std::string> retried(QueueBench& bench) {
  std::vector<std::string> arguments = {"a", peer_body("a"), peer_body("a", "failed", 1), "86400"};
  const RedisReply reply = co_await bench.queue.run("dead_retry", arguments, bench.cancel);
  co_return reply.text;
}

Task<> tells(QueueBench& bench) {
  const Untold letter = co_await taken(bench);
  const bool still = co_await bench.queue.telling(letter, Seconds(45), Seconds(60), bench.cancel);
  EXPECT_TRUE(still);
  Lines lines = buried("0");
  lines[1] = replace_all(lines[1], ",told=0", ",telling=in 45 s,told=0");
  lines.push_back("ryumem:untold zset {a in 60 s}");
  EXPECT_EQ(bench.state(), lines);
  const std::string meanwhile = co_await retried(bench);
  EXPECT_EQ(meanwhile, "telling");
  EXPECT_EQ(bench.state(), lines);
  const bool in_vain = co_await bench.queue.telling(letter, Millis(0), Seconds(15), bench.cancel);
  EXPECT_TRUE(in_vain);
  lines = buried("0");
  lines.push_back("ryumem:untold zset {a in 15 s}");
  EXPECT_EQ(bench.state(), lines);
  const std::string then = co_await retried(bench);
  EXPECT_EQ(then, "done");
}

// Another letter of the same job, one that the server knows of, and one that is no more.
Task<> tells_of_no_other_letter(QueueBench& bench) {
  const Untold letter = co_await taken(bench);
  bench.server.ask({"HSET", "ryumem:dead:a", "at", "7"});
  const Lines before = bench.state();
  bool still = co_await bench.queue.telling(letter, Seconds(45), Seconds(60), bench.cancel);
  EXPECT_FALSE(still);
  EXPECT_EQ(bench.state(), before);
  bench.server.ask({"HSET", "ryumem:dead:a", "at", letter.at});
  bench.server.ask({"DEL", "ryumem:untold"});
  still = co_await bench.queue.telling(letter, Seconds(45), Seconds(60), bench.cancel);
  EXPECT_FALSE(still);
  EXPECT_EQ(bench.state(), buried("0"));
  bench.server.ask({"FLUSHALL"});
  bench.server.ask({"ZADD", "ryumem:untold", from_now(bench.server, 0), "a"});
  still = co_await bench.queue.telling(letter, Seconds(45), Seconds(60), bench.cancel);
  EXPECT_FALSE(still);
  EXPECT_THAT(bench.state(), IsEmpty());
}

Task<> is_told(QueueBench& bench) {
  for (const char* why_not : {"", "404: no such episode"}) {
    bench.server.ask({"FLUSHALL"});
    const Untold letter = co_await taken(bench);
    co_await bench.queue.telling(letter, Seconds(45), Seconds(60), bench.cancel);
    co_await bench.queue.told(letter, why_not, bench.cancel);
    EXPECT_EQ(bench.state(), buried(*why_not == '\0' ? "1" : why_not));
  }
}

// An operator has dropped the letter meanwhile, and there is a new one.
Task<> is_told_of_no_other_letter(QueueBench& bench) {
  const Untold letter = co_await taken(bench);
  bench.server.ask({"HSET", "ryumem:dead:a", "at", "7"});
  const Lines before = bench.state();
  co_await bench.queue.told(letter, "", bench.cancel);
  EXPECT_EQ(bench.state(), before);
}

Task<> counts(QueueBench& bench) {
  co_await bury_a(bench);
  for (const char* id : {"b", "c", "d", "e", "f", "g"}) produce(bench.server, id);
  const std::vector<Claim> claims = co_await bench.queue.claim(3, bench.cancel);
  const Job job = job_of(claims.at(0));
  co_await bench.queue.delay(job, claims.at(0).token, Seconds(40), "late", bench.cancel);
  bench.server.ask({"ZADD", "ryumem:dead", "1", "x"});
  const Lines before = bench.state();
  const Depths depths = co_await bench.queue.depths(bench.cancel);
  EXPECT_EQ(depths.pending, 3);
  EXPECT_EQ(depths.processing, 2);
  EXPECT_EQ(depths.delayed, 1);
  EXPECT_EQ(depths.dead, 2);
  EXPECT_EQ(depths.untold, 1);
  EXPECT_EQ(bench.state(), before);
}

[[maybe_unused]] const bool kAdded = add_transitions(
    {{"reclaim", "reclaim", reclaims, reclaims_nobody_elses},
     {"expire", "expire", expires, does_not_expire_a_lease_that_holds},
     {"strangers", "take_back_strangers", takes_back_a_strangers, leaves_a_stranger_its_time},
     {"promote", "promote", promotes, does_not_promote_what_is_not_due},
     {"keep_alive", "keep_alive", keeps_alive, leaves_long_lives_alone},
     {"take_untold", "take_untold", takes_untold, leaves_untold_to_who_has_it},
     {"telling", "telling", tells, tells_of_no_other_letter},
     {"told", "told", is_told, is_told_of_no_other_letter},
     {"depths", "depths", counts, nullptr}});

}  // namespace
}  // namespace ryumem::test
