#include "sandbox/sandbox.h"

#include <algorithm>

#include "common/async/scope.h"
#include "common/base/json.h"
#include "tests/sandbox/sandbox_fixture.h"

namespace ryumem::sandbox::test {
namespace {

constexpr const char* kUpsert = "/internal/entities/upsert";

Task<> post_and_keep(Client& client, std::string target, std::string body, Response* kept) {
  *kept = co_await client.post(target, body);
}

Task<> serves_both_faces(Client& client) {
  const Response health = co_await client.get("/healthz");
  EXPECT_EQ(health.status, 200);
  const std::string body = entity_body("alice", "[1,0,0,0]");
  const Response upsert = co_await client.post(kUpsert, body);
  EXPECT_EQ(upsert.status, 200);
  const Response probe = co_await client.get("/");
  EXPECT_EQ(probe.body, "Ollama is running");
  const Response graph = co_await client.get("/sandbox/graph");
  EXPECT_NE(graph.body.find("  alice   PERSON         1\n"), std::string::npos) << graph.body;
  const Response json = co_await client.get("/sandbox/graph.json");
  const JsonDocument document = JsonDocument::parse(json.body);
  EXPECT_EQ(document.root()["figures"]["entities"].integer(), 1);
  const Response nothing = co_await client.get("/elsewhere");
  EXPECT_EQ(nothing.status, 404);
}
TEST(Sandbox, ServesBothFaces) { with_sandbox(serves_both_faces); }

Task<> serves_the_model_only(Client& client) {
  const Response server = co_await client.get("/internal/queue/stats");
  EXPECT_EQ(server.status, 404);
  const Response model = co_await client.get("/api/version");
  EXPECT_EQ(model.status, 200);
}
TEST(Sandbox, ServesTheModelAlone) {
  Options options;
  options.server_face = false;
  with_sandbox(serves_the_model_only, options);
}

Task<> serves_the_server_only(Client& client) {
  const Response server = co_await client.get("/internal/queue/stats");
  EXPECT_EQ(server.status, 200);
  const Response model = co_await client.get("/api/version");
  EXPECT_EQ(model.status, 404);
}
TEST(Sandbox, ServesTheServerAlone) {
  Options options;
  options.model_face = false;
  with_sandbox(serves_the_server_only, options);
}

Task<> keeps_a_ledger(Client& client) {
  const std::string body = entity_body("alice", "[1,0,0,0]");
  co_await call(client.port, "POST", kUpsert, body,
                "X-API-Key: k1\r\nX-Internal-Key: k2\r\nAuthorization: Bearer k3\r\n",
                client.cancel);
  co_await client.post("/api/embed", "{\"model\":\"m\",\"input\":\"x\"}");
  const Response all = co_await client.get("/sandbox/ledger");
  EXPECT_EQ(std::count(all.body.begin(), all.body.end(), '\n'), 2);
  const Response one = co_await client.get("/sandbox/ledger?path=/internal/");
  const JsonDocument document = JsonDocument::parse(one.body);
  const JsonValue line = document.root();
  EXPECT_EQ(line["seq"].integer(), 1);
  EXPECT_EQ(line["face"].string(), "server");
  EXPECT_EQ(line["headers"]["X-API-Key"].string(), "k1");
  EXPECT_EQ(line["headers"]["X-Internal-Key"].string(), "k2");
  EXPECT_EQ(line["headers"]["Authorization"].string(), "Bearer k3");
  EXPECT_EQ(line["body"]["name"].string(), "alice");
  EXPECT_EQ(line["body"]["name_embedding"].integer(), 4);
  EXPECT_EQ(line["status"].integer(), 200);
  EXPECT_EQ(line["answer"]["is_new"].boolean(), true);
  EXPECT_EQ(line["fault"].type(), JsonValue::Type::null);
  const Response whole = co_await client.get("/sandbox/ledger?path=/internal/&vectors=1");
  EXPECT_NE(whole.body.find("\"name_embedding\":[1,0,0,0]"), std::string::npos);
  const Response later = co_await client.get("/sandbox/ledger?since=1");
  EXPECT_EQ(later.body.find("\"seq\":1,"), std::string::npos);
  EXPECT_NE(later.body.find("\"seq\":2,"), std::string::npos);
  co_await client.remove("/sandbox/ledger");
  const Response empty = co_await client.get("/sandbox/ledger");
  EXPECT_EQ(empty.body, "");
}
TEST(Sandbox, KeepsALedgerOfEveryCall) { with_sandbox(keeps_a_ledger); }

Task<> fails_as_told(Client& client) {
  const Response set = co_await client.post(
      "/sandbox/faults",
      R"({"rules":[{"path":"/internal/","times":1,"status":503,"headers":{"Retry-After":"7"}},
                   {"path":"/internal/","times":1,"truncate":true},
                   {"path":"/api/","times":1,"drip":{"bytes":16,"every_ms":1}}]})");
  EXPECT_EQ(set.status, 200);
  const std::string body = entity_body("alice", "[1,0,0,0]");
  const Response refused = co_await client.post(kUpsert, body);
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.head.find("Retry-After: 7"), std::string::npos);
  const Response cut = co_await client.post(kUpsert, body);
  EXPECT_EQ(cut.status, 200);
  EXPECT_TRUE(cut.ended_early);
  const Response fine = co_await client.post(kUpsert, body);
  EXPECT_NE(fine.body.find("\"mentions\":2"), std::string::npos)
      << "the refused call did no work, the truncated one did: " << fine.body;
  const Response slow = co_await client.get("/api/version");
  EXPECT_EQ(slow.body, "{\"version\":\"0.33.0\"}");
  const Response ledger = co_await client.get("/sandbox/ledger");
  EXPECT_NE(ledger.body.find("\"fault\":\"status 503\""), std::string::npos);
  EXPECT_NE(ledger.body.find("\"fault\":\"truncate\""), std::string::npos);
  EXPECT_NE(ledger.body.find("\"fault\":\"drip\""), std::string::npos);
  const Response shown = co_await client.get("/sandbox/faults");
  EXPECT_EQ(shown.body.find("\"hits\":0"), std::string::npos) << shown.body;
  const Response bad = co_await client.post("/sandbox/faults", "{\"rules\":[{\"x\":1}]}");
  EXPECT_EQ(bad.status, 400);
  EXPECT_NE(bad.body.find("unknown member"), std::string::npos);
}
TEST(Sandbox, FailsAsTold) { with_sandbox(fails_as_told); }

Task<> has_the_manners_it_is_told_to_have(Client& client) {
  const std::string question = R"({"model":"m","format":"json","stream":false,
      "messages":[{"role":"user","content":"hi"}]})";
  const Response before = co_await client.get("/sandbox/manners");
  EXPECT_EQ(before.body, R"({"refuses":["schema"],"ignores":[],"status":400})");
  const Response fine = co_await client.post("/api/chat", question);
  EXPECT_EQ(fine.status, 200);
  const Response set =
      co_await client.post("/sandbox/manners", R"({"refuses":["json"],"status":422})");
  EXPECT_EQ(set.body, R"({"refuses":["json"],"ignores":[],"status":422})");
  const Response refused = co_await client.post("/api/chat", question);
  EXPECT_EQ(refused.status, 422);
  const Response bad = co_await client.post("/sandbox/manners", R"({"refuses":["plain"]})");
  EXPECT_EQ(bad.status, 400);
  const Response back = co_await client.remove("/sandbox/manners");
  EXPECT_EQ(back.body, before.body);
}
TEST(Sandbox, HasTheMannersItIsToldToHave) {
  Options options;
  options.manners.refuse("schema");
  with_sandbox(has_the_manners_it_is_told_to_have, options);
}

Task<> says_trouble_in_the_words_of_each_wire(Client& client) {
  co_await client.post("/sandbox/faults",
                       R"({"rules":[{"trouble":"rate_limit","hint":"seconds"}]})");
  const Response ollama = co_await client.post("/api/chat", "{}");
  EXPECT_EQ(ollama.status, 429);
  EXPECT_NE(ollama.head.find("Retry-After: 1"), std::string::npos) << ollama.head;
  EXPECT_EQ(ollama.body.find("RESOURCE_EXHAUSTED"), std::string::npos);
  const Response gemini = co_await client.post("/v1beta/models/m:generateContent", "{}");
  EXPECT_NE(gemini.body.find("RESOURCE_EXHAUSTED"), std::string::npos);
  const Response openai = co_await client.post("/v1/embeddings", "{}");
  EXPECT_NE(openai.body.find("rate_limit_exceeded"), std::string::npos);
  const Response litellm = co_await client.post("/embeddings", "{}");
  EXPECT_NE(litellm.body.find("litellm.RateLimitError"), std::string::npos);
  const Response server = co_await client.get("/internal/queue/stats");
  EXPECT_EQ(server.status, 200) << "trouble is of the model's face";
  const Response ledger = co_await client.get("/sandbox/ledger?path=/v1beta");
  EXPECT_NE(ledger.body.find("\"fault\":\"trouble rate_limit\""), std::string::npos);
}
TEST(Sandbox, SaysTroubleInTheWordsOfEachWire) {
  with_sandbox(says_trouble_in_the_words_of_each_wire);
}

Task<> resets_after_work(Client& client) {
  co_await client.post("/sandbox/faults",
                       R"({"rules":[{"times":1,"reset":true,"after_work":true}]})");
  const std::string body = entity_body("alice", "[1,0,0,0]");
  bool broken = false;
  try {
    const Response lost = co_await client.post(kUpsert, body);
    broken = lost.status == 0;
  } catch (const Failure&) {
    broken = true;
  }
  EXPECT_TRUE(broken);
  const Response second = co_await client.post(kUpsert, body);
  EXPECT_NE(second.body.find("\"mentions\":2"), std::string::npos) << second.body;
}
TEST(Sandbox, CanLoseTheAnswerOfWorkThatIsDone) { with_sandbox(resets_after_work); }

Task<> hang_and_keep(Client& client, bool* ended) {
  try {
    co_await client.post(kUpsert, entity_body("alice", "[1,0,0,0]"));
  } catch (const Failure&) {
  }
  *ended = true;
}

Task<> hangs(Client& client) {
  co_await client.post("/sandbox/faults", R"({"rules":[{"times":1,"hang":true}]})");
  bool ended = false;
  Scope scope;
  scope.spawn(hang_and_keep(client, &ended));
  for (bool seen = false; !seen;) {  // the deadline of the test bounds it
    const Response ledger = co_await client.get("/sandbox/ledger");
    seen = ledger.body.find("\"status\":null") != std::string::npos;
  }
  EXPECT_FALSE(ended);
  const std::string body = entity_body("bob", "[0,1,0,0]");
  const Response other = co_await client.post(kUpsert, body);
  EXPECT_EQ(other.status, 200) << "one that hangs does not hold up the others";
  co_await client.remove("/sandbox/faults");
  co_await scope.join();
  EXPECT_TRUE(ended);
}
TEST(Sandbox, HangsUntilTheFaultsAreCleared) { with_sandbox(hangs); }

Task<> leaves_hanging(Client& client) {
  co_await client.post("/sandbox/faults", R"({"rules":[{"hang":true}]})");
  Stream stream = co_await Stream::connect_tcp("127.0.0.1", client.port, client.cancel);
  co_await stream.write("GET /api/version HTTP/1.1\r\n\r\n", client.cancel);
  for (bool seen = false; !seen;) {
    const Response ledger = co_await client.get("/sandbox/ledger");
    seen = !ledger.body.empty();
  }
}
TEST(Sandbox, StopsWhileCallsHang) { with_sandbox(leaves_hanging); }

Task<> one_at_a_time(Client& client) {
  co_await client.post("/sandbox/faults",
                       R"({"rules":[{"face":"server","latency_ms":{"min":20,"max":20}}]})");
  Response answers[4];
  const auto start = Monotonic::now();
  Scope scope;
  for (Response& answer : answers)
    scope.spawn(post_and_keep(client, kUpsert, entity_body("alice", "[1,0,0,0]"), &answer));
  co_await scope.join();
  EXPECT_GE(seconds_between(start, Monotonic::now()), 0.079);
  for (const Response& answer : answers) EXPECT_EQ(answer.status, 200);
}
TEST(Sandbox, AnswersCallbacksOneAfterTheOther) { with_sandbox(one_at_a_time); }

Task<> absent_episode(Client& client) {
  co_await client.post("/sandbox/episodes/absent", "{\"episode_uuid\":\"gone\"}");
  const std::string body =
      "{\"job_id\":\"j\",\"entities_count\":1,\"relationships_count\":0,\"customer_id\":\"c\"}";
  const Response gone = co_await client.post("/internal/episodes/gone/extraction-complete", body);
  EXPECT_EQ(gone.status, 404);
  co_await client.post("/internal/episodes/here/extraction-complete", body);
  const Response episodes = co_await client.get("/sandbox/episodes");
  EXPECT_NE(episodes.body.find("\"episode_uuid\":\"here\",\"status\":\"completed\""),
            std::string::npos);
  EXPECT_NE(episodes.body.find("\"absent\":[\"gone\"]"), std::string::npos);
}
TEST(Sandbox, KnowsWhichEpisodesThereAre) { with_sandbox(absent_episode); }

Task<> scripted(Client& client) {
  co_await client.post("/sandbox/script", R"({"chat":[{"contains":"Ada","answer":"hm"}]})");
  const std::string question =
      R"({"model":"m","stream":false,"messages":[{"role":"user","content":"Ada"}]})";
  const Response said = co_await client.post("/api/chat", question);
  EXPECT_NE(said.body.find("\"content\":\"hm\""), std::string::npos);
  co_await client.remove("/sandbox/script");
  const Response after = co_await client.post("/api/chat", question);
  EXPECT_EQ(after.body.find("\"content\":\"hm\""), std::string::npos);
}
TEST(Sandbox, SaysWhatItIsToldTo) { with_sandbox(scripted); }

}  // namespace
}  // namespace ryumem::sandbox::test
