// Cases of states_test.cc: how a job leaves a worker's hands.
#include "tests/common/queue/states.h"

namespace ryumem::test {
namespace {

using testing::ElementsAre;

Job body_of_a() { return parse_job("a", peer_body("a"), 3); }

Burial burial() {
  Burial burial;
  burial.kind = "refused";
  burial.cause = "no such model";
  burial.attempt = 1;
  burial.record = "what happened";
  return burial;
}

Task<> completes(QueueBench& bench) {
  co_await hold(bench);
  EXPECT_EQ(bench.state(), held());
  const Settled settled = co_await bench.queue.complete(body_of_a(), "w:1:1", bench.cancel);
  EXPECT_EQ(settled, Settled::done);
  EXPECT_THAT(bench.state(), ElementsAre(job_line("a", "completed", 0, kHour)));
  // Of an id that was pushed twice the first copy is dead, and the server is to be told; the second
  // works: then there is nothing to tell.
  for (const bool works : {false, true}) {
    produce(bench.server, "a");
    const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
    const std::string token = claims.at(0).token;
    Settled end = Settled::not_ours;
    if (works) {
      end = co_await bench.queue.complete(body_of_a(), token, bench.cancel);
    } else {
      end = co_await bench.queue.bury(body_of_a(), token, burial(), bench.cancel);
    }
    EXPECT_EQ(end, Settled::done);
  }
  EXPECT_THAT(bench.state(), ElementsAre(job_line("a", "completed", 0, kHour)));
}

Task<> does_not_complete(QueueBench& bench) {
  const Lines before = co_await held_by_another(bench);
  const Settled settled = co_await bench.queue.complete(body_of_a(), "w:1:1", bench.cancel);
  EXPECT_EQ(settled, Settled::not_ours);
  EXPECT_EQ(bench.state(), before);
}

Task<> delays(QueueBench& bench) {
  co_await hold(bench);
  EXPECT_EQ(bench.state(), held());
  const Settled settled =
      co_await bench.queue.delay(body_of_a(), "w:1:1", Seconds(40), "a time-out", bench.cancel);
  EXPECT_EQ(settled, Settled::done);
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:delayed zset {a in 40 s}", job_line("a", "pending", 1, ""),
                          "ryumem:journal:a hash {attempt:1=a time-out,entities=[1]}"));
}

Task<> does_not_delay(QueueBench& bench) {
  const Lines before = co_await held_by_another(bench);
  const Settled settled =
      co_await bench.queue.delay(body_of_a(), "w:1:1", Seconds(40), "a time-out", bench.cancel);
  EXPECT_EQ(settled, Settled::not_ours);
  EXPECT_EQ(bench.state(), before);
}

Task<> gives_back(QueueBench& bench) {
  co_await hold(bench);
  produce(bench.server, "b");
  Lines lines = held();
  lines.insert(lines.begin(), "ryumem:extraction_jobs list [b]");
  lines.insert(lines.begin() + 3, job_line("b", "pending", 0, kDay));
  EXPECT_EQ(bench.state(), lines);
  Settled settled = co_await bench.queue.give_back(body_of_a(), "w:1:1", true, bench.cancel);
  EXPECT_EQ(settled, Settled::done);
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:extraction_jobs list [b,a]", job_line("a", "pending", 0, kDay),
                          job_line("b", "pending", 0, kDay), kJournal));
  // A failed canary goes to the back.
  const std::vector<Claim> again = co_await bench.queue.claim(1, bench.cancel);
  EXPECT_EQ(again.at(0).id, "a");
  settled = co_await bench.queue.give_back(body_of_a(), "w:2:1", false, bench.cancel);
  EXPECT_EQ(settled, Settled::done);
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:extraction_jobs list [a,b]", job_line("a", "pending", 0, kDay),
                          job_line("b", "pending", 0, kDay), kJournal));
}

Task<> does_not_give_back(QueueBench& bench) {
  const Lines before = co_await held_by_another(bench);
  for (const bool to_front : {true, false}) {
    const Settled settled =
        co_await bench.queue.give_back(body_of_a(), "w:1:1", to_front, bench.cancel);
    EXPECT_EQ(settled, Settled::not_ours);
    EXPECT_EQ(bench.state(), before);
  }
}

Task<> buries(QueueBench& bench) {
  co_await hold(bench);
  EXPECT_EQ(bench.state(), held());
  const Settled settled = co_await bench.queue.bury(body_of_a(), "w:1:1", burial(), bench.cancel);
  EXPECT_EQ(settled, Settled::done);
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:dead zset {a now}",
                          "ryumem:dead:a hash {at=now,body=" + peer_body("a", "failed", 1) +
                              ",cause=no such model,kind=refused,told=0}",
                          job_line("a", "failed", 1, kHour),
                          "ryumem:journal:a hash {attempt:1=what happened,entities=[1]}",
                          "ryumem:untold zset {a now}"));
}

Task<> does_not_bury(QueueBench& bench) {
  const Lines before = co_await held_by_another(bench);
  const Settled settled = co_await bench.queue.bury(body_of_a(), "w:1:1", burial(), bench.cancel);
  EXPECT_EQ(settled, Settled::not_ours);
  EXPECT_EQ(bench.state(), before);
}

// Text that is no job, a key of another type, and nothing at all.
Task<> buries_what_it_cannot_read(QueueBench& bench) {
  bench.server.ask({"SET", "ryumem:job:a", "nonsense", "EX", "86400"});
  bench.server.ask({"HSET", "ryumem:job:b", "x", "1"});
  bench.server.ask({"EXPIRE", "ryumem:job:b", "86400"});
  bench.server.ask({"LPUSH", "ryumem:extraction_jobs", "a", "b", "c"});
  EXPECT_THAT(bench.state(), ElementsAre("ryumem:extraction_jobs list [c,b,a]",
                                         "ryumem:job:a string nonsense for a day",
                                         "ryumem:job:b hash {x=1} for a day"));
  const std::vector<Claim> claims = co_await bench.queue.claim(3, bench.cancel);
  EXPECT_EQ(claims.size(), 3u);
  for (const Claim& claim : claims) {
    const Settled settled =
        co_await bench.queue.bury_unreadable(claim.id, claim.token, burial(), bench.cancel);
    EXPECT_EQ(settled, Settled::done);
  }
  const std::string rest =
      ",cause=no such model,kind=refused,told=nobody can be told: the job cannot be read}";
  EXPECT_THAT(bench.state(),
              ElementsAre("ryumem:dead zset {a now,b now,c now}",
                          "ryumem:dead:a hash {at=now,body=nonsense" + rest,
                          "ryumem:dead:b hash {at=now,body=" + rest,
                          "ryumem:dead:c hash {at=now,body=" + rest,
                          "ryumem:job:a string nonsense for a day", "ryumem:job:b hash {x=1}",
                          "ryumem:journal:a hash {attempt:1=what happened}",
                          "ryumem:journal:b hash {attempt:1=what happened}",
                          "ryumem:journal:c hash {attempt:1=what happened}"));
}

Task<> does_not_bury_what_it_cannot_read(QueueBench& bench) {
  const Lines before = co_await held_by_another(bench);
  const Settled settled =
      co_await bench.queue.bury_unreadable("a", "w:1:1", burial(), bench.cancel);
  EXPECT_EQ(settled, Settled::not_ours);
  EXPECT_EQ(bench.state(), before);
}

[[maybe_unused]] const bool kAdded = add_transitions(
    {{"complete", "complete", completes, does_not_complete},
     {"delay", "delay", delays, does_not_delay},
     {"give_back", "give_back", gives_back, does_not_give_back},
     {"bury", "bury", buries, does_not_bury},
     {"bury", "bury_unreadable", buries_what_it_cannot_read, does_not_bury_what_it_cannot_read}});

}  // namespace
}  // namespace ryumem::test
