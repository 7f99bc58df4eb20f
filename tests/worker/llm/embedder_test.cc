#include "worker/llm/embedder.h"

#include "tests/worker/bench.h"
#include "tests/worker/canonical_json.h"
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

Task<Vectors> embedded(Bench& bench, std::vector<std::string> texts) {
  std::string answer = co_await bench.embedder.embed("acme", texts, bench.cancel);
  co_return read_vectors(std::move(answer));
}

Task<Failure> refused_embedding(Bench& bench) {
  const std::vector<std::string> texts = {"a", "b"};
  co_return co_await failure_of(bench.embedder.embed("acme", texts, bench.cancel));
}

TEST(Embeddings, KeepTheOrderOfTheTextsOverBatches) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await bench.script(R"({"embeddings":{"a":[1,0,0,0],"b":[2,0,0,0],"c":[3,0,0,0],
                                                "d":[4,0,0,0],"e":[5,0,0,0]}})");
        const std::vector<std::string> texts = {"a", "b", "c", "d", "e"};
        const Vectors vectors = co_await embedded(bench, texts);
        std::vector<std::string> found;
        for (const Vector& vector : vectors) found.emplace_back(vector.text());
        EXPECT_THAT(found,
                    ElementsAre("[1,0,0,0]", "[2,0,0,0]", "[3,0,0,0]", "[4,0,0,0]", "[5,0,0,0]"));
        const std::vector<JsonDocument> calls = co_await bench.calls("/api/embed");
        std::vector<std::string> inputs;
        for (const JsonDocument& call : calls)
          inputs.push_back(canonical(call.root()["body"]["input"]));
        EXPECT_THAT(inputs, ElementsAre(R"([["a"],["b"]])", R"([["c"],["d"]])", R"([["e"]])"));
        EXPECT_EQ(bench.slot().of(Call::embed)[Reply::ok].load(), 3u);
      },
      {{"RYUMEM_WORKER_EMBEDDING_BATCH", "2"}});
}

TEST(Embeddings, OfNoTextsNeedNoCall) {
  with_bench([](Bench& bench) -> Task<> {
    const Vectors vectors = co_await embedded(bench, std::vector<std::string>());
    EXPECT_THAT(vectors, IsEmpty());
    const std::vector<JsonDocument> calls = co_await bench.calls("/api");
    EXPECT_THAT(calls, IsEmpty());
  });
}

TEST(Embeddings, AreAskedForTextsOnOneLine) {
  with_bench([](Bench& bench) -> Task<> {
    const std::vector<std::string> texts = {"\n two\nlines \n"};
    co_await bench.embedder.embed("acme", texts, bench.cancel);
    const std::vector<JsonDocument> calls = co_await bench.calls("/api/embed");
    EXPECT_EQ(calls.at(0).root()["body"]["input"].items().at(0).string(), "two lines");
  });
}

TEST(Embeddings, AreNeverReformatted) {
  with_bench([](Bench& bench) -> Task<> {
    // More digits than a double has, signs, exponents and blanks.
    co_await bench.inject(R"({"path":"/api/embed","status":200,"body":
        "{\"embeddings\":[[0.12345678901234567890, -1E-7,\t+2.50,1e+2]]}"})");
    const std::vector<std::string> texts = {"a"};
    const Vectors vectors = co_await embedded(bench, texts);
    EXPECT_EQ(vectors.at(0).text(), "[0.12345678901234567890, -1E-7,\t+2.50,1e+2]");
  });
}

TEST(Embeddings, OutliveTheirReply) {
  with_bench([](Bench& bench) -> Task<> {
    Vectors kept;
    for (int i = 0; i < 3; ++i) {
      const std::vector<std::string> texts = {"a", "b"};
      const Vectors vectors = co_await embedded(bench, texts);
      kept.push_back(vectors.at(1));
    }
    EXPECT_EQ(kept[0].text(), kept[2].text());
    EXPECT_EQ(kept[0].text().front(), '[');
  });
}

TEST(Embeddings, OfAnotherLengthAreAnOutageThatNamesTheVariable) {
  with_bench(
      [](Bench& bench) -> Task<> {
        const Failure failure = co_await refused_embedding(bench);
        EXPECT_EQ(failure.kind(), Kind::outage);
        EXPECT_THAT(failure.what(), HasSubstr("vectors of 4 numbers"));
        EXPECT_THAT(failure.what(), HasSubstr("EMBEDDING_DIMENSIONS is 768"));
      },
      {{"EMBEDDING_DIMENSIONS", "768"}});
}

TEST(Embeddings, OfAnotherLengthInOneOfManyAreAnOutage) {
  with_bench([](Bench& bench) -> Task<> {
    co_await bench.script(R"({"embeddings":{"a":[1,0,0,0],"b":[2,0,0]}})");
    const Failure failure = co_await refused_embedding(bench);
    EXPECT_EQ(failure.kind(), Kind::outage);
    EXPECT_THAT(failure.what(), HasSubstr("vectors of 3 numbers"));
    EXPECT_EQ(bench.slot().of(Call::embed)[Reply::unreadable].load(), 1u);
  });
}

TEST(Embeddings, OfAnotherCountAreABadAnswer) {
  with_bench([](Bench& bench) -> Task<> {
    co_await bench.inject(R"({"path":"/api/embed","malformed":"wrong_count"})");
    const Failure failure = co_await refused_embedding(bench);
    EXPECT_EQ(failure.kind(), Kind::bad_answer);
    EXPECT_THAT(failure.what(), HasSubstr("asked for 2 vectors, got 1"));
  });
}

TEST(Embeddings, WithWhatIsNoNumberAreABadAnswer) {
  with_bench([](Bench& bench) -> Task<> {
    for (const char* kind : {"nan", "truncated_json", "not_json", "blank", "empty_object"}) {
      co_await bench.inject(std::string("{\"path\":\"/api/embed\",\"malformed\":\"") + kind +
                            "\"}");
      const Failure failure = co_await refused_embedding(bench);
      EXPECT_EQ(failure.kind(), Kind::bad_answer) << kind << ": " << failure.what();
    }
  });
}

TEST(Embeddings, WithANumberThatIsTooLargeAreABadAnswer) {
  with_bench([](Bench& bench) -> Task<> {
    for (const char* number : {"1e39", "1E+999", "-2.5e0038", "1e99999999999999999999"}) {
      co_await bench.inject(std::string(R"({"path":"/api/embed","status":200,"body":
          "{\"embeddings\":[[0,1e-99,)") +
                            number + R"(,1e+2],[0,0,0,1]]}"})");
      const Failure failure = co_await refused_embedding(bench);
      EXPECT_EQ(failure.kind(), Kind::bad_answer) << number;
      EXPECT_THAT(failure.what(), HasSubstr("too large")) << number;
    }
  });
}

TEST(Embeddings, OfATextThatIsThereTwiceAreAskedForOnce) {
  with_bench([](Bench& bench) -> Task<> {
    co_await bench.script(R"({"embeddings":{"a":[1,0,0,0],"b":[2,0,0,0]}})");
    const std::vector<std::string> texts = {"a", "b", "a\n", " a"};
    const Vectors vectors = co_await embedded(bench, texts);
    std::vector<std::string> found;
    for (const Vector& vector : vectors) found.emplace_back(vector.text());
    EXPECT_THAT(found, ElementsAre("[1,0,0,0]", "[2,0,0,0]", "[1,0,0,0]", "[1,0,0,0]"));
    const std::vector<JsonDocument> calls = co_await bench.calls("/api/embed");
    EXPECT_EQ(canonical(calls.at(0).root()["body"]["input"]), R"([["a"],["b"]])");
    EXPECT_EQ(bench.slot().texts[TextFrom::duplicate].load(), 2u);
    EXPECT_EQ(bench.slot().texts[TextFrom::model].load(), 2u);
  });
}

TEST(Embeddings, OfATextThatComesAgainAreNotAskedForAgain) {
  with_bench(
      [](Bench& bench) -> Task<> {
        const std::vector<std::string> first = {"a", "b"};
        const std::vector<std::string> second = {"b", "c"};
        const Vectors before = co_await embedded(bench, first);
        const Vectors after = co_await embedded(bench, second);
        EXPECT_EQ(after.at(0).text(), before.at(1).text());
        const Vectors again = co_await embedded(bench, first);
        EXPECT_EQ(again.at(0).text(), before.at(0).text());
        const std::vector<JsonDocument> calls = co_await bench.calls("/api/embed");
        std::vector<std::string> inputs;
        for (const JsonDocument& call : calls)
          inputs.push_back(canonical(call.root()["body"]["input"]));
        EXPECT_THAT(inputs, ElementsAre(R"([["a"],["b"]])", R"([["c"]])"));
        EXPECT_EQ(bench.slot().texts[TextFrom::cache].load(), 3u);
        EXPECT_EQ(bench.slot().calls_cached.load(), 1u);
      },
      {{"RYUMEM_WORKER_EMBEDDING_CACHE_MB", "1"}});
}

// What a job has at hand when it asks for its names and facts.
Task<> embed_into(Bench& bench, std::vector<std::string> texts, int& with_all) {
  const std::size_t wanted = texts.size();
  const Vectors vectors = co_await embedded(bench, std::move(texts));
  with_all += vectors.size() == wanted;
}

TEST(Embeddings, OfManyJobsGoOutInFewRequests) {
  with_bench(
      [](Bench& bench) -> Task<> {
        constexpr int kJobs = 64;
        int with_all = 0;
        Scope scope;
        for (int i = 0; i < kJobs; ++i) {
          const std::string own = std::to_string(i);
          std::vector<std::string> texts = {"alice (PERSON)", "person " + own, "place " + own};
          scope.spawn(embed_into(bench, std::move(texts), with_all));
        }
        co_await scope.join();
        EXPECT_EQ(with_all, kJobs);
        const std::vector<JsonDocument> calls = co_await bench.calls("/api/embed");
        // 192 texts at 64 a request: three or four, not 64.
        EXPECT_LE(calls.size(), 8u);
        EXPECT_EQ(bench.slot().calls_gathered.load(), kJobs - calls.size());
      },
      {{"RYUMEM_WORKER_EMBEDDING_BATCH_WAIT_MS", "50"}});
}

}  // namespace
}  // namespace ryumem
