#include "common/queue/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/failure.h"
#include "tests/common/queue/failure_of.h"

namespace ryumem {
namespace {

using test::thrown_by;
using testing::HasSubstr;
using testing::Not;

// A body with `more` (", \"name\": value…") behind the fields that must be there.
std::string body(const std::string& more = "") {
  return R"({"job_id": "j", "episode_uuid": "e", "content": "c", "user_id": "u")" + more + "}";
}

std::string message(const std::string& text, const std::string& id = "j") {
  const auto failure = thrown_by([&] { parse_job(id, text, 3); });
  if (!failure) return "it was read";
  EXPECT_EQ(failure->kind(), Kind::gone);
  return failure->what();
}

TEST(Job, IsReadFieldByField) {
  const std::string text =
      body(R"(, "customer_id": "acme", "api_key": "ryu_k", "context": "Previous episodes:\n- x...",
              "created_at": "2026-11-23T14:24:31.994961", "status": "pending",
              "retry_count": 2, "max_retries": 5)");
  const Job job = parse_job("j", text, 3);
  EXPECT_EQ(job.id, "j");
  EXPECT_EQ(job.episode_uuid, "e");
  EXPECT_EQ(job.content, "c");
  EXPECT_EQ(job.user_id, "u");
  EXPECT_EQ(job.customer_id, "acme");
  EXPECT_EQ(job.api_key, "ryu_k");
  EXPECT_EQ(job.context, "Previous episodes:\n- x...");
  EXPECT_EQ(job.created_at, "2026-11-23T14:24:31.994961");
  EXPECT_EQ(job.retry_count, 2);
  EXPECT_EQ(job.max_retries, 5);
  EXPECT_EQ(job.body, text);
}

TEST(Job, HasTheContractsDefaultsForWhatIsMissing) {
  const Job job = parse_job("j", body(), 7);
  EXPECT_EQ(job.customer_id, "");
  EXPECT_EQ(job.api_key, "");
  EXPECT_EQ(job.context, std::nullopt);
  EXPECT_EQ(job.created_at, "");
  EXPECT_EQ(job.retry_count, 0);
  EXPECT_EQ(job.max_retries, 7);
}

TEST(Job, TakesANullContextForNone) {
  EXPECT_EQ(parse_job("j", body(R"(, "context": null)"), 3).context, std::nullopt);
  EXPECT_EQ(parse_job("j", body(R"(, "context": "")"), 3).context, "");
}

TEST(Job, ThatIsNotJsonIsUnreadableByName) {
  for (const char* text : {"", " ", "nonsense", "{", "{\"job_id\": \"j\"", "{'job_id': 'j'}",
                           "{\"job_id\": \"j\"} trailing", "\x01\x02", "{\"job_id\": NaN}"}) {
    EXPECT_THAT(message(text), HasSubstr("job j: its body is not JSON")) << text;
  }
}

TEST(Job, ThatIsNoObjectIsUnreadableByName) {
  EXPECT_THAT(message("[1]"), HasSubstr("its body is an array, not an object"));
  EXPECT_THAT(message("\"text\""), HasSubstr("its body is a string, not an object"));
  EXPECT_THAT(message("null"), HasSubstr("not an object"));
  EXPECT_THAT(message("7"), HasSubstr("not an object"));
}

TEST(Job, NamesTheFieldThatIsMissing) {
  EXPECT_THAT(message("{}"), HasSubstr("\"job_id\""));
  EXPECT_THAT(message(R"({"job_id": "j", "content": "c", "user_id": "u"})"),
              HasSubstr("\"episode_uuid\""));
  EXPECT_THAT(message(R"({"job_id": "j", "episode_uuid": "e", "user_id": "u"})"),
              HasSubstr("\"content\""));
  EXPECT_THAT(message(R"({"job_id": "j", "episode_uuid": "e", "content": "c"})"),
              HasSubstr("\"user_id\""));
}

struct WrongType {
  const char* field;
  const char* value;
  const char* says;
};

class JobWithAWrongType : public testing::TestWithParam<WrongType> {};

TEST_P(JobWithAWrongType, IsUnreadableAndNamesTheFieldAndWhatItIs) {
  // The last of equal members counts, as in Python, so this replaces a required field, too.
  const std::string text = body(std::string(", \"") + GetParam().field + "\": " + GetParam().value);
  EXPECT_THAT(message(text),
              HasSubstr(std::string("a field \"") + GetParam().field + "\" that is "))
      << text;
  EXPECT_THAT(message(text), HasSubstr(GetParam().says)) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Contract, JobWithAWrongType,
    testing::Values(WrongType{"job_id", "7", "an integer, not a string"},
                    WrongType{"episode_uuid", "null", "null, not a string"},
                    WrongType{"content", "{}", "an object, not a string"},
                    WrongType{"content", "[\"c\"]", "an array, not a string"},
                    WrongType{"user_id", "true", "not a string"},
                    WrongType{"customer_id", "null", "null, not a string"},
                    WrongType{"customer_id", "1.5", "a number, not a string"},
                    WrongType{"api_key", "null", "null, not a string"},
                    WrongType{"context", "[]", "an array, not a string"},
                    WrongType{"created_at", "1700000000", "an integer, not a string"},
                    WrongType{"retry_count", "\"2\"", "a string, not a small whole number"},
                    WrongType{"retry_count", "1.5", "a number, not a small whole number"},
                    WrongType{"retry_count", "null", "null, not a small whole number"},
                    WrongType{"retry_count", "-1", "not a small whole number"},
                    WrongType{"retry_count", "9223372036854775807", "not a small whole number"},
                    WrongType{"retry_count", "18446744073709551615", "not a small whole number"},
                    WrongType{"max_retries", "-3", "not a small whole number"},
                    WrongType{"max_retries", "{}", "an object, not a small whole number"}));

TEST(Job, OfAnotherIdIsUnreadable) {
  EXPECT_THAT(message(body(), "k"), HasSubstr("job k: its body is that of another job: j"));
}

TEST(Job, MayHaveTenMegabytesOfContent) {
  const std::string content(10'000'000, 'x');
  const Job job = parse_job("j", body(R"(, "content": ")" + content + "\""), 3);
  EXPECT_EQ(job.content, content);
  EXPECT_EQ(body_with(job, "completed", 1).size(),
            job.body.size() + std::string(R"(, "status": "completed", "retry_count": 1)").size());
}

TEST(Job, WithTenThousandLevelsIsUnreadableRatherThanACrash) {
  const std::string deep = body(", \"x\": " + std::string(10'000, '[') + std::string(10'000, ']'));
  EXPECT_THAT(message(deep), HasSubstr("is not JSON"));
  // As content it is only text.
  const std::string text(10'000, '[');
  EXPECT_EQ(parse_job("j", body(R"(, "content": ")" + text + "\""), 3).content, text);
}

TEST(Job, KeepsNulCharactersThatAreEscaped) {
  const Job job = parse_job("j", body(R"(, "content": "a\u0000b")"), 3);
  EXPECT_EQ(job.content, std::string("a\0b", 3));
  EXPECT_THAT(message(body(std::string(", \"content\": \"a\0b\"", 19))), HasSubstr("not JSON"));
}

TEST(Job, KeepsAnyUnicode) {
  const Job job = parse_job("j", body(R"(, "content": "Ж 日本 \ud83d\ude00 \u202e e\u0301")"), 3);
  EXPECT_EQ(job.content, "Ж 日本 😀 \u202E e\u0301");
}

TEST(Job, WithALoneSurrogateIsUnreadableByName) {
  for (const char* escape : {R"(\ud83d)", R"(\ude00)", R"(\ud83d\ud83d)", R"(\ud83dx)"})
    EXPECT_THAT(message(body(std::string(", \"content\": \"") + escape + "\"")),
                HasSubstr("job j: its body is not JSON"))
        << escape;
}

TEST(Job, ThatIsNotUtf8IsUnreadableByName) {
  for (const char* bytes : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"})
    EXPECT_THAT(message(body(std::string(", \"content\": \"") + bytes + "\"")),
                HasSubstr("job j: its body is not JSON"))
        << bytes;
}

TEST(Job, NeverShowsItsSecretInAFailure) {
  EXPECT_THAT(message(body(R"(, "api_key": ["ryu_secret"])")), Not(HasSubstr("ryu_secret")));
  EXPECT_THAT(message(R"({"api_key": "ryu_secret"})"), Not(HasSubstr("ryu_secret")));
}

TEST(JobBody, ChangesOnlyStatusAndRetryCount) {
  const std::string before =
      "{ \"x\" : [1.50, {\"status\":\"mine\"}],\n\t\"status\": \"pending\",\"retry_count\":0 ,"
      R"("job_id": "j", "episode_uuid":"e", "content": "\u00e9 \/ \ud83d\ude00 é", "user_id": "u",)"
      R"( "big": 1e300, "\u0073x": "status" } )";
  const std::string after =
      "{ \"x\" : [1.50, {\"status\":\"mine\"}],\n\t\"status\": \"completed\",\"retry_count\":12 ,"
      R"("job_id": "j", "episode_uuid":"e", "content": "\u00e9 \/ \ud83d\ude00 é", "user_id": "u",)"
      R"( "big": 1e300, "\u0073x": "status" } )";
  EXPECT_EQ(body_with(parse_job("j", before, 3), "completed", 12), after);
}

TEST(JobBody, GetsTheFieldsThatItLacks) {
  const std::string text = body_with(parse_job("j", body(), 3), "processing", 1);
  EXPECT_EQ(text, body(R"(, "status": "processing", "retry_count": 1)"));
}

TEST(JobBody, ReplacesAMemberWhoseNameIsEscapedOrTwice) {
  const std::string text =
      body(R"(, "st\u0061tus": "pending", "retry_count": 1, "retry_count": 2)");
  const Job job = parse_job("j", text, 3);
  EXPECT_EQ(job.retry_count, 2);
  EXPECT_EQ(body_with(job, "failed", 3),
            body(R"(, "st\u0061tus": "failed", "retry_count": 3, "retry_count": 3)"));
}

TEST(NewJobBody, HasTheProducersFieldsAndReadsAsItself) {
  Job job;
  job.id = "j";
  job.episode_uuid = "e";
  job.content = "Zeile\n\"zwei\" é";
  job.user_id = "u";
  job.customer_id = "acme";
  job.api_key = "k";
  job.created_at = "2026-11-23T14:24:31.994961";
  job.max_retries = 4;
  const std::string text = new_body(job);
  EXPECT_EQ(text, R"({"job_id":"j","episode_uuid":"e","content":"Zeile\n\"zwei\" é","user_id":"u",)"
                  R"("customer_id":"acme","api_key":"k","context":null,)"
                  R"("created_at":"2026-11-23T14:24:31.994961","status":"pending","retry_count":0,)"
                  R"("max_retries":4})");
  EXPECT_EQ(parse_job("j", text, 3).content, job.content);
  job.context = "Previous episodes:\n- x...";
  EXPECT_EQ(parse_job("j", new_body(job), 3).context, job.context);
}

}  // namespace
}  // namespace ryumem
