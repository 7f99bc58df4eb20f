// Each provider against the sandbox's face of it: what goes right, and what each trouble is taken
// for when it is said in that provider's words.
#include "tests/worker/bench.h"
#include "worker/llm/answer.h"
#include "worker/llm/prompts.h"
#include "worker/llm/vectors.h"

namespace ryumem {
namespace {

using test::Bench;
using test::failure_of;
using test::with_bench;
using testing::HasSubstr;

const char* const kProviders[] = {"gemini", "openai", "litellm", "ollama"};

Environment all_of(const std::string& provider, const std::string& model = "m") {
  return {{"LLM_PROVIDER", provider},
          {"EMBEDDING_PROVIDER", provider},
          {"LLM_MODEL", model},
          {"EMBEDDING_MODEL", model}};
}

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

Task<Vectors> embedded(Bench& bench) {
  const std::vector<std::string> texts = {"alice (PERSON)", "bob (PERSON)"};
  std::string answer = co_await bench.embedder.embed("acme", texts, bench.cancel);
  co_return read_vectors(std::move(answer));
}

Task<Failure> trouble_in_chat(Bench& bench, std::string trouble) {
  co_await bench.inject("{\"face\":\"model\"," + trouble + "}");
  bench.close_circuits();
  co_return co_await failure_of(said(bench));
}

TEST(FourWires, CarryQuestionsAndTexts) {
  for (const std::string provider : kProviders) {
    SCOPED_TRACE(provider);
    with_bench(
        [](Bench& bench) -> Task<> {
          const std::string answer = co_await said(bench);
          const Author author(episode().content, episode().user_id);
          const Entities entities = read_entities(answer, author, bench.slot());
          EXPECT_EQ(entities.size(), 2u) << answer;
          EXPECT_GT(bench.slot().tokens_in.load(), 0u);
          EXPECT_GT(bench.slot().tokens_out.load(), 0u);
          const Vectors vectors = co_await embedded(bench);
          EXPECT_EQ(vectors.size(), 2u);
        },
        all_of(provider));
  }
}

TEST(FourWires, GiveEachTroubleTheKindThatItIs) {
  for (const std::string provider : kProviders) {
    SCOPED_TRACE(provider);
    with_bench(
        [](Bench& bench) -> Task<> {
          for (const char* outage : {"bad_key", "model_missing", "model_retired"}) {
            const Failure failure =
                co_await trouble_in_chat(bench, "\"trouble\":\"" + std::string(outage) + "\"");
            EXPECT_EQ(failure.kind(), Kind::outage) << outage << ": " << failure.what();
          }
          const Failure limit = co_await trouble_in_chat(bench, R"("trouble":"rate_limit")");
          EXPECT_EQ(limit.kind(), Kind::transient) << limit.what();
          const Failure busy = co_await trouble_in_chat(bench, R"("trouble":"overloaded")");
          EXPECT_EQ(busy.kind(), Kind::unreachable) << busy.what();
          const Failure broken = co_await trouble_in_chat(bench, R"("trouble":"broken")");
          EXPECT_EQ(broken.kind(), Kind::transient) << broken.what();
          const Failure longer = co_await trouble_in_chat(bench, R"("trouble":"too_long")");
          EXPECT_EQ(longer.kind(), Kind::too_long) << longer.what();
        },
        all_of(provider));
  }
}

TEST(FourWires, KnowWhatIsPaidForFromWhatPasses) {
  // Ollama has no quota of its own; its cloud's is a limit that passes.
  for (const std::string provider : {"gemini", "openai", "litellm"}) {
    SCOPED_TRACE(provider);
    with_bench(
        [](Bench& bench) -> Task<> {
          const Failure quota = co_await trouble_in_chat(bench, R"("trouble":"quota")");
          EXPECT_EQ(quota.kind(), Kind::outage) << quota.what();
        },
        all_of(provider));
  }
}

TEST(FourWires, TakeATextThatIsDeclinedForRefused) {
  // Ollama's models decline in words, which is an answer without JSON.
  for (const std::string provider : {"gemini", "openai", "litellm"}) {
    SCOPED_TRACE(provider);
    with_bench(
        [](Bench& bench) -> Task<> {
          for (const char* trouble : {"refusal", "blocked", "filtered"}) {
            const Failure failure =
                co_await trouble_in_chat(bench, "\"trouble\":\"" + std::string(trouble) + "\"");
            EXPECT_EQ(failure.kind(), Kind::refused) << trouble << ": " << failure.what();
          }
        },
        all_of(provider));
  }
}

TEST(FourWires, HearHowLongToWaitInEachWayItIsTold) {
  for (const std::string provider : kProviders) {
    SCOPED_TRACE(provider);
    with_bench(
        [](Bench& bench) -> Task<> {
          for (const char* hint : {"seconds", "milliseconds", "date", "prefixed"}) {
            const Failure failure = co_await trouble_in_chat(
                bench,
                R"("trouble":"rate_limit","wait_ms":2000,"hint":")" + std::string(hint) + "\"");
            EXPECT_EQ(failure.retry_after(), Millis(2000)) << hint << ": " << failure.what();
          }
          const Failure none = co_await trouble_in_chat(
              bench, R"("trouble":"rate_limit","wait_ms":2000,"hint":"none")");
          EXPECT_EQ(none.retry_after(), std::nullopt);
        },
        all_of(provider));
  }
  for (const std::string provider : {"gemini", "openai", "litellm"}) {
    with_bench(
        [](Bench& bench) -> Task<> {
          const Failure failure = co_await trouble_in_chat(
              bench, R"("trouble":"rate_limit","wait_ms":1500,"hint":"message")");
          EXPECT_EQ(failure.retry_after(), Millis(1500)) << failure.what();
        },
        all_of(provider));
  }
}

TEST(FourWires, SendTheKeyWhereItBelongs) {
  for (const std::string provider : kProviders) {
    SCOPED_TRACE(provider);
    Environment variables = all_of(provider);
    for (const char* key :
         {"GOOGLE_API_KEY", "OPENAI_API_KEY", "LITELLM_PROXY_API_KEY", "OLLAMA_API_KEY"})
      variables[key] = "bad-key";
    with_bench(
        [](Bench& bench) -> Task<> {
          const Failure chat = co_await failure_of(said(bench));
          EXPECT_EQ(chat.kind(), Kind::outage) << chat.what();
          EXPECT_THAT(chat.what(), HasSubstr("API_KEY"));
          const Failure embedding = co_await failure_of(embedded(bench));
          EXPECT_EQ(embedding.kind(), Kind::outage) << embedding.what();
        },
        variables);
  }
}

}  // namespace
}  // namespace ryumem
