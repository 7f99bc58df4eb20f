#include "worker/pipeline/extract.h"

#include "tests/worker/line.h"

namespace ryumem {
namespace {

using test::Bench;
using test::canonical;
using test::episode_job;
using test::failure_of;
using test::Line;
using test::observed;
using test::with_line;
using testing::ElementsAre;
using testing::HasSubstr;

Task<Counts> extract(Line& line, Job job) {
  line.put(job);
  co_return co_await line.hand.extract_one();
}

// The callbacks that the sandbox got, as "PATH: what it is about", in their order.
Task<std::vector<std::string>> callbacks(Bench& bench) {
  const std::vector<JsonDocument> calls = co_await bench.calls("/internal");
  std::vector<std::string> found;
  for (const JsonDocument& call : calls) {
    const JsonValue body = call.root()["body"];
    std::string what(call.root()["path"].string().value_or(""));
    for (const char* key : {"name", "entity_type", "relation_type", "fact"})
      if (body.has(key)) what += " " + std::string(body[key].string().value_or("?"));
    found.push_back(what);
  }
  co_return found;
}

TEST(Extraction, GoesThroughTheStepsInTheirOrder) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    const Counts counts = co_await extract(line, episode_job("j"));
    EXPECT_EQ(counts.entities, 3);
    EXPECT_EQ(counts.relationships, 2);
    std::vector<std::string> found = co_await callbacks(bench);
    EXPECT_EQ(found.size(), 6u);
    if (found.size() != 6) co_return;
    // Those of one step go out together, in any order.
    std::sort(found.begin(), found.begin() + 3);
    std::sort(found.begin() + 3, found.begin() + 5);
    EXPECT_THAT(found, ElementsAre("/internal/entities/upsert alice PERSON",
                                   "/internal/entities/upsert bob PERSON",
                                   "/internal/entities/upsert paris LOCATION",
                                   "/internal/relationships/upsert MET Alice met Bob.",
                                   "/internal/relationships/upsert WAS_IN Alice was there.",
                                   "/internal/episodes/e-j/extraction-complete"));
    const std::vector<JsonDocument> models = co_await bench.calls("/api");
    std::vector<std::string> paths;
    for (const JsonDocument& call : models) paths.emplace_back(*call.root()["path"].string());
    EXPECT_THAT(paths, ElementsAre("/api/chat", "/api/embed", "/api/chat", "/api/embed"));
    const std::vector<JsonDocument> reports = co_await bench.calls("/internal/episodes");
    EXPECT_EQ(canonical(reports.at(0).root()["body"]),
              canonical(std::string(R"({"job_id":"j","entities_count":3,"relationships_count":2,
                  "customer_id":"acme","error":null})")));
  });
}

TEST(Extraction, CountsTheTimeOfEachStepOnce) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await extract(line, episode_job("j"));
    for (const test::Target& target : test::kTargets)
      EXPECT_EQ(observed(bench.slot().of(target.step)), 1u) << name(target.step);
    EXPECT_EQ(observed(bench.slot().attempt), 1u);
  });
}

TEST(Extraction, JoinsRelationshipsToTheUuidsThatTheServerGave) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await extract(line, episode_job("j"));
    std::map<std::string, std::string> uuids;
    const std::vector<JsonDocument> entities = co_await bench.calls("/internal/entities");
    for (const JsonDocument& call : entities)
      uuids[std::string(*call.root()["body"]["name"].string())] =
          *call.root()["answer"]["uuid"].string();
    EXPECT_EQ(uuids.size(), 3u);
    const std::vector<JsonDocument> calls = co_await bench.calls("/internal/relationships");
    for (const JsonDocument& call : calls) {
      const JsonValue body = call.root()["body"];
      const bool met = body["relation_type"].string() == "MET";
      EXPECT_EQ(body["source_entity_uuid"].string(), uuids["alice"]);
      EXPECT_EQ(body["target_entity_uuid"].string(), uuids[met ? "bob" : "paris"]);
      EXPECT_EQ(body["episode_uuid"].string(), "e-j");
    }
  });
}

TEST(Extraction, OfATextWithoutEntitiesIsCompleteWithNothing) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.script(R"({"chat":[{"answer":{"entities":[]}}]})");
    const Counts counts = co_await extract(line, episode_job("j"));
    EXPECT_EQ(counts.entities, 0);
    EXPECT_EQ(counts.relationships, 0);
    const std::vector<std::string> found = co_await callbacks(bench);
    EXPECT_THAT(found, ElementsAre("/internal/episodes/e-j/extraction-complete"));
    const std::vector<JsonDocument> models = co_await bench.calls("/api");
    EXPECT_EQ(models.size(), 1u);
    EXPECT_EQ(observed(bench.slot().of(Step::embed_entities)), 0u);
    EXPECT_EQ(observed(bench.slot().of(Step::complete)), 1u);
  });
}

TEST(Extraction, OfEntitiesWithoutRelationshipsIsComplete) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.script(R"({"chat":[
        {"question":"entities","answer":{"entities":[{"entity":"Bob","entity_type":"PERSON"}]}},
        {"question":"relationships","answer":{"relationships":[]}}]})");
    const Counts counts = co_await extract(line, episode_job("j"));
    EXPECT_EQ(counts.entities, 1);
    EXPECT_EQ(counts.relationships, 0);
    const std::vector<JsonDocument> embeddings = co_await bench.calls("/api/embed");
    EXPECT_EQ(embeddings.size(), 1u);
  });
}

TEST(Extraction, FinishesTheOtherUpsertsWhenOneFails) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/internal/entities","contains":"\"alice\"","status":422})");
    const Failure failure = co_await failure_of(extract(line, episode_job("j")));
    EXPECT_EQ(failure.kind(), Kind::rejected);
    const std::vector<JsonDocument> calls = co_await bench.calls("/internal");
    EXPECT_EQ(calls.size(), 3u);
    for (const JsonDocument& call : calls)
      EXPECT_NE(call.root()["status"].type(), JsonValue::Type::null);  // answered, and read
  });
}

TEST(Extraction, PassesVectorsFromTheModelToTheServerByteForByte) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/api/embed","contains":"alice","status":200,"body":
        "{\"embeddings\":[[0.12345678901234567890,1E-7,0,-0.0],[0,1.50,0,0],[0,0,1,0]]}"})");
    co_await extract(line, episode_job("j"));
    const std::string lines = co_await bench.control("GET", "/sandbox/ledger?vectors=1", "");
    EXPECT_THAT(lines, HasSubstr("\"name_embedding\":[0.12345678901234567890,1E-7,0,-0.0]"));
    EXPECT_THAT(lines, HasSubstr("\"name_embedding\":[0,1.50,0,0]"));
  });
}

TEST(Extraction, WorksOnRealSentencesWithTheStandInModel) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    Job job = episode_job("j");
    job.content = "I live in Paris with Zoë. Zoë works at Google.";
    const Counts counts = co_await extract(line, job);
    EXPECT_GE(counts.entities, 3);
    EXPECT_GE(counts.relationships, 1);
    const std::vector<std::string> found = co_await callbacks(bench);
    EXPECT_THAT(found, testing::Contains("/internal/entities/upsert user_1 PERSON"));
    EXPECT_EQ(found.back(), "/internal/episodes/e-j/extraction-complete");
  });
}

// What the model was asked, the user's message of each question.
Task<std::vector<std::string>> questions(Bench& bench) {
  const std::vector<JsonDocument> calls = co_await bench.calls("/api/chat");
  std::vector<std::string> found;
  for (const JsonDocument& call : calls)
    found.emplace_back(*call.root()["body"]["messages"].items().at(1)["content"].string());
  co_return found;
}

TEST(Extraction, AsksOnceMoreWithTheReasonWhenAnAnswerIsOfNoUse) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/api/chat","malformed":"not_json","times":1},
                             {"path":"/api/chat","contains":"destination",
                              "malformed":"schema_echo","times":1})");
    const Counts counts = co_await extract(line, episode_job("j"));
    EXPECT_EQ(counts.entities, 3);
    EXPECT_EQ(counts.relationships, 2);
    const std::vector<std::string> asked = co_await questions(bench);
    EXPECT_EQ(asked.size(), 4u);
    if (asked.size() != 4) co_return;
    for (const std::size_t at : {0, 2}) {
      EXPECT_THAT(asked[at], testing::Not(HasSubstr("could not be used")));
      EXPECT_THAT(asked[at + 1], testing::StartsWith(asked[at]));
      EXPECT_THAT(asked[at + 1], HasSubstr("Your last answer to this could not be used: "));
    }
    EXPECT_THAT(line.journal("j", "entities"), HasSubstr("Alice"));
  });
}

TEST(Extraction, EndsTheAttemptAtASecondAnswerOfNoUseAndKeepsNeither) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/api/chat","malformed":"not_json"})");
    const Failure failure = co_await failure_of(extract(line, episode_job("j")));
    EXPECT_EQ(failure.kind(), Kind::bad_answer);
    const std::vector<std::string> asked = co_await questions(bench);
    EXPECT_EQ(asked.size(), 2u);
    EXPECT_EQ(line.journal("j", "entities"), "(nil)");
    const std::vector<std::string> found = co_await callbacks(bench);
    EXPECT_THAT(found, testing::IsEmpty());
  });
}

// What the job j has in the journal's one field that begins so.
std::string vectors_in_journal(Line& line, const std::string& beginning) {
  std::string found;
  for (const std::string& field : split(line.server.ask({"HKEYS", "ryumem:journal:j"}), '\n'))
    if (field.starts_with(beginning)) found += line.journal("j", field);
  return found;
}

TEST(Extraction, PutsAnswersVectorsAndUpsertsIntoTheJournal) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await extract(line, episode_job("j"));
    EXPECT_THAT(line.journal("j", "entities"), HasSubstr("Alice"));
    EXPECT_THAT(line.journal("j", "relationships"), HasSubstr("Alice was there."));
    EXPECT_EQ(vectors_in_journal(line, "entity_vectors:ollama/nomic-embed-text/4:"),
              R"({"vectors":[[1,0,0,0],[0,1,0,0],[0,0,1,0]]})");
    EXPECT_THAT(vectors_in_journal(line, "fact_vectors:ollama/nomic-embed-text/4:"),
                HasSubstr("[0.6,0.8,0,0]"));
    EXPECT_EQ(line.journal("j", "reported"), "completed");
    EXPECT_EQ(line.journal("j", "asked"), "(nil)");
    const std::vector<JsonDocument> entities = co_await bench.calls("/internal/entities");
    for (const JsonDocument& call : entities)
      EXPECT_EQ(line.journal("j", "uuid:" + std::string(*call.root()["body"]["name"].string())),
                *call.root()["answer"]["uuid"].string());
    // Four answers, three entities, two relationships, the report.
    EXPECT_EQ(line.server.ask({"HLEN", "ryumem:journal:j"}), "10");
    EXPECT_EQ(test::lifetime(line.server, "ryumem:journal:j"), " for a day");
  });
}

// The models that were asked for vectors, in their order.
Task<std::vector<std::string>> embedders(Bench& bench) {
  const std::vector<JsonDocument> calls = co_await bench.calls("/api/embed");
  std::vector<std::string> found;
  for (const JsonDocument& call : calls) found.emplace_back(*call.root()["body"]["model"].string());
  co_return found;
}

// An attempt at the job j that ends at the server, by a worker whose vectors are of `embedder`; and
// the job waits again.
Task<> fail_at_the_server(Bench& bench, Line& line, Embedder& embedder) {
  Extraction extraction(bench.model, embedder, bench.graph, bench.slot(),
                        bench.settings.chunk_tokens);
  Claim claim = co_await line.hand.claim();
  Task<Counts> attempt = line.hand.extract(std::move(claim), extraction);
  const Failure failure = co_await failure_of(std::move(attempt));
  EXPECT_THAT(failure.what(), HasSubstr("500"));
  line.server.ask({"HDEL", "ryumem:journal:j", "crashes"});
  co_await line.expire("j");
}

// The lengths are the same: nobody but the journal can know.
TEST(Extraction, NeverTakesTheVectorsOfAnotherModelForItsOwn) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/internal/entities","status":500})");
    Settings settings = bench.settings;
    settings.embedding_model = "another:model";
    Embedder another(bench.model_http, settings, bench.slot(), bench.circuits);
    line.put(episode_job("j"));
    co_await fail_at_the_server(bench, line, bench.embedder);
    co_await fail_at_the_server(bench, line, another);
    // Each finds its own again, also while a rollout has workers of both.
    co_await fail_at_the_server(bench, line, bench.embedder);
    co_await fail_at_the_server(bench, line, another);
    const std::vector<std::string> asked = co_await embedders(bench);
    EXPECT_THAT(asked, ElementsAre("nomic-embed-text", "another:model"));
    // What the chat model said was paid for, and stays.
    const std::vector<std::string> questions_asked = co_await questions(bench);
    EXPECT_EQ(questions_asked.size(), 1u);
  });
}

TEST(Extraction, AsksAnewForVectorsOfALengthThatTheDatabaseNeverHad) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/api/embed","times":1,"status":200,
        "body":"{\"embeddings\":[[1,0],[0,1],[1,1]]}"})");
    Settings settings = bench.settings;
    settings.embedding_dimensions = 2;
    Embedder wrong(bench.model_http, settings, bench.slot(), bench.circuits);
    line.put(episode_job("j"));
    co_await fail_at_the_server(bench, line, wrong);
    const Counts counts = co_await line.hand.extract_one();
    EXPECT_EQ(counts.entities, 3);
    const std::vector<JsonDocument> calls = co_await bench.calls("/internal/entities");
    EXPECT_EQ(canonical(calls.back().root()["body"]["name_embedding"]).size(),
              canonical(std::string("[0,1,0,0]")).size());
  });
}

TEST(Extraction, IgnoresVectorsThatSayNothingOfTheirModel) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    // As the version before this one wrote them.
    line.server.ask({"HSET", "ryumem:journal:j", "entity_vectors",
                     R"({"vectors":[[9,9],[9,9],[9,9]]})", "fact_vectors",
                     R"({"vectors":[[9,9],[9,9]]})"});
    const Counts counts = co_await extract(line, episode_job("j"));
    EXPECT_EQ(counts.entities, 3);
    EXPECT_EQ(counts.relationships, 2);
    const std::vector<std::string> asked = co_await embedders(bench);
    EXPECT_EQ(asked.size(), 2u);
  });
}

}  // namespace
}  // namespace ryumem
