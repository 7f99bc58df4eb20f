#include "sandbox/server_face.h"

#include "common/base/json.h"
#include "tests/sandbox/sandbox_fixture.h"

namespace ryumem::sandbox::test {
namespace {

HttpQuery post(const std::string& path, const std::string& body) {
  HttpQuery query;
  query.method = "POST";
  query.path = path;
  query.body = body;
  return query;
}

class SandboxServerFace : public testing::Test {
 protected:
  HttpAnswer entity(const std::string& body) {
    return face_.answer(post("/internal/entities/upsert", body));
  }
  HttpAnswer relationship(const std::string& source, const std::string& target) {
    return face_.answer(
        post("/internal/relationships/upsert",
             "{\"source_entity_uuid\":\"" + source + "\",\"target_entity_uuid\":\"" + target +
                 "\",\"relation_type\":\"KNOWS\",\"fact\":\"f\",\"fact_embedding\":[1,0],"
                 "\"episode_uuid\":\"e\",\"user_id\":\"u\",\"customer_id\":\"c\"}"));
  }
  static std::string text(const HttpAnswer& answer, const char* key) {
    const JsonDocument document = JsonDocument::parse(answer.body);
    return std::string(document.root()[key].string().value_or("(none)"));
  }
  GraphStore store_{2};
  ServerFace face_{store_, ""};
};

TEST_F(SandboxServerFace, AnswersANewEntityAndThenTheSameOneWithOneMentionMore) {
  const HttpAnswer first = entity(entity_body("alice", "[1,0]"));
  EXPECT_EQ(first.status, 200);
  EXPECT_NE(first.body.find("\"is_new\":true,\"mentions\":1"), std::string::npos);
  const HttpAnswer second = entity(entity_body("alicia", "[0.9,0.1]"));
  EXPECT_EQ(text(second, "uuid"), text(first, "uuid"));
  EXPECT_EQ(text(second, "name"), "alice");
  EXPECT_NE(second.body.find("\"is_new\":false,\"mentions\":2"), std::string::npos);
}

TEST_F(SandboxServerFace, ReportsEveryFaultOfABodyAsFastApiDoes) {
  const HttpAnswer answer = entity(
      "{\"entity_type\":3,\"name_embedding\":[1,\"x\"],\"user_id\":\"u\","
      "\"customer_id\":\"c\"}");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.body,
            "{\"detail\":[{\"loc\":[\"body\",\"name\"],\"msg\":\"field required\","
            "\"type\":\"value_error.missing\"},"
            "{\"loc\":[\"body\",\"entity_type\"],\"msg\":\"str type expected\","
            "\"type\":\"type_error.str\"},"
            "{\"loc\":[\"body\",\"name_embedding\",1],\"msg\":\"value is not a valid float\","
            "\"type\":\"type_error.float\"}]}");
}

TEST_F(SandboxServerFace, RefusesABodyThatIsNoJsonObject) {
  for (const char* body : {"", "[1]", "{\"name\":"}) EXPECT_EQ(entity(body).status, 422) << body;
}

TEST_F(SandboxServerFace, AnswersAVectorOfAnotherLengthWithAServerError) {
  const HttpAnswer answer = entity(entity_body("alice", "[1,0,0]"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(text(answer, "detail"),
            "Error upserting entity: vector dimension mismatch: this database has 2, got 3");
}

TEST_F(SandboxServerFace, RefusesARelationshipWhoseEndsItDoesNotKnow) {
  const HttpAnswer answer = relationship("nobody", "nothing");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(text(answer, "detail").find("Error upserting relationship: "), 0U);
}

TEST_F(SandboxServerFace, CountsARelationshipThatComesTwice) {
  const std::string a = text(entity(entity_body("a", "[1,0]")), "uuid");
  const std::string b = text(entity(entity_body("b", "[0,1]")), "uuid");
  EXPECT_NE(relationship(a, b).body.find("\"is_new\":true,\"mentions\":1"), std::string::npos);
  EXPECT_NE(relationship(a, b).body.find("\"is_new\":false,\"mentions\":2"), std::string::npos);
  EXPECT_NE(relationship(b, a).body.find("\"is_new\":true"), std::string::npos);
}

TEST_F(SandboxServerFace, TellsCompletedFromFailed) {
  const std::string path = "/internal/episodes/ep-1/extraction-complete";
  const std::string good =
      "{\"job_id\":\"j\",\"entities_count\":5,\"relationships_count\":4,\"customer_id\":\"c\","
      "\"error\":null}";
  EXPECT_EQ(face_.answer(post(path, good)).body,
            "{\"episode_uuid\":\"ep-1\",\"status\":\"completed\",\"entities_count\":5,"
            "\"relationships_count\":4}");
  const std::string bad =
      "{\"job_id\":\"j\",\"entities_count\":0,\"relationships_count\":0,\"customer_id\":\"c\","
      "\"error\":\"boom\"}";
  EXPECT_EQ(text(face_.answer(post(path, bad)), "status"), "failed");
  EXPECT_EQ(store_.episodes().at("ep-1").reports, 2);
  EXPECT_EQ(store_.episodes().at("ep-1").error, "boom");
}

TEST_F(SandboxServerFace, HasNoEpisodeThatWasMarkedAbsent) {
  store_.mark_absent("gone");
  const HttpAnswer answer = face_.answer(post(
      "/internal/episodes/gone/extraction-complete",
      "{\"job_id\":\"j\",\"entities_count\":0,\"relationships_count\":0,\"customer_id\":\"\"}"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_TRUE(store_.episodes().empty());
}

TEST_F(SandboxServerFace, LetsNobodyInWithoutTheInternalKey) {
  ServerFace guarded(store_, "sekret");
  HttpQuery query = post("/internal/entities/upsert", "not even json");
  EXPECT_EQ(guarded.answer(query).status, 403);
  EXPECT_EQ(guarded.answer(query).body, "{\"detail\":\"Invalid internal key\"}");
  query.headers["x-internal-key"] = "sekret";
  EXPECT_EQ(guarded.answer(query).status, 422);
}

TEST_F(SandboxServerFace, KnowsNoOtherPathsAndMethods) {
  EXPECT_EQ(face_.answer(post("/internal/other", "{}")).status, 404);
  EXPECT_EQ(face_.answer(post("/internal/episodes//extraction-complete", "{}")).status, 404);
  EXPECT_EQ(face_.answer(post("/internal/queue/stats", "")).status, 405);
  HttpQuery query = post("/internal/queue/stats", "");
  query.method = "GET";
  EXPECT_NE(face_.answer(query).body.find("\"pending\":0"), std::string::npos);
}

}  // namespace
}  // namespace ryumem::sandbox::test
