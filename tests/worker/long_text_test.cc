// A text of a megabyte, through the real programs: whatever is in it arrives.
#include <fmt/format.h>

#include <set>

#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

constexpr int kFacts = 100;
constexpr std::size_t kApart = 10'000;
constexpr const char* kFiller =
    "the rain went on and nobody was out in the streets, and the river was high again. ";

std::string name_of(int number) { return fmt::format("Zelda{:03}", number); }

// A fact every 10 kB, in a text in which there is nothing else.
std::string long_text() {
  std::string text;
  for (int number = 0; number < kFacts; ++number) {
    const std::size_t end = text.size() + kApart;
    while (text.size() < end) text += kFiller;
    text += fmt::format("{} works at Google. ", name_of(number));
  }
  return text;
}

TEST(LongText, OfAMegabyteDeliversEachPlantedFact) {
  const Millis patience(300'000);
  test::RedisServer redis;
  // Of as many numbers as it takes for the server to tell a hundred names apart.
  test::SandboxProcess sandbox("", 256);
  Job job = test::episode_job("long");
  job.content = long_text();
  EXPECT_GT(job.content.size(), 1'000'000u);
  redis.ask({"SET", "ryumem:job:long", new_body(job), "EX", "86400"});
  redis.ask({"LPUSH", "ryumem:extraction_jobs", "long"});
  test::WorkerProcess worker(redis, sandbox, {"EMBEDDING_DIMENSIONS=256"});
  const bool done = test::wait_until(patience, [&] {
    return redis.ask({"GET", "ryumem:job:long"}).find("\"completed\"") != std::string::npos;
  });
  ASSERT_TRUE(done) << worker.process().err();

  std::set<std::string> names;
  for (const JsonDocument& call : sandbox.calls("/internal/entities"))
    names.emplace(*call.root()["body"]["name"].string());
  std::set<std::string> facts;
  for (const JsonDocument& call : sandbox.calls("/internal/relationships"))
    facts.emplace(*call.root()["body"]["fact"].string());
  for (int number = 0; number < kFacts; ++number) {
    EXPECT_EQ(names.count(lower(name_of(number))), 1u) << number;
    EXPECT_EQ(facts.count(name_of(number) + " works at Google"), 1u) << number;
  }
  EXPECT_EQ(redis.ask({"KEYS", "ryumem:journal:*"}), "");
}

}  // namespace
}  // namespace ryumem
