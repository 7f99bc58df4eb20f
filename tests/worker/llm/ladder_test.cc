// How the firmest manner that a server understands is found, and what it costs.
#include "worker/llm/ladder.h"

#include "common/async/scope.h"
#include "common/base/text.h"
#include "tests/worker/bench.h"
#include "worker/llm/answer.h"
#include "worker/llm/prompts.h"

namespace ryumem {
namespace {

using test::Bench;
using test::failure_of;
using test::with_bench;
using testing::ElementsAre;

Objection to_rung() {
  Objection objection;
  objection.to = Objection::To::rung;
  return objection;
}

Objection to_parameter(const char* name) {
  Objection objection;
  objection.to = Objection::To::parameter;
  objection.parameter = name;
  return objection;
}

TEST(Ladder, GoesDownRungByRung) {
  Manner manner;
  std::string way = words_of(manner);
  while (const auto next = below(manner, to_rung(), true)) {
    manner = *next;
    way += "; " + words_of(manner);
  }
  EXPECT_EQ(way,
            "by a JSON schema; by a tool that it has to call; by JSON mode; by nothing but words");
  EXPECT_EQ(below(Manner(), to_rung(), false)->rung, Rung::json) << "without tools";
}

TEST(Ladder, LeavesOutWhatIsNotUnderstoodAndStaysOnItsRung) {
  const auto one = below(Manner(Rung::tool), to_parameter("think"), true);
  const auto two = below(*one, to_parameter("reasoning_effort"), true);
  EXPECT_EQ(words_of(*two), "by a tool that it has to call, without reasoning_effort and think");
  EXPECT_EQ(below(*two, to_rung(), true)->without, two->without);
  EXPECT_FALSE(below(Manner(), Objection(), true));
}

// What the sandbox has of the ways to hold a model to a shape.
std::string means_in(const JsonValue& body) {
  const JsonValue generation = body["generationConfig"];
  if (body.has("tools")) return "tool";
  if (generation.has("responseJsonSchema")) return "schema";
  if (generation.has("responseMimeType")) return "json";
  const std::string_view type = body["response_format"]["type"].string().value_or("");
  if (type == "json_schema" || body["format"].type() == JsonValue::Type::object) return "schema";
  return type == "json_object" || body["format"].string() == "json" ? "json" : "plain";
}

// "schema 400, tool 200": what was asked, and the status of each answer.
Task<std::string> asked(Bench& bench) {
  std::string all;
  const std::vector<JsonDocument> calls = co_await bench.calls("/");
  for (const JsonDocument& call : calls) {
    const JsonValue line = call.root();
    all += (all.empty() ? "" : ", ") + means_in(line["body"]) + " " + line["status"].text();
  }
  co_return all;
}

Task<Entities> entities_in(Bench& bench, std::string text) {
  Job job;
  job.content = text;
  job.user_id = "user_1";
  const std::string answer = co_await bench.model.ask(ask_for_entities(job, text), bench.cancel);
  co_return read_entities(answer, Author(text, job.user_id), bench.slot());
}

Task<> expect_bob(Bench& bench, std::string text) {
  const Entities found = co_await entities_in(bench, text);
  bool bob = false;
  for (const Entity& entity : found) bob = bob || entity.name == "bob";
  EXPECT_TRUE(bob) << text;
}

Task<> set_manners(Bench& bench, std::string json) {
  co_await bench.control("POST", "/sandbox/manners", std::move(json));
}

HeldBy shown(Bench& bench) { return static_cast<HeldBy>(bench.slot().chat_held_by.load()); }

Environment provider(const std::string& name) {
  return {{"LLM_PROVIDER", name}, {"LLM_MODEL", "m"}};
}

TEST(Ladder, StaysWhereItIsUnderstood) {
  for (const std::string name : {"gemini", "openai", "litellm", "ollama"})
    with_bench(
        [](Bench& bench) -> Task<> {
          EXPECT_EQ(shown(bench), HeldBy::unknown);
          co_await expect_bob(bench, "I met Bob.");
          co_await expect_bob(bench, "We saw Bob.");
          const std::string way = co_await asked(bench);
          EXPECT_EQ(way, "schema 200, schema 200");
          EXPECT_EQ(shown(bench), HeldBy::schema);
        },
        provider(name));
}

TEST(Ladder, FindsWhereAServerStopsAndNeverAsksAboveThatAgain) {
  for (const std::string name : {"gemini", "openai", "litellm"})
    with_bench(
        [](Bench& bench) -> Task<> {
          co_await set_manners(bench, R"({"refuses":["schema"]})");
          co_await expect_bob(bench, "I met Bob.");
          co_await expect_bob(bench, "We saw Bob.");
          const std::string tool = co_await asked(bench);
          EXPECT_EQ(tool, "schema 400, tool 200, tool 200");
          EXPECT_EQ(shown(bench), HeldBy::tool);
          co_await set_manners(bench, R"({"refuses":["schema","tool"]})");
          co_await expect_bob(bench, "They hit Bob.");
          co_await set_manners(bench, R"({"refuses":["schema","tool","json"]})");
          co_await expect_bob(bench, "You had Bob.");
          co_await expect_bob(bench, "He left Bob.");
          const std::string plain = co_await asked(bench);
          EXPECT_EQ(plain, tool + ", tool 400, json 200, json 400, plain 200, plain 200");
        },
        provider(name));
}

TEST(Ladder, HasNoToolWhereNoneCanBeForced) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await set_manners(bench, R"({"refuses":["schema"]})");
        co_await expect_bob(bench, "I met Bob.");
        co_await set_manners(bench, R"({"refuses":["schema","json"]})");
        co_await expect_bob(bench, "We saw Bob.");
        const std::string way = co_await asked(bench);
        EXPECT_EQ(way, "schema 400, json 200, json 400, plain 200");
      },
      provider("ollama"));
}

TEST(Ladder, HearsARefusalInEachWayItIsSaid) {
  for (const std::string name : {"openai", "litellm"})
    with_bench(
        [](Bench& bench) -> Task<> {
          co_await set_manners(bench, R"({"refuses":["schema"],"status":422})");
          co_await expect_bob(bench, "I met Bob.");
          co_await set_manners(bench, R"({"refuses":["tool"],"status":501})");
          co_await expect_bob(bench, "We saw Bob.");
          const std::string way = co_await asked(bench);
          EXPECT_EQ(way, "schema 422, tool 200, tool 501, json 200");
        },
        provider(name));
}

TEST(Ladder, LeavesOutAParameterThatIsRefused) {
  Environment variables = provider("openai");
  variables["RYUMEM_WORKER_REASONING_EFFORT"] = "low";
  variables["RYUMEM_WORKER_ANSWER_TOKENS"] = "4000";
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await set_manners(bench, R"({"refuses":["reasoning_effort","max_completion_tokens"]})");
        co_await expect_bob(bench, "I met Bob.");
        const std::string way = co_await asked(bench);
        EXPECT_EQ(way, "schema 400, schema 400, schema 200");
        const std::vector<JsonDocument> calls = co_await bench.calls("/");
        const JsonValue last = calls.back().root()["body"];
        EXPECT_EQ(last["max_tokens"].integer(), 4000);
        EXPECT_FALSE(last.has("reasoning_effort"));
      },
      variables);
}

Task<> many_at_once(Bench& bench) {
  Scope scope;
  for (int i = 0; i < 12; ++i)
    scope.spawn(expect_bob(bench, "Number " + std::to_string(i) + " met Bob."));
  co_await scope.join();
}

TEST(Ladder, CostsOneCallPerRungHoweverManyAskAtOnce) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await set_manners(bench, R"({"refuses":["schema","tool"]})");
        co_await many_at_once(bench);
        std::string way = co_await asked(bench);
        std::string wanted = "schema 400, tool 400";
        for (int i = 0; i < 12; ++i) wanted += ", json 200";
        EXPECT_EQ(way, wanted);
      },
      provider("openai"));
}

Task<> expect_no_answer(Bench& bench, std::string text) {
  const Failure failure = co_await failure_of(entities_in(bench, text));
  EXPECT_EQ(failure.kind(), Kind::transient) << failure.what();
}

TEST(Ladder, LetsOthersAskWhenFindingOutTakesLong) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await bench.inject(R"({"face":"model","contains":"stuck","hang":true})");
        Scope scope;
        scope.spawn(expect_no_answer(bench, "This one is stuck."));
        scope.spawn(expect_bob(bench, "I met Bob."));
        co_await scope.join();
      },
      {{"LLM_PROVIDER", "openai"},
       {"LLM_MODEL", "m"},
       {"RYUMEM_WORKER_CALL_TIMEOUT_SECONDS", "8"}});
}

TEST(Ladder, NoticesAServerThatIgnoresWhatItAccepts) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await set_manners(bench, R"({"ignores":["schema"]})");
        for (const char* verb : {"met", "saw", "hit", "had"})
          co_await expect_bob(bench, "I " + std::string(verb) + " Bob.");
        const std::string way = co_await asked(bench);
        EXPECT_EQ(way, "schema 200, schema 200, schema 200, tool 200");
      },
      provider("gemini"));
}

TEST(Ladder, IsNotMovedByOneTextThatIsAnsweredBadlyAgainAndAgain) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await bench.inject(R"({"face":"model","contains":"odd","malformed":"fence"})");
        for (int i = 0; i < 5; ++i) co_await expect_bob(bench, "The odd one met Bob.");
        co_await expect_bob(bench, "I met Bob.");
        for (int i = 0; i < 2; ++i) co_await expect_bob(bench, "Another odd one met Bob.");
        const std::string way = co_await asked(bench);
        EXPECT_EQ(way.find("tool"), std::string::npos) << way;
      },
      provider("openai"));
}

TEST(Ladder, IsNotMovedByATextThatIsRefusedInEveryManner) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await expect_bob(bench, "I met Bob.");
        co_await bench.inject(R"({"face":"model","contains":"poison","status":400,
            "body":"{\"error\":{\"message\":\"this function has no tools\"}}"})");
        const Failure failure = co_await failure_of(entities_in(bench, "The poison met Bob."));
        EXPECT_EQ(failure.kind(), Kind::rejected) << failure.what();
        co_await expect_bob(bench, "We saw Bob.");
        const std::string way = co_await asked(bench);
        EXPECT_EQ(way, "schema 200, schema 400, tool 400, json 400, plain 400, schema 200");
        EXPECT_EQ(shown(bench), HeldBy::schema);
      },
      provider("openai"));
}

}  // namespace
}  // namespace ryumem
