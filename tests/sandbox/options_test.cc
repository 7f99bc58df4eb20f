#include "sandbox/options.h"

#include <gtest/gtest.h>

#include "common/base/failure.h"

namespace ryumem::sandbox {
namespace {

TEST(SandboxOptions, HaveDefaults) {
  const Options options = parse_options({});
  EXPECT_EQ(options.host, "127.0.0.1");
  EXPECT_EQ(options.port, 8000);
  EXPECT_TRUE(options.server_face && options.model_face);
  EXPECT_EQ(options.dimensions, 768U);
}

TEST(SandboxOptions, AreReadWithAndWithoutAnEqualSign) {
  const Options options =
      parse_options({"--listen", "[::1]:0", "--face=model", "--internal-key=a=b", "--dimensions",
                     "4", "--port-file", "/tmp/x", "--die-with-parent"});
  EXPECT_EQ(options.host, "::1");
  EXPECT_EQ(options.port, 0);
  EXPECT_FALSE(options.server_face);
  EXPECT_EQ(options.internal_key, "a=b");
  EXPECT_EQ(options.dimensions, 4U);
  EXPECT_EQ(options.port_file, "/tmp/x");
  EXPECT_TRUE(options.die_with_parent);
}

TEST(SandboxOptions, SayWhatTheModelsServerDoesNotDo) {
  const Manners manners =
      parse_options({"--refuse", "schema,reasoning_effort", "--ignore=tool,json"}).manners;
  EXPECT_EQ(manners.json(),
            R"({"refuses":["schema","reasoning_effort"],"ignores":["tool","json"],"status":400})");
}

TEST(SandboxOptions, AreRefusedByNameWhenWrong) {
  const std::vector<std::vector<std::string>> wrong{
      {"--colour"},           {"extra"},          {"--listen", "8000"}, {"--listen", "a:99999"},
      {"--face", "sideways"}, {"--dimensions=0"}, {"--port-file"},      {"--dimensions", "4x"},
      {"--refuse", "plain"},  {"--ignore=think"}, {"--refuse="}};
  for (const auto& arguments : wrong) {
    try {
      parse_options(arguments);
      ADD_FAILURE() << arguments.front() << " was taken";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), Kind::usage);
      const std::string name = arguments.front().substr(0, arguments.front().find('='));
      EXPECT_NE(std::string(failure.what()).find(name), std::string::npos) << failure.what();
    }
  }
}

}  // namespace
}  // namespace ryumem::sandbox
