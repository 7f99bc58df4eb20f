// ryumemctl as an operator meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/json.h"
#include "common/queue/job.h"
#include "tests/common/queue/redis_state.h"
#include "tests/worker/processes.h"

namespace ryumem {
namespace {

using test::kPatience;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Words = std::vector<std::string>;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

Ran ryumemctl(const Words& arguments,
              const Words& environment = {"REDIS_URL=redis://127.0.0.1:1"}) {
  Words command = {test::program("ryumemctl")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  test::ChildProcess process(command, environment);
  Ran ran;
  ran.code = process.wait(kPatience).value_or(-1);
  ran.out = process.out();
  ran.err = process.err();
  return ran;
}

TEST(Ryumemctl, SaysHowItIsUsedAndWhatItIs) {
  const Ran help = ryumemctl({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, HasSubstr("ryumemctl enqueue"));
  EXPECT_THAT(help.out, HasSubstr("REDIS_URL"));
  const Ran version = ryumemctl({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.out, StartsWith("ryumemctl "));
}

struct Misuse {
  Words arguments;
  const char* says;
};

class MisusedRyumemctl : public testing::TestWithParam<Misuse> {};

TEST_P(MisusedRyumemctl, SaysWhatIsWrongAndExitsWith64) {
  const Ran ran = ryumemctl(GetParam().arguments);
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, StartsWith("ryumemctl: "));
  EXPECT_THAT(ran.err, HasSubstr(GetParam().says));
  EXPECT_EQ(ran.out, "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, MisusedRyumemctl,
    testing::Values(Misuse{{}, "what is to be done?"}, Misuse{{"drop"}, "no verb \"drop\""},
                    Misuse{{"enqueue"}, "enqueue needs a FILE"},
                    Misuse{{"enqueue", "a", "b"}, "\"b\" is not understood"},
                    Misuse{{"enqueue", "--fast", "a"}, "\"--fast\" is not understood"},
                    Misuse{{"enqueue", ""}, "enqueue needs a FILE"},
                    Misuse{{"enqueue", "a", "--user-id"}, "--user-id needs a value"},
                    Misuse{{"enqueue", "a", "--context", "many"}, "--context takes a whole number"},
                    Misuse{{"enqueue", "a", "--context", "-1"}, "--context takes a whole number"},
                    Misuse{{"enqueue", "a", "--context", "1001"}, "from 0 to 1000"},
                    Misuse{{"status", "now"}, "\"now\" is not understood"},
                    Misuse{{"status", "--wait"}, "\"--wait\" is not understood"}));

TEST(Ryumemctl, NamesTheFileThatItCannotUse) {
  test::RedisServer redis;
  const Words environment = {"REDIS_URL=" + redis.url()};
  const Ran missing = ryumemctl({"enqueue", "/nonexistent/episodes"}, environment);
  EXPECT_EQ(missing.code, 64);
  EXPECT_THAT(missing.err, HasSubstr("/nonexistent/episodes: cannot be read"));
  test::TempDir folder;
  const std::string empty = folder.write("empty", "\n# a remark\n");
  const Ran nothing = ryumemctl({"enqueue", empty}, environment);
  EXPECT_EQ(nothing.code, 64);
  EXPECT_THAT(nothing.err, HasSubstr("there is no text in it"));
  EXPECT_THAT(test::state_of(redis), testing::IsEmpty());
}

TEST(Ryumemctl, SaysThatRedisCannotBeReached) {
  const Ran ran = ryumemctl({"status"});
  EXPECT_EQ(ran.code, 70);
  EXPECT_THAT(ran.err, HasSubstr("ryumemctl: Redis cannot be reached; check REDIS_URL"));
}

TEST(Ryumemctl, NamesAnImpossibleRedisUrl) {
  const Ran ran = ryumemctl({"status"}, {"REDIS_URL=http://:secret@x"});
  EXPECT_EQ(ran.code, 78);
  EXPECT_THAT(ran.err, HasSubstr("REDIS_URL"));
  EXPECT_THAT(ran.err, Not(HasSubstr("secret")));
}

TEST(Ryumemctl, CountsWhatWaitsAndWhatIsInHand) {
  test::RedisServer redis;
  redis.ask({"LPUSH", "ryumem:extraction_jobs", "a", "b", "c"});
  redis.ask({"LPUSH", "ryumem:extraction_processing", "d"});
  redis.ask({"ZADD", "ryumem:delayed", "1", "e", "2", "f"});
  redis.ask({"ZADD", "ryumem:dead", "1", "g", "2", "h", "3", "i"});
  redis.ask({"ZADD", "ryumem:untold", "1", "g"});
  const Ran ran = ryumemctl({"status"}, {"REDIS_URL=" + redis.url()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(
      ran.out,
      "pending     3\nprocessing  1\ndelayed     2\nparked      0\ndead        3 (1 to be told)\n");
}

TEST(Ryumemctl, EnqueuesEachEpisodeAsTheServerWould) {
  test::RedisServer redis;
  test::TempDir folder;
  const std::string file = folder.write("episodes", "One.\n\nTwo, Zoë.\n");
  const Ran ran = ryumemctl({"enqueue", "--user-id", "user_1", "--customer-id", "acme", file},
                            {"REDIS_URL=" + redis.url(), "RYUMEM_API_KEY=ryu_k"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "2 episodes enqueued\n");
  EXPECT_EQ(redis.ask({"LLEN", "ryumem:extraction_jobs"}), "2");
  const std::string first = redis.ask({"LINDEX", "ryumem:extraction_jobs", "-1"});
  const std::string second = redis.ask({"LINDEX", "ryumem:extraction_jobs", "0"});
  EXPECT_EQ(test::lifetime(redis, "ryumem:job:" + first), " for a day");
  const Job one = parse_job(first, redis.ask({"GET", "ryumem:job:" + first}), 3);
  const Job two = parse_job(second, redis.ask({"GET", "ryumem:job:" + second}), 3);
  EXPECT_EQ(one.content, "One.");
  EXPECT_EQ(one.user_id, "user_1");
  EXPECT_EQ(one.customer_id, "acme");
  EXPECT_EQ(one.api_key, "ryu_k");
  EXPECT_EQ(one.context, std::nullopt);
  EXPECT_EQ(two.content, "Two, Zoë.");
  EXPECT_EQ(two.context, "Previous episodes:\n- Episode: One....");
}

TEST(Ryumemctl, EnqueuesATextAndJsonLinesAndNamesTheLinesThatAreNone) {
  test::RedisServer redis;
  test::TempDir folder;
  const Words environment = {"REDIS_URL=" + redis.url()};
  const Ran one = ryumemctl({"enqueue", "--text", "Alice met Bob."}, environment);
  EXPECT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(one.out, "1 episode enqueued\n");
  std::string lines = "{\"content\": \"first\", \"episode_uuid\": \"e-1\"}\n\nnonsense\n";
  for (int i = 0; i < 450; ++i) lines += "{\"content\": \"more\"}\n";
  const std::string file = folder.write("lines", lines);
  const Ran many = ryumemctl({"enqueue", "--json", "--jsonl", file}, environment);
  EXPECT_EQ(many.code, 1);
  EXPECT_THAT(many.err, HasSubstr("ryumemctl: line 3: not JSON"));
  const JsonDocument document = JsonDocument::parse(many.out);
  EXPECT_EQ(document.root()["enqueued"].items().size(), 451u);
  EXPECT_EQ(document.root()["refused"].items()[0]["line"].integer(), 3);
  EXPECT_EQ(redis.ask({"LLEN", "ryumem:extraction_jobs"}), "452");
  // In their order: the first is taken after the one that was there before.
  const std::string first = redis.ask({"LINDEX", "ryumem:extraction_jobs", "-2"});
  EXPECT_EQ(document.root()["enqueued"].items()[0].string(), first);
  EXPECT_EQ(parse_job(first, redis.ask({"GET", "ryumem:job:" + first}), 3).episode_uuid, "e-1");
}

class RyumemctlWait : public testing::Test {
 protected:
  Ran enqueue_and_wait() {
    const std::string file = folder_.write("episodes", "Alice met Bob in Paris.\n\nBob left.\n");
    return ryumemctl({"enqueue", "--wait", file}, {"REDIS_URL=" + redis.url()});
  }
  test::RedisServer redis;
  test::SandboxProcess sandbox;

 private:
  test::TempDir folder_;
};

TEST_F(RyumemctlWait, ShowsProgressAndEndsWhenAllIsDone) {
  test::WorkerProcess worker(redis, sandbox);
  const Ran ran = enqueue_and_wait();
  EXPECT_EQ(ran.code, 0) << ran.err << worker.process().err();
  EXPECT_THAT(ran.out, HasSubstr("2 completed, 0 failed, 0 vanished"));
  EXPECT_THAT(ran.err, HasSubstr("2 of 2 episodes done, 0 failed"));
  EXPECT_EQ(sandbox.calls("/internal/episodes").size(), 2u);
}

TEST_F(RyumemctlWait, ExitsWith1WhenAnEpisodeFailed) {
  sandbox.inject(R"({"path":"/internal/entities","status":422})");
  test::WorkerProcess worker(redis, sandbox);
  const Ran ran = enqueue_and_wait();
  EXPECT_EQ(ran.code, 1) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("failed, 0 vanished"));
  EXPECT_THAT(ran.out, Not(HasSubstr(" 0 failed")));
}

}  // namespace
}  // namespace ryumem
