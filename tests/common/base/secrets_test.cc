#include "common/base/secrets.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

TEST(Secrets, AreTakenOutAsLongAsTheyAreKept) {
  {
    const KeptSecret one("correct horse");
    const KeptSecret longer("correct horse battery");
    const KeptSecret twice("correct horse");
    EXPECT_EQ(without_secrets("a correct horse, a correct horse battery"), "a ***, a ***");
    { const KeptSecret third("correct horse"); }
    EXPECT_EQ(without_secrets("a correct horse"), "a ***");
  }
  EXPECT_EQ(without_secrets("a correct horse"), "a correct horse");
}

TEST(Secrets, AreNotWhatIsTooShortToBeOne) {
  const KeptSecret empty("");
  const KeptSecret tiny("key");
  EXPECT_EQ(without_secrets("monkey business"), "monkey business");
}

TEST(Secrets, AreThePasswordsOfUrls) {
  EXPECT_EQ(without_secrets("redis://bob:s3cr@t@cache:6379/1 is away"),
            "redis://***@cache:6379/1 is away");
  EXPECT_EQ(without_secrets("see https://token@host/a?b=c@d, http://h/x@y"),
            "see https://***@host/a?b=c@d, http://h/x@y");
}

TEST(Secrets, AreWhatIsNamedSo) {
  EXPECT_EQ(without_secrets("GET /v1?key=abc123&x=1"), "GET /v1?key=***&x=1");
  EXPECT_EQ(without_secrets(R"({"api_key":"ryu_1", "name":"bob"})"),
            R"({"api_key":"***", "name":"bob"})");
  EXPECT_EQ(without_secrets(R"(body: {\"api_key\": \"ryu_1\"})"),
            R"(body: {\"api_key\": \"***\"})");
  EXPECT_EQ(without_secrets("X-Internal-Key: hush, Authorization: Bearer abcdefgh"),
            "X-Internal-Key: ***, Authorization: Bearer ***");
  EXPECT_EQ(without_secrets("GOOGLE_API_KEY=abc REDIS_SENTINEL_PASSWORD='x'"),
            "GOOGLE_API_KEY=*** REDIS_SENTINEL_PASSWORD='***'");
}

TEST(Secrets, AreKeysOfKnownShapes) {
  EXPECT_EQ(without_secrets("Incorrect API key provided: sk-proj-abcdefghijklmnop."),
            "Incorrect API key provided: ***");
  EXPECT_EQ(without_secrets("(AIzaSyA1234567890abcdefghij)"), "(***)");
  EXPECT_EQ(without_secrets("ryu_0123456789abcdef"), "***");
}

TEST(Secrets, AreNotWhatIsSaidOfThem) {
  for (const char* text :
       {"REDIS_SENTINEL_PASSWORD: REDIS_URL names no sentinels", "set GOOGLE_API_KEY, or not",
        "the api_key: it is missing", "a basic answer, the bearer of news", "key: value",
        "sk-short", "the key=", "https://host/path", "monkey=1"})
    EXPECT_EQ(without_secrets(text), text);
}

}  // namespace
}  // namespace ryumem
