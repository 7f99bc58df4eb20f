#include "worker/llm/chat_model.h"

#include "tests/worker/bench.h"
#include "tests/worker/canonical_json.h"
#include "worker/llm/answer.h"
#include "worker/llm/prompts.h"
#include "worker/llm/vectors.h"

namespace ryumem {
namespace {

using test::Bench;
using test::canonical;
using test::failure_of;
using test::with_bench;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Job episode() {
  Job job;
  job.id = "j";
  job.content = "Alice met Bob.";
  job.user_id = "user_1";
  return job;
}

Task<std::string> said(Bench& bench) {
  co_return co_await bench.model.ask(ask_for_entities(episode(), episode().content), bench.cancel);
}

// Asks, and reads what was said.
Task<Entities> entities(Bench& bench) {
  const std::string answer = co_await said(bench);
  const Author author(episode().content, episode().user_id);
  co_return read_entities(answer, author, bench.slot());
}

Task<Failure> refused_chat(Bench& bench) { co_return co_await failure_of(entities(bench)); }

Task<Vectors> embedded(Bench& bench, std::vector<std::string> texts) {
  std::string answer = co_await bench.embedder.embed("acme", texts, bench.cancel);
  co_return read_vectors(std::move(answer));
}

Task<Failure> refused_embedding(Bench& bench) {
  const std::vector<std::string> texts = {"a", "b"};
  co_return co_await failure_of(bench.embedder.embed("acme", texts, bench.cancel));
}

TEST(ChatModel, GivesWhatTheModelSaysAsItSaysIt) {
  with_bench([](Bench& bench) -> Task<> {
    co_await bench.script(R"({"chat":[{"answer":"no {JSON\n at all"}]})");
    const std::string answer = co_await said(bench);
    EXPECT_EQ(answer, "no {JSON\n at all");
    EXPECT_EQ(bench.slot().of(Call::chat)[Reply::ok].load(), 1u);
    EXPECT_GT(bench.slot().tokens_in.load(), 0u);
    EXPECT_GT(bench.slot().tokens_out.load(), 0u);
  });
}

TEST(ChatModel, AsksTheQuestionThatItIsGiven) {
  with_bench([](Bench& bench) -> Task<> {
    co_await bench.script(R"({"chat":[{"question":"relationships","answer":"yes"}]})");
    const Entities known = {Entity("alice", "PERSON"), Entity("bob", "PERSON")};
    const ChatQuestion question = ask_for_relationships(episode(), episode().content, known);
    const std::string answer = co_await bench.model.ask(question, bench.cancel);
    EXPECT_EQ(answer, "yes");
    const std::vector<JsonDocument> calls = co_await bench.calls("/api/chat");
    EXPECT_EQ(calls.at(0).root()["body"]["messages"].items().at(1)["content"].string(),
              question.user);
    EXPECT_THAT(question.user, HasSubstr("[\"alice\",\"bob\"]"));
  });
}

TEST(ChatModel, IsNotAskedWhileItsCircuitIsOpenAndEmbedsAllTheSame) {
  with_bench([](Bench& bench) -> Task<> {
    co_await bench.inject(R"({"path":"/api/chat","status":404,"body":"no such model"})");
    co_await refused_chat(bench);
    EXPECT_EQ(bench.shown(Dependency::chat_model), CircuitState::open);
    EXPECT_THAT(bench.slot().of(Dependency::chat_model).reason_text(), HasSubstr("no such model"));
    const Failure failure = co_await refused_chat(bench);
    EXPECT_EQ(failure.kind(), Kind::unreachable);
    const std::vector<JsonDocument> calls = co_await bench.calls("/api/chat");
    EXPECT_EQ(calls.size(), 1u);
    EXPECT_EQ(bench.shown(Dependency::embedding_model), CircuitState::closed);
    const Vectors vectors = co_await embedded(bench, std::vector<std::string>(1, "a"));
    EXPECT_EQ(vectors.size(), 1u);
  });
}

TEST(ChatModel, OpensNoCircuitForWhatOneTextBroughtAbout) {
  with_bench([](Bench& bench) -> Task<> {
    for (const char* fault : {"\"status\":400", "\"status\":500", "\"malformed\":\"length\""}) {
      co_await bench.inject(std::string("{\"path\":\"/api\",") + fault + "}");
      co_await refused_chat(bench);
      EXPECT_EQ(bench.shown(Dependency::chat_model), CircuitState::closed) << fault;
    }
  });
}

Task<> answer_malformed(Bench& bench, std::string kind) {
  co_await bench.inject("{\"path\":\"/api/chat\",\"malformed\":\"" + kind + "\"}");
}

TEST(ChatModel, TakesNoMalformedAnswerForAnEmptyOne) {
  with_bench([](Bench& bench) -> Task<> {
    for (const char* kind : {"empty_object", "not_json", "blank", "schema_echo"}) {
      co_await answer_malformed(bench, kind);
      const Failure failure = co_await refused_chat(bench);
      EXPECT_EQ(failure.kind(), Kind::bad_answer) << kind << ": " << failure.what();
    }
    // What was cut off is never finished by guess, whatever the model says of its end.
    for (const char* kind : {"length", "truncated_json"}) {
      co_await answer_malformed(bench, kind);
      const Failure failure = co_await refused_chat(bench);
      EXPECT_EQ(failure.kind(), Kind::too_long) << kind << ": " << failure.what();
    }
  });
}

TEST(ChatModel, IsUnderstoodWhenOnlyTheWrappingIsWrong) {
  with_bench([](Bench& bench) -> Task<> {
    const Entities plain = co_await entities(bench);
    EXPECT_GE(plain.size(), 2u);
    for (const char* kind : {"prose", "fence", "bare_array"}) {
      co_await answer_malformed(bench, kind);
      const Entities found = co_await entities(bench);
      EXPECT_EQ(found.size(), plain.size()) << kind;
    }
    EXPECT_EQ(bench.slot().repairs[Repair::prose].load(), 1u);
    EXPECT_EQ(bench.slot().repairs[Repair::fence].load(), 1u);
    EXPECT_EQ(bench.slot().repairs[Repair::bare_list].load(), 1u);
  });
}

TEST(ChatModel, SaysOfAnAnswerThatWasCutOffThatItWasTooLong) {
  with_bench([](Bench& bench) -> Task<> {
    co_await bench.inject(R"({"path":"/api/chat","malformed":"length"})");
    const Failure failure = co_await refused_chat(bench);
    EXPECT_EQ(failure.kind(), Kind::too_long) << failure.what();
  });
}

TEST(ChatModel, TriesAgainWhatFailedInPassingAndNothingElse) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await bench.inject(R"({"path":"/api/chat","status":503,"times":1})");
        co_await said(bench);
        const std::vector<JsonDocument> calls = co_await bench.calls("/api/chat");
        EXPECT_EQ(calls.size(), 2u);
        co_await bench.control("DELETE", "/sandbox/ledger", "");
        co_await bench.inject(R"({"path":"/api/chat","malformed":"length"})");
        co_await refused_chat(bench);
        const std::vector<JsonDocument> bad = co_await bench.calls("/api/chat");
        EXPECT_EQ(bad.size(), 1u);
      },
      {{"RYUMEM_WORKER_CALL_TRIES", "3"}});
}

TEST(ChatModel, NamesTheModelThatIsMissingAndTheRemedy) {
  with_bench(
      [](Bench& bench) -> Task<> {
        const Failure chat = co_await refused_chat(bench);
        EXPECT_EQ(chat.kind(), Kind::outage);
        EXPECT_THAT(chat.what(), HasSubstr("ollama pull missing:7b"));
        const Failure embedding = co_await refused_embedding(bench);
        EXPECT_EQ(embedding.kind(), Kind::outage);
        EXPECT_THAT(embedding.what(), HasSubstr("ollama pull missing-embed"));
      },
      {{"LLM_MODEL", "missing:7b"}, {"EMBEDDING_MODEL", "missing-embed"}});
}

TEST(ChatModel, DoesNotWaitLongerForAModelThanACallMayTake) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await bench.inject(R"({"face":"model","hang":true})");
        const Monotonic::time_point began = Monotonic::now();
        const Failure failure = co_await refused_chat(bench);
        EXPECT_EQ(failure.kind(), Kind::transient);
        EXPECT_LT(seconds_between(began, Monotonic::now()), 5);
        EXPECT_EQ(bench.slot().of(Call::chat)[Reply::no_reply].load(), 1u);
      },
      {{"RYUMEM_WORKER_CALL_TIMEOUT_SECONDS", "1"}});
}

}  // namespace
}  // namespace ryumem
