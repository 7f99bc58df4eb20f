#include "worker/llm/governor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ryumem {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Endpoint endpoint(const std::string& key) {
  Endpoint out;
  out.url = "https://api.example.com/v1";
  out.model = "m-1";
  out.key = key;
  return out;
}

TEST(LaneName, TellsProviderAndModelAndNothingOfTheKey) {
  const std::string name = lane_name(Call::chat, "openai", endpoint("sk-secret-0123456789"));
  EXPECT_THAT(name, StartsWith("chat:openai:m-1:"));
  EXPECT_THAT(name, Not(HasSubstr("secret")));
  EXPECT_EQ(name.size(), std::string("chat:openai:m-1:").size() + 8);
}

TEST(LaneName, IsAnotherForAnotherKeyOrAddress) {
  const std::string name = lane_name(Call::chat, "openai", endpoint("a"));
  EXPECT_EQ(name, lane_name(Call::chat, "openai", endpoint("a")));
  EXPECT_NE(name, lane_name(Call::chat, "openai", endpoint("b")));
  EXPECT_NE(name, lane_name(Call::embed, "openai", endpoint("a")));
  Endpoint elsewhere = endpoint("a");
  elsewhere.url = "https://other.example.com/v1";
  EXPECT_NE(name, lane_name(Call::chat, "openai", elsewhere));
}

}  // namespace
}  // namespace ryumem
