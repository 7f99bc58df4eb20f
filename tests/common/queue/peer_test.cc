// What we write back, read by the rules of the peers: Python, its json module, and pydantic.
#include <cstdlib>

#include "common/queue/queue.h"
#include "tests/common/queue/queue_bench.h"
#include "tests/support/test_data.h"

namespace ryumem {
namespace {

using test::peer_body;
using test::produce;
using test::QueueBench;
using test::RedisServer;
using test::with_queue;

// What the peer reads in these bodies, one line each; its error if it cannot read one.
std::string read_by_peer(const std::vector<std::string>& bodies) {
  test::TempDir folder;
  std::string all;
  for (const std::string& body : bodies) all += body + '\0';
  const std::string file = folder.write("bodies", all);
  const char* python = std::getenv("RYUMEM_PYTHON");
  test::ChildProcess peer({python != nullptr ? python : "/usr/bin/python3", "-B",
                           test::test_data("common/queue/peer_job.py"), file});
  const int code = peer.wait(Seconds(30)).value_or(-1);
  return code == 0 ? peer.out() : "exit code " + std::to_string(code) + ": " + peer.err();
}

// The body of job `id` as it is in Redis now.
std::string body_in(RedisServer& server, const std::string& id) {
  return server.ask({"GET", "ryumem:job:" + id});
}

constexpr const char* kContent = R"("Gr\u00fc\u00dfe \ud83d\ude00 \u0000 \"{x}\"")";

TEST(PeerJob, IsReadAfterEachTransition) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    for (const char* id : {"a", "b", "c", "d"}) produce(bench.server, id);
    const std::vector<Claim> claims = co_await bench.queue.claim(4, bench.cancel);
    EXPECT_EQ(claims.size(), 4u);
    if (claims.size() != 4) co_return;
    std::vector<Job> jobs;
    for (const Claim& claim : claims) jobs.push_back(parse_job(claim.id, *claim.body, 3));
    std::vector<std::string> bodies;
    co_await bench.queue.start(jobs[0], claims[0].token, bench.cancel);
    bodies.push_back(body_in(bench.server, "a"));
    co_await bench.queue.complete(jobs[0], claims[0].token, bench.cancel);
    bodies.push_back(body_in(bench.server, "a"));
    co_await bench.queue.delay(jobs[1], claims[1].token, Seconds(9), "late", bench.cancel);
    bodies.push_back(body_in(bench.server, "b"));
    Burial burial;
    burial.kind = "refused";
    co_await bench.queue.bury(jobs[2], claims[2].token, burial, bench.cancel);
    bodies.push_back(body_in(bench.server, "c"));
    co_await bench.queue.give_back(jobs[3], claims[3].token, true, bench.cancel);
    bodies.push_back(body_in(bench.server, "d"));
    EXPECT_EQ(read_by_peer(bodies), std::string("a processing 0 3 ") + kContent +
                                        "\na completed 0 3 " + kContent + "\nb pending 1 3 " +
                                        kContent + "\nc failed 1 3 " + kContent +
                                        "\nd pending 0 3 " + kContent + "\n");
    // What neither of us knows is there as it was, byte for byte.
    EXPECT_EQ(bodies[0], peer_body("a", "processing", 0));
    EXPECT_EQ(bodies[1], peer_body("a", "completed", 0));
    EXPECT_EQ(bodies[2], peer_body("b", "pending", 1));
    EXPECT_EQ(bodies[3], peer_body("c", "failed", 1));
    EXPECT_EQ(bodies[4], peer_body("d", "pending", 0));
  });
}

TEST(PeerJob, IsReadWhenWeEnqueuedIt) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Job job;
    job.id = "a";
    job.episode_uuid = "e";
    job.content = "Zeile\n\"zwei\" é 😀";
    job.user_id = "u";
    job.created_at = utc_timestamp();
    job.max_retries = 5;
    co_await bench.queue.enqueue(job, bench.cancel);
    const std::vector<std::string> bodies = {body_in(bench.server, "a")};
    EXPECT_EQ(read_by_peer(bodies),
              "a pending 0 5 \"Zeile\\n\\\"zwei\\\" \\u00e9 \\ud83d\\ude00\"\n");
  });
}

TEST(PeerJob, IsRefusedByThePeersRulesWhenItIsBad) {
  EXPECT_THAT(read_by_peer({R"({"job_id": 7})"}), testing::HasSubstr("exit code 1"));
  EXPECT_THAT(read_by_peer({peer_body("a", "strange")}), testing::HasSubstr("status"));
}

}  // namespace
}  // namespace ryumem
