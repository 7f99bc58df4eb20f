// Dead jobs, and how the server comes to know of them.
#include "worker/pipeline/teller.h"

#include "common/base/secrets.h"
#include "tests/worker/line.h"

namespace ryumem {
namespace {

using test::Bench;
using test::episode_job;
using test::eventually;
using test::Line;
using test::with_line;
using testing::ElementsAre;
using testing::HasSubstr;

// Makes the oldest job a dead letter of which the server is to be told.
Task<> bury_next(Line& line) {
  Claim claim = co_await line.hand.claim();
  Burial burial;
  burial.kind = "transient";
  burial.cause = "out of memory";
  burial.attempt = 3;
  const Job job = parse_job(claim.id, *claim.body, 3);
  co_await line.hand.queue.bury(job, claim.token, burial, line.hand.last);
}

Task<> bury(Line& line, std::string id) {
  line.put(episode_job(id, 2));
  co_await bury_next(line);
}

// The teller of the running test, beside it.
class Telling {
 public:
  Telling(Bench& bench, Line& line)
      : teller_(line.hand.queue, bench.graph, line.hand.buried, bench.slot()) {
    scope_.spawn(teller_.run(ended_));
  }
  Task<> end() {
    ended_.request(Failure(Kind::stopping, "over"));
    co_await scope_.join();
  }

 private:
  Teller teller_;
  Cancel ended_;
  Scope scope_;
};

Task<std::vector<std::string>> told_of(Bench& bench) {
  const std::vector<JsonDocument> calls = co_await bench.calls("/internal/episodes");
  std::vector<std::string> found;
  for (const JsonDocument& call : calls)
    found.emplace_back(call.root()["body"]["job_id"].string().value_or("?"));
  co_return found;
}

TEST(Teller, TellsOfALetterAtOnceWhenItIsBuried) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    Telling telling(bench, line);
    co_await bury(line, "a");
    line.hand.buried.notify();
    const std::function<bool()> told = [&] { return line.letter("a", "told") == "1"; };
    co_await eventually("the server is told", Seconds(10), told);
    co_await telling.end();
    EXPECT_EQ(line.places("a"), "dead");
    EXPECT_EQ(bench.slot().letters_told.load(), 1u);
    const std::vector<JsonDocument> calls = co_await bench.calls("/internal/episodes");
    EXPECT_EQ(calls.size(), 1u);
    const JsonValue body = calls.at(0).root()["body"];
    EXPECT_EQ(body["error"].string(), "transient: out of memory");
    EXPECT_EQ(body["entities_count"].integer(), 0);
    EXPECT_EQ(calls.at(0).root()["headers"]["X-API-Key"].string(), "ryu_k");
  });
}

TEST(Teller, TriesAgainWhenTheServerIsBack) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/internal","status":503})");
    co_await bury(line, "a");
    Telling telling(bench, line);
    const std::function<bool()> refused = [&] {
      return bench.shown(Dependency::server) == CircuitState::open;
    };
    co_await eventually("the server has refused", Seconds(10), refused);
    EXPECT_EQ(line.places("a"), "dead untold");
    EXPECT_EQ(line.letter("a", "told"), "0");
    const std::int64_t next = std::stoll(line.server.ask({"ZSCORE", "ryumem:untold", "a"}));
    EXPECT_GT(next, line.now_ms());
    co_await bench.control("DELETE", "/sandbox/faults", "");
    const std::function<bool()> told = [&] {
      // Its time comes sooner than it would.
      line.server.ask({"ZADD", "ryumem:untold", "XX", "0", "a"});
      line.hand.buried.notify();
      return line.letter("a", "told") == "1";
    };
    co_await eventually("the server is told", Seconds(20), told);
    co_await telling.end();
    EXPECT_EQ(line.places("a"), "dead");
  });
}

struct Refusal {
  int status;
  const char* says;
};

Refusal& refusal() {
  static Refusal it{};
  return it;
}

class TellerRefused : public testing::TestWithParam<Refusal> {};

TEST_P(TellerRefused, WritesDownWhyTheServerWillNotKnowAndDoesNotAskAgain) {
  refusal() = GetParam();
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject("{\"path\":\"/internal\",\"status\":" + std::to_string(refusal().status) +
                          ",\"body\":\"" + refusal().says + "\"}");
    co_await bury(line, "a");
    co_await line.tell();
    EXPECT_EQ(line.places("a"), "dead");
    EXPECT_THAT(line.letter("a", "told"), HasSubstr(refusal().says));
    co_await line.tell();
    const std::vector<std::string> told = co_await told_of(bench);
    EXPECT_THAT(told, ElementsAre("a"));
  });
}

INSTANTIATE_TEST_SUITE_P(Table, TellerRefused,
                         testing::Values(Refusal{404, "Episode not found"},
                                         Refusal{422, "field required"}));

TEST(Teller, WritesNoSecretDownThatTheServerRepeats) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    const KeptSecret ours("internal-s3cret");
    Job job = episode_job("a", 2);
    job.api_key = "tenant-0123456789";
    line.put(job);
    co_await bury_next(line);
    co_await bench.inject(
        R"({"path":"/internal","status":422,"body":"not tenant-0123456789, internal-s3cret"})");
    co_await line.tell();
    EXPECT_THAT(line.letter("a", "told"), HasSubstr("not ***, ***"));
  });
}

// One that the server always fails at must not keep the others from being told of.
TEST(Teller, GoesOnBehindALetterThatTheServerFailsAt) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/internal/episodes/e-a/","status":500})");
    for (const char* id : {"a", "b", "c"}) co_await bury(line, id);
    Telling telling(bench, line);
    const std::function<bool()> told = [&] {
      return line.letter("b", "told") == "1" && line.letter("c", "told") == "1";
    };
    co_await eventually("the server is told of the others", Seconds(10), told);
    co_await telling.end();
    EXPECT_EQ(line.places("a"), "dead untold");
    EXPECT_EQ(line.letter("a", "told"), "0");
  });
}

// Letters are taken by the dozen: one may be put back while the server is told of those before it.
TEST(Teller, TellsNothingOfAJobThatIsPutBackMeanwhile) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(
        R"({"path":"/internal/episodes/e-a/","latency_ms":{"min":1000,"max":1000}})");
    for (const char* id : {"a", "b"}) co_await bury(line, id);
    Telling telling(bench, line);
    const std::function<bool()> begun = [&] { return line.letter("a", "telling") != "(nil)"; };
    co_await eventually("the server is being told of the first", Seconds(10), begun);
    for (const char* id : {"a", "b"}) {
      const std::string body = line.letter(id, "body");
      std::vector<std::string> arguments = {id, body, body, "86400"};
      const RedisReply reply =
          co_await line.hand.queue.run("dead_retry", arguments, line.hand.last);
      EXPECT_EQ(reply.text, *id == 'a' ? "telling" : "done");
    }
    const std::function<bool()> told = [&] { return line.letter("a", "told") == "1"; };
    co_await eventually("the server is told", Seconds(10), told);
    co_await telling.end();
    EXPECT_EQ(line.places("a"), "dead");
    EXPECT_EQ(line.places("b"), "pending");
    const std::vector<std::string> of = co_await told_of(bench);
    EXPECT_THAT(of, ElementsAre("a"));
  });
}

TEST(Teller, ForgetsALetterThatIsNoMore) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    line.server.ask({"ZADD", "ryumem:untold", "0", "a"});
    co_await line.tell();
    EXPECT_THAT(test::state_of(line.server), testing::IsEmpty());
    const std::vector<std::string> told = co_await told_of(bench);
    EXPECT_THAT(told, testing::IsEmpty());
  });
}

}  // namespace
}  // namespace ryumem
