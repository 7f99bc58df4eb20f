#include "worker/pipeline/text_reading.h"

#include "tests/worker/line.h"

namespace ryumem {
namespace {

using test::Bench;
using test::episode_job;
using test::failure_of;
using test::Line;
using test::with_line;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Lt;

constexpr const char* kStory =
    "Anna met Boris in Paris. Boris works at Google in Zurich. Carla lives in Lisbon. "
    "Carla knows Anna. David moved to Berlin last year. David met Carla in Madrid. "
    "Elena works at Siemens in Munich. Elena knows David. Felix lives in Vienna. "
    "Felix met Elena in Rome. Greta moved to Oslo. Greta knows Felix.";

Job story(const std::string& id) {
  Job job = episode_job(id);
  job.content = kStory;
  return job;
}

// The text that each question was about, in the order in which they were asked.
Task<std::vector<std::string>> texts_asked_about(Bench& bench, std::string question) {
  const std::vector<JsonDocument> calls = co_await bench.calls("/api/chat");
  std::vector<std::string> found;
  for (const JsonDocument& call : calls) {
    const JsonValue body = call.root()["body"];
    if (!body["format"]["properties"].has(question)) continue;
    const std::string user(*body["messages"].items().at(1)["content"].string());
    const std::size_t from = user.find(">\n", user.find("<text-")) + 2;
    found.push_back(user.substr(from, user.rfind("\n</text-") - from));
  }
  co_return found;
}

Task<std::vector<std::string>> upserted(Bench& bench) {
  const std::vector<JsonDocument> calls = co_await bench.calls("/internal/entities");
  std::vector<std::string> names;
  for (const JsonDocument& call : calls) names.emplace_back(*call.root()["body"]["name"].string());
  co_return names;
}

const std::vector<std::string> kPeople = {"anna",  "boris", "carla", "david",
                                          "elena", "felix", "greta"};

TEST(TextReading, AsksAboutTheHalvesOfATextWhoseAnswerWasCutOff) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/api/chat","contains":"entity_type",
                              "malformed":"length","times":1},
                             {"path":"/api/chat","contains":"destination",
                              "malformed":"length","times":1})");
    line.put(story("j"));
    co_await line.hand.extract_one();
    for (const char* question : {"entities", "relationships"}) {
      const std::vector<std::string> asked = co_await texts_asked_about(bench, question);
      EXPECT_EQ(asked.size(), 3u) << question;
      if (asked.size() != 3) co_return;
      EXPECT_EQ(asked[0], kStory);
      for (const std::string& half : {asked[1], asked[2]}) {
        EXPECT_THAT(asked[0], HasSubstr(half));
        EXPECT_LT(half.size(), asked[0].size() * 3 / 4);
      }
      EXPECT_THAT(asked[0], testing::StartsWith(asked[1]));
      EXPECT_THAT(asked[0], testing::EndsWith(asked[2]));
      EXPECT_GE(asked[1].size() + asked[2].size() + 1, asked[0].size());
    }
    const std::vector<std::string> names = co_await upserted(bench);
    EXPECT_THAT(names, IsSupersetOf(kPeople));
    EXPECT_EQ(bench.slot().splits.load(), 2u);
    EXPECT_THAT(line.journal("j", "split:entities"), HasSubstr("cut off"));
    EXPECT_EQ(line.journal("j", "entities"), "(nil)");
  });
}

TEST(TextReading, NeverAsksAboutTheWholeAgainOnceItHasBeenSplit) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/api/chat","contains":"Anna met Boris",
                              "malformed":"length","times":1},
                             {"path":"/api/chat","contains":"Greta knows Felix","status":500})");
    line.put(story("j"));
    co_await failure_of(line.hand.extract_one());
    co_await line.expire("j");
    co_await bench.control("DELETE", "/sandbox/faults", "");
    co_await bench.control("DELETE", "/sandbox/ledger", "");
    co_await line.other.extract_one();
    // The first half was answered, the whole did not fit: only the second half was left.
    const std::vector<std::string> asked = co_await texts_asked_about(bench, "entities");
    EXPECT_EQ(asked.size(), 1u);
    if (asked.size() != 1) co_return;
    EXPECT_THAT(asked[0], HasSubstr("Greta knows Felix"));
    EXPECT_LT(asked[0].size(), std::string(kStory).size());
    const std::vector<std::string> names = co_await upserted(bench);
    EXPECT_THAT(names, IsSupersetOf(kPeople));
  });
}

TEST(TextReading, FailsWithTheReasonWhenATextIsTooShortToBeSplit) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/api/chat","malformed":"length"})");
    line.put(story("j"));
    const Failure failure = co_await failure_of(line.hand.extract_one());
    EXPECT_EQ(failure.kind(), Kind::too_long);
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("cut off"), HasSubstr("too short to be split")));
    // It went down on one side only: what is doomed is not paid for on all sides.
    const std::vector<std::string> asked = co_await texts_asked_about(bench, "entities");
    EXPECT_THAT(asked.size(), Lt(6u));
    EXPECT_EQ(line.journal("j", "split:entities").substr(0, 9), "the model");
  });
}

TEST(TextReading, SplitsATextWhosePromptWasRefusedAsTooLong) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/api/chat","times":1,"status":400,
        "body":"{\"error\":\"the input length exceeds the context length\"}"})");
    line.put(story("j"));
    co_await line.hand.extract_one();
    const std::vector<std::string> asked = co_await texts_asked_about(bench, "entities");
    EXPECT_EQ(asked.size(), 3u);
    const std::vector<std::string> names = co_await upserted(bench);
    EXPECT_THAT(names, IsSupersetOf(kPeople));
  });
}

TEST(TextReading, AsksAboutALongTextPieceByPieceAndKeepsEachAnswer) {
  with_line(
      [](Bench& bench, Line& line) -> Task<> {
        line.put(story("j"));
        co_await line.hand.extract_one();
        const std::vector<std::string> asked = co_await texts_asked_about(bench, "entities");
        EXPECT_GT(asked.size(), 2u);
        for (const std::string& text : asked) EXPECT_LT(text.size(), 200u);
        const std::vector<std::string> names = co_await upserted(bench);
        EXPECT_THAT(names, IsSupersetOf(kPeople));
        const std::string fields = line.server.ask({"HKEYS", "ryumem:journal:j"});
        for (const char* step : {"entities:0-", "relationships:0-"})
          EXPECT_THAT(fields, HasSubstr(step));
        EXPECT_EQ(line.journal("j", "asked"), "(nil)");
        EXPECT_EQ(bench.slot().splits.load(), 0u);
      },
      {{"RYUMEM_WORKER_CHUNK_TOKENS", "40"}});
}

TEST(TextReading, NamesToAPieceOnlyTheEntitiesThatAreInIt) {
  with_line(
      [](Bench& bench, Line& line) -> Task<> {
        line.put(story("j"));
        co_await line.hand.extract_one();
        const std::vector<JsonDocument> calls = co_await bench.calls("/api/chat");
        int seen = 0;
        for (const JsonDocument& call : calls) {
          const std::string user(
              *call.root()["body"]["messages"].items().at(1)["content"].string());
          const std::size_t list = user.find("<entities-");
          if (list == std::string::npos || user.find("Anna met Boris") == std::string::npos)
            continue;
          ++seen;
          const std::string names = user.substr(list, user.find("</entities-") - list);
          EXPECT_THAT(names, HasSubstr("\"anna\""));
          EXPECT_THAT(names, testing::Not(HasSubstr("\"greta\"")));
        }
        EXPECT_EQ(seen, 1);
      },
      {{"RYUMEM_WORKER_CHUNK_TOKENS", "40"}});
}

// Another cut than the one that the journal has answers of: pieces are known by where they are.
TEST(TextReading, DoesNotMixThePiecesOfTwoCuts) {
  with_line(
      [](Bench& bench, Line& line) -> Task<> {
        line.put(story("j"));
        line.server.ask({"HSET", "ryumem:journal:j", "entities:0-30",
                         R"({"entities":[{"entity":"Nobody","entity_type":"PERSON"}]})"});
        co_await line.hand.extract_one();
        const std::vector<std::string> names = co_await upserted(bench);
        EXPECT_THAT(names, IsSupersetOf(kPeople));
        EXPECT_THAT(names, testing::Not(Contains("nobody")));
      },
      {{"RYUMEM_WORKER_CHUNK_TOKENS", "40"}});
}

}  // namespace
}  // namespace ryumem
