// ryumem-worker with each provider, for extraction and for embeddings chosen apart: real jobs, a
// real Redis, and a server that speaks that provider's wire.
#include <tuple>

#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::WorkerProcess;
using test::WorkerTest;

// How the extracting and the embedding provider are called, and where the model is asked.
struct Wiring {
  const char* provider;
  const char* chat;
  const char* embed;
};
constexpr Wiring kWirings[] = {
    {"gemini", "/v1beta/models/m:generateContent", "/v1beta/models/e:batchEmbedContents"},
    {"openai", "/v1/chat/completions", "/v1/embeddings"},
    {"litellm", "/chat/completions", "/embeddings"},
    {"ollama", "/api/chat", "/api/embed"},
};

class WorkerProviders : public WorkerTest,
                        public testing::WithParamInterface<std::tuple<Wiring, Wiring>> {
 protected:
  std::vector<std::string> environment() {
    const auto& [llm, embedding] = GetParam();
    return {std::string("LLM_PROVIDER=") + llm.provider,
            std::string("EMBEDDING_PROVIDER=") + embedding.provider,
            "LLM_MODEL=m",
            "EMBEDDING_MODEL=e",
            "GOOGLE_GEMINI_BASE_URL=" + sandbox.url(),
            "OPENAI_BASE_URL=" + sandbox.url() + "/v1",
            "LITELLM_PROXY_API_BASE=" + sandbox.url()};
  }
};

TEST_P(WorkerProviders, CompleteJobs) {
  const auto& [llm, embedding] = GetParam();
  put("a");
  put("b", "Zoë founded Acme in Berlin.");
  WorkerProcess worker(redis, sandbox, environment());
  EXPECT_TRUE(becomes("a", "completed")) << worker.process().err();
  EXPECT_TRUE(becomes("b", "completed")) << worker.process().err();
  expect_all_done();
  EXPECT_EQ(sandbox.call_lines(llm.chat).size(), 4u);
  EXPECT_GE(sandbox.call_lines(embedding.embed).size(), 3u);
  const JsonDocument graph = JsonDocument::parse(sandbox.control("GET", "/sandbox/graph.json"));
  EXPECT_GE(graph.root()["figures"]["entities"].integer().value_or(0), 5);
  EXPECT_GE(graph.root()["figures"]["relationships"].integer().value_or(0), 2);
}

INSTANTIATE_TEST_SUITE_P(All, WorkerProviders,
                         testing::Combine(testing::ValuesIn(kWirings), testing::ValuesIn(kWirings)),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param).provider) + "_" +
                                  std::get<1>(info.param).provider;
                         });

}  // namespace
}  // namespace ryumem
