// One suite over all providers: their folders in tests/golden say what they must send, and what
// they must make of the replies there. A provider is added to it by adding its folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "tests/common/queue/failure_of.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_data.h"
#include "tests/worker/canonical_json.h"
#include "worker/providers/provider.h"

namespace ryumem {
namespace {

using test::canonical;
using test::thrown_by;
using testing::HasSubstr;
using testing::Not;

const std::string kGolden = test::test_data("golden");

// The folders that hold a provider's wire.
std::vector<std::string> providers() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kGolden))
    if (std::filesystem::exists(entry.path() / "chat_requests.json"))
      names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

// A reply of a golden file, as the HTTP client would give it.
HttpReply reply_of(const JsonValue& golden) {
  HttpReply reply;
  reply.status = static_cast<int>(golden["status"].integer().value());
  reply.body = golden["body"].string().value();
  for (const auto& [key, value] : golden["headers"].fields())
    reply.headers[std::string(key)] = std::string(value.string().value());
  return reply;
}

Endpoint endpoint() {
  Endpoint out;
  out.url = "http://model.example:1234";
  out.model = "the-model";
  out.key = "the-key";
  out.tokens_field = "max_completion_tokens";
  out.answer_tokens = 8192;
  out.context_tokens = 16384;
  out.dimensions = 4;
  return out;
}

Rung rung_named(std::string_view name) {
  if (name == "schema") return Rung::schema;
  if (name == "tool") return Rung::tool;
  return name == "json" ? Rung::json : Rung::plain;
}

class ProviderContract : public testing::TestWithParam<std::string> {
 protected:
  const Provider& provider() { return provider_named(GetParam()); }
  JsonDocument golden(const std::string& name) {
    return JsonDocument::parse(
        test::read_file(std::string(kGolden) + "/" + GetParam() + "/" + name));
  }

  // The cases of a file; `needed` are those that every provider must have an answer to.
  JsonDocument cases(const std::string& name, const std::vector<std::string>& needed) {
    JsonDocument document = golden(name);
    std::vector<std::string> found;
    for (const JsonValue& item : document.root().items())
      found.emplace_back(item["name"].string().value_or(""));
    for (const std::string& one : needed) EXPECT_THAT(found, testing::Contains(one)) << name;
    return document;
  }

  static void expect_request(const HttpRequest& request, const JsonValue& wanted) {
    EXPECT_EQ(request.method, wanted["method"].string());
    EXPECT_EQ(request.url, endpoint().url + std::string(wanted["path"].string().value()));
    std::vector<std::string> headers;
    for (const JsonValue& header : wanted["headers"].items())
      headers.emplace_back(header.string().value());
    EXPECT_EQ(request.headers, headers);
    EXPECT_EQ(canonical(request.body), canonical(wanted["body"]));
  }

  static void expect_failure(const std::optional<Failure>& failure, const JsonValue& golden) {
    ASSERT_TRUE(failure) << "it was read";
    EXPECT_EQ(name(failure->kind()), golden["fails"].string()) << failure->what();
    EXPECT_THAT(failure->what(), HasSubstr(golden["says"].string().value_or("")));
  }
};

TEST_P(ProviderContract, AsksForAChatAsItsWireSays) {
  ChatQuestion question;
  question.system = "You extract.\n";
  question.user = "<text>\"Zoë\"\n</text>";
  question.schema = R"({"type":"object","properties":{"entities":{"type":"array"}}})";
  const JsonDocument document = cases("chat_requests.json", {"schema", "json", "plain"});
  std::set<std::string_view> rungs;
  for (const JsonValue& golden : document.root().items()) {
    SCOPED_TRACE(*golden["name"].string());
    rungs.insert(*golden["rung"].string());
    Manner manner(rung_named(*golden["rung"].string()));
    for (const JsonValue& name : golden["without"].items()) manner.without.emplace(*name.string());
    Endpoint at = endpoint();
    at.effort = golden["effort"].string().value_or("");
    expect_request(provider().chat_request(at, question, manner), golden);
  }
  EXPECT_EQ(rungs.contains("tool"), provider().forces_tools);
}

TEST_P(ProviderContract, AsksForEmbeddingsAsItsWireSays) {
  const JsonDocument document = golden("embedding_request.json");
  expect_request(provider().embedding_request(endpoint(), {"alice (PERSON)", "\"Zoë\" knows Bob"}),
                 document.root());
}

TEST_P(ProviderContract, ReadsEachChatReplyAsTheFileSays) {
  const JsonDocument document =
      cases("chat_replies.json",
            {"success", "cut off", "error in a success", "without content",
             "content of a wrong type", "not an object", "not JSON", "truncated", "empty"});
  for (const JsonValue& golden : document.root().items()) {
    SCOPED_TRACE(*golden["name"].string());
    ChatAnswer answer;
    const auto failure = thrown_by([&] { answer = provider().read_chat(reply_of(golden)); });
    if (golden.has("fails")) {
      expect_failure(failure, golden);
      continue;
    }
    EXPECT_FALSE(failure) << failure->what();
    EXPECT_EQ(answer.text, golden["text"].string());
    EXPECT_EQ(answer.tokens_in, golden["tokens_in"].integer());
    EXPECT_EQ(answer.tokens_out, golden["tokens_out"].integer());
  }
}

TEST_P(ProviderContract, ReadsEachEmbeddingReplyAsTheFileSays) {
  const JsonDocument document =
      cases("embedding_replies.json",
            {"success", "no vectors", "a NaN", "strings", "nested", "without vectors",
             "vectors of a wrong type", "error in a success", "not JSON", "truncated", "empty"});
  for (const JsonValue& golden : document.root().items()) {
    SCOPED_TRACE(*golden["name"].string());
    EmbeddingAnswer answer;
    const auto failure = thrown_by([&] { answer = provider().read_embedding(reply_of(golden)); });
    if (golden.has("fails")) {
      expect_failure(failure, golden);
      continue;
    }
    EXPECT_FALSE(failure) << failure->what();
    const std::vector<JsonValue> vectors = golden["vectors"].items();
    const std::vector<JsonValue> lengths = golden["lengths"].items();
    ASSERT_EQ(answer.vectors.size(), vectors.size());
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      EXPECT_EQ(answer.vectors[i].text, vectors[i].string());
      if (golden.has("tokens_in")) {
        EXPECT_EQ(answer.tokens_in, golden["tokens_in"].integer());
      }
      EXPECT_EQ(static_cast<std::int64_t>(answer.vectors[i].length), lengths[i].integer());
      // A slice of what it keeps, which is the reply itself unless it had to be written anew.
      EXPECT_EQ(*answer.document == *golden["body"].string(), !golden.has("rewritten"));
      EXPECT_GE(answer.vectors[i].text.data(), answer.document->data());
      EXPECT_LE(answer.vectors[i].text.data() + answer.vectors[i].text.size(),
                answer.document->data() + answer.document->size());
    }
  }
}

TEST_P(ProviderContract, TakesEachErrorForWhatTheFileSays) {
  const JsonDocument document =
      cases("error_replies.json",
            {"model missing", "key refused", "busy", "busy with a hint", "a hint in milliseconds",
             "a hint as a date", "bad request", "too long", "too large", "proxy", "proxy timeout",
             "an error of a wrong type", "an error in a list", "told to try again",
             "told not to try again", "a key that is repeated", "a redirect"});
  for (const JsonValue& golden : document.root().items()) {
    SCOPED_TRACE(*golden["name"].string());
    const Failure failure = provider().read_error(endpoint(), reply_of(golden));
    expect_failure(failure, golden);
    const auto hint = failure.retry_after();
    EXPECT_EQ(hint ? std::optional<std::int64_t>(hint->count()) : std::nullopt,
              golden["retry_after_ms"].integer());
    if (!reply_of(golden).headers.contains("x-should-retry")) {
      EXPECT_EQ(provider().rate_facts(reply_of(golden)).retry_after, hint);
    }
    EXPECT_THAT(failure.what(), Not(HasSubstr("the-key")));
  }
}

TEST_P(ProviderContract, KnowsWhichErrorsBlameTheMannerOfAsking) {
  const JsonDocument document = golden("error_replies.json");
  for (const JsonValue& golden : document.root().items()) {
    SCOPED_TRACE(*golden["name"].string());
    Endpoint at = endpoint();
    at.effort = "none";
    const Objection objection = provider().objection(at, reply_of(golden), Manner());
    const std::string wanted(golden["objects"].string().value_or(""));
    EXPECT_EQ(objection.to == Objection::To::nothing, wanted.empty());
    EXPECT_EQ(objection.to == Objection::To::rung, wanted == "rung");
    if (objection.to != Objection::To::parameter) continue;
    EXPECT_EQ(objection.parameter, wanted);
    // What is not sent any more cannot be to blame.
    Manner manner;
    manner.without.insert(wanted);
    EXPECT_NE(provider().objection(at, reply_of(golden), manner).to, Objection::To::parameter);
  }
}

TEST_P(ProviderContract, CutsALongErrorShort) {
  HttpReply reply;
  reply.status = 500;
  reply.body = std::string(100'000, 'x');
  EXPECT_LT(std::string(provider().read_error(endpoint(), reply).what()).size(), 1000u);
}

INSTANTIATE_TEST_SUITE_P(Golden, ProviderContract, testing::ValuesIn(providers()),
                         [](const auto& info) { return info.param; });

TEST(Providers, AreKnownByTheirNames) {
  for (const char* name : {"gemini", "openai", "ollama", "litellm"})
    EXPECT_EQ(provider_named(name).name, name);
  EXPECT_EQ(providers().size(), 4u) << "each has its folder in tests/golden";
  const auto failure = thrown_by([] { provider_named("nobody"); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), Kind::configuration);
  EXPECT_THAT(failure->what(), HasSubstr("\"nobody\""));
}

TEST(Providers, AgreeOnWhatAStatusMeans) {
  for (const int status : {401, 402, 403, 404}) EXPECT_EQ(kind_of_status(status), Kind::outage);
  for (const int status : {408, 409, 425, 429, 499, 500, 504, 529, 599})
    EXPECT_EQ(kind_of_status(status), Kind::transient) << status;
  for (const int status : {502, 503})
    EXPECT_EQ(kind_of_status(status), Kind::unreachable) << status;
  for (const int status : {400, 405, 410, 415, 422, 501})
    EXPECT_EQ(kind_of_status(status), Kind::rejected) << status;
  EXPECT_EQ(kind_of_status(413), Kind::too_long);
  for (const int status : {204, 206, 301, 302, 304})
    EXPECT_EQ(kind_of_status(status), Kind::bad_answer) << status;
}

}  // namespace
}  // namespace ryumem
