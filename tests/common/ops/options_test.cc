#include "common/ops/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/temp_dir.h"

namespace ryumem {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// An environment in which everything that must be said is said.
const Environment kEnough = {{"LLM_PROVIDER", "ollama"}, {"EMBEDDING_PROVIDER", "ollama"}};

Environment with(Environment more) {
  more.insert(kEnough.begin(), kEnough.end());
  return more;
}

Failure refusal_of(const std::vector<std::string>& arguments, const Environment& environment) {
  try {
    read_settings(arguments, environment);
  } catch (const Failure& failure) {
    return failure;
  }
  return Failure(Kind::internal, "it was accepted");
}

TEST(Options, HaveTheDefaultsOfTheTable) {
  const Settings settings = read_settings({}, kEnough);
  EXPECT_EQ(settings.workers, 2);
  EXPECT_EQ(settings.concurrency, 64);
  EXPECT_EQ(settings.drain_timeout, Seconds(30));
  EXPECT_EQ(settings.redis_url, "redis://localhost:6379");
  EXPECT_EQ(settings.server_url, "http://localhost:8000");
  EXPECT_EQ(settings.llm_model, "qwen2.5:7b");
  EXPECT_EQ(settings.embedding_model, "nomic-embed-text");
  EXPECT_EQ(settings.embedding_dimensions, 768);
  EXPECT_EQ(settings.chunk_tokens, 2000);
  EXPECT_TRUE(settings.enabled);
}

TEST(Options, AFlagGoesBeforeItsVariableAndAVariableBeforeTheDefault) {
  const Environment environment = with({{"RYUMEM_WORKER_PROCESSES", "5"}});
  EXPECT_EQ(read_settings({}, environment).workers, 5);
  EXPECT_EQ(read_settings({"--workers", "7"}, environment).workers, 7);
}

TEST(Options, AFlagsValueMayStandBehindAnEqualSign) {
  const Settings settings = read_settings({"--workers=3", "--llm-model=a=b"}, kEnough);
  EXPECT_EQ(settings.workers, 3);
  EXPECT_EQ(settings.llm_model, "a=b");
}

TEST(Options, AnEmptyVariableIsAsGoodAsNone) {
  EXPECT_EQ(read_settings({}, with({{"RYUMEM_WORKER_PROCESSES", ""}})).workers, 2);
}

TEST(Options, AnEnvFileCountsAsEnvironmentBelowWhatIsReallySet) {
  const test::TempDir folder;
  const std::string file = folder.write("env",
                                        "# a comment\n\n"
                                        "RYUMEM_WORKER_PROCESSES=4\n"
                                        "export RYUMEM_WORKER_CONCURRENCY = 9\n"
                                        "LLM_MODEL=\"a model\"\r\n"
                                        "WORKER_INTERNAL_KEY='k#=y'\n"
                                        "RYUMEM_WORKER_JOB_TIMEOUT_SECONDS=60\n"
                                        "SOMETHING_OF_OTHERS=1\n");
  const Environment environment = with({{"RYUMEM_WORKER_JOB_TIMEOUT_SECONDS", "70"}});
  const Settings settings = read_settings({"--env-file", file, "--workers", "6"}, environment);
  EXPECT_EQ(settings.workers, 6);
  EXPECT_EQ(settings.concurrency, 9);
  EXPECT_EQ(settings.llm_model, "a model");
  EXPECT_EQ(settings.internal_key, "k#=y");
  EXPECT_EQ(settings.job_timeout, Seconds(70));

  const Environment pointing = with({{"RYUMEM_WORKER_ENV_FILE", file}});
  EXPECT_EQ(read_settings({}, pointing).workers, 4);
}

TEST(Options, AnEnvFileThatIsNotThereIsRefusedByName) {
  const Failure failure = refusal_of({"--env-file", "/nonexistent/env"}, kEnough);
  EXPECT_EQ(exit_code(failure), 78);
  EXPECT_THAT(failure.what(),
              AllOf(HasSubstr("--env-file /nonexistent/env"), HasSubstr("check the path")));
  const Environment pointing = with({{"RYUMEM_WORKER_ENV_FILE", "/nonexistent/env"}});
  EXPECT_THAT(refusal_of({}, pointing).what(), HasSubstr("RYUMEM_WORKER_ENV_FILE /nonexistent"));
}

TEST(Options, ABadLineOfAnEnvFileIsRefusedWithItsPlace) {
  const test::TempDir folder;
  const std::string file = folder.write("env", "A=1\nnonsense\n");
  const Failure failure = refusal_of({"--env-file", file}, kEnough);
  EXPECT_EQ(exit_code(failure), 78);
  EXPECT_THAT(failure.what(), HasSubstr(file + ":2: expected NAME=VALUE"));
}

TEST(Options, ABadCommandLineIsAnErrorOfUsage) {
  const std::vector<std::vector<std::string>> bad = {
      {"--frobnicate", "1"}, {"--workers"}, {"workers"}, {"--"}, {"-w", "2"}, {"--=3"}};
  for (const std::vector<std::string>& arguments : bad) {
    const Failure failure = refusal_of(arguments, kEnough);
    EXPECT_EQ(exit_code(failure), 64) << arguments[0];
    EXPECT_THAT(failure.what(), HasSubstr("--help")) << arguments[0];
  }
  EXPECT_THAT(refusal_of({"--frobnicate", "1"}, kEnough).what(), HasSubstr("--frobnicate"));
}

TEST(Options, ABadNumberIsRefusedNamingItsSourceAndWhatWouldBeRight) {
  for (const char* value : {"0", "257", "-1", "2.5", "two", "2 ", "99999999999999999999"}) {
    const Failure failure = refusal_of({}, with({{"RYUMEM_WORKER_PROCESSES", value}}));
    EXPECT_EQ(exit_code(failure), 78) << value;
    EXPECT_THAT(failure.what(),
                AllOf(HasSubstr("RYUMEM_WORKER_PROCESSES"), HasSubstr("\"" + std::string(value)),
                      HasSubstr("a whole number from 1 to 256")));
  }
  EXPECT_THAT(refusal_of({"--workers", "many"}, kEnough).what(), HasSubstr("--workers: \"many\""));
}

TEST(Options, AMemoryThatTheCacheAloneMayFillIsRefusedNamingTheLeast) {
  for (const char* variable :
       {"RYUMEM_WORKER_RECYCLE_MEMORY_MB", "RYUMEM_WORKER_MEMORY_LIMIT_MB"}) {
    const auto read = [&](const char* megabytes) {
      return read_settings({}, {{"LLM_PROVIDER", "ollama"},
                                {"EMBEDDING_PROVIDER", "ollama"},
                                {"RYUMEM_WORKER_EMBEDDING_CACHE_MB", "256"},
                                {variable, megabytes}});
    };
    EXPECT_NO_THROW(read("0"));
    EXPECT_NO_THROW(read("288"));
    try {
      read("287");
      ADD_FAILURE() << "it was taken";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), Kind::configuration);
      EXPECT_NE(std::string(failure.what()).find(variable), std::string::npos) << failure.what();
      EXPECT_NE(std::string(failure.what()).find("at least 288"), std::string::npos);
    }
  }
}

TEST(Options, ABadBooleanIsRefusedNamingItsSourceAndWhatWouldBeRight) {
  const Failure failure = refusal_of({}, with({{"RYUMEM_WORKER_ENABLED", "perhaps"}}));
  EXPECT_EQ(exit_code(failure), 78);
  EXPECT_THAT(failure.what(), AllOf(HasSubstr("RYUMEM_WORKER_ENABLED"), HasSubstr("\"perhaps\""),
                                    HasSubstr("true or false")));
}

TEST(Options, ABooleanIsReadAsPeopleWriteIt) {
  for (const char* yes : {"true", "TRUE", "1", "yes", "On"})
    EXPECT_TRUE(read_settings({}, with({{"RYUMEM_WORKER_ENABLED", yes}})).enabled) << yes;
  for (const char* no : {"false", "False", "0", "no", "OFF"})
    EXPECT_FALSE(read_settings({}, with({{"RYUMEM_WORKER_ENABLED", no}})).enabled) << no;
}

TEST(Options, AnUnknownProviderIsRefusedNamingThoseThatAreKnown) {
  const Failure llm = refusal_of({"--llm-provider", "oracle"}, kEnough);
  EXPECT_EQ(exit_code(llm), 78);
  EXPECT_THAT(llm.what(),
              AllOf(HasSubstr("--llm-provider:"), HasSubstr("\"oracle\""), HasSubstr("ollama")));
  const Failure embedding = refusal_of({"--embedding-provider", "oracle"}, kEnough);
  EXPECT_THAT(embedding.what(), HasSubstr("--embedding-provider:"));
}

TEST(Options, TheDefaultsOfEachProviderAreThoseOfItsOwn) {
  const Environment gemini = {{"GOOGLE_API_KEY", "k"}};
  EXPECT_EQ(read_settings({}, gemini).llm_model, "gemini-3.5-flash-lite");
  EXPECT_EQ(read_settings({}, gemini).embedding_model, "gemini-embedding-001");
  EXPECT_EQ(read_settings({}, gemini).embedding_dimensions, 768);
  // Who extracts and who embeds are chosen apart.
  const Settings mixed = read_settings(
      {}, {{"LLM_PROVIDER", "ollama"}, {"EMBEDDING_PROVIDER", "openai"}, {"OPENAI_API_KEY", "k"}});
  EXPECT_EQ(mixed.llm_model, "qwen2.5:7b");
  EXPECT_EQ(mixed.embedding_model, "text-embedding-3-large");
  EXPECT_EQ(mixed.embedding_dimensions, 3072);
}

TEST(Options, AProviderThatNeedsAKeyIsRefusedWithoutOneNamingTheVariable) {
  const std::vector<std::pair<std::string, std::string>> needs = {
      {"gemini", "GOOGLE_API_KEY"},
      {"openai", "OPENAI_API_KEY"},
      {"litellm", "LITELLM_PROXY_API_BASE"}};
  for (const auto& [provider, variable] : needs) {
    for (const char* which : {"LLM_PROVIDER", "EMBEDDING_PROVIDER"}) {
      Environment environment = kEnough;
      environment[which] = provider;
      const Failure failure = refusal_of({}, environment);
      EXPECT_EQ(exit_code(failure), 78) << provider;
      EXPECT_THAT(failure.what(),
                  AllOf(HasSubstr(which), HasSubstr(provider), HasSubstr(variable)));
      environment[variable] = "http://value";
      EXPECT_EQ(exit_code(refusal_of({}, environment)), 70) << provider << " was refused with it";
    }
  }
}

TEST(Options, AServerOfOnesOwnNeedsNoKey) {
  EXPECT_EQ(
      read_settings({"--openai-url", "http://vllm:8000/v1/"}, with({{"LLM_PROVIDER", "openai"}}))
          .openai_url,
      "http://vllm:8000/v1");
}

TEST(Options, TheKeyOfGeminiHasTwoNamesOfWhichGooglesGoesFirst) {
  EXPECT_EQ(read_settings({}, {{"GEMINI_API_KEY", "b"}}).google_api_key, "b");
  EXPECT_EQ(read_settings({}, {{"GEMINI_API_KEY", "b"}, {"GOOGLE_API_KEY", "a"}}).google_api_key,
            "a");
}

TEST(Options, AWorkerThatIsSwitchedOffNeedsNoValidProvider) {
  EXPECT_FALSE(
      read_settings({}, {{"RYUMEM_WORKER_ENABLED", "false"}, {"LLM_PROVIDER", "oracle"}}).enabled);
}

TEST(Options, AWordThatIsNotOneOfThoseAllowedIsRefusedNamingThem) {
  const Failure failure = refusal_of({"--log-level=loud"}, kEnough);
  EXPECT_EQ(exit_code(failure), 78);
  EXPECT_THAT(failure.what(),
              AllOf(HasSubstr("--log-level: \"loud\""), HasSubstr("one of: trace, debug, info")));
}

TEST(Options, AUrlMustBeOneAndLosesItsLastSlash) {
  EXPECT_EQ(read_settings({"--server-url", "https://a/b//"}, kEnough).server_url, "https://a/b");
  const Failure failure = refusal_of({"--server-url", "a.example:8000"}, kEnough);
  EXPECT_EQ(exit_code(failure), 78);
  EXPECT_THAT(failure.what(), AllOf(HasSubstr("--server-url:"), HasSubstr("http://")));
}

TEST(Options, AFileOfAuthoritiesMustBeOne) {
  const test::TempDir folder;
  const std::string good = folder.write("ca.pem", "-----BEGIN CERTIFICATE-----\n");
  EXPECT_EQ(read_settings({"--ca-file", good}, kEnough).ca_file, good);
  for (const std::string& bad : {folder.file("nowhere"), folder.write("text", "no PEM")}) {
    const Failure failure = refusal_of({"--ca-file", bad}, kEnough);
    EXPECT_EQ(failure.kind(), Kind::configuration);
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("--ca-file"), HasSubstr("PEM")));
  }
}

TEST(Options, ASecretHasNoFlag) {
  for (const Option& option : option_table()) {
    const std::string variable = option.variable;
    const bool names_file = variable.find("_FILE") != variable.npos;
    const bool holds_one = variable == "REDIS_URL" || variable.find("PASSWORD") != variable.npos ||
                           (variable.find("_KEY") != variable.npos && !names_file);
    EXPECT_EQ(option.secret, holds_one) << variable;
    EXPECT_EQ(option.flag().empty(), option.secret) << variable;
  }
  EXPECT_EQ(exit_code(refusal_of({"--redis-url", "redis://h"}, kEnough)), 64);
}

TEST(Options, GoThroughTheEnvironmentOfAWorkerUnchanged) {
  const Settings settings =
      read_settings({"--workers", "3", "--drain-timeout", "7", "--llm-model", "m"},
                    with({{"WORKER_INTERNAL_KEY", "k"}, {"REDIS_URL", "redis://h:1/2"}}));
  const Settings again = read_settings({}, to_environment(settings));
  EXPECT_EQ(to_environment(again), to_environment(settings));
  EXPECT_EQ(again.workers, 3);
  EXPECT_EQ(again.drain_timeout, Seconds(7));
  EXPECT_EQ(again.internal_key, "k");
  EXPECT_EQ(again.redis_url, "redis://h:1/2");
}

TEST(Options, TheTableSaysEachThingOnce) {
  std::set<std::string> names, variables;
  for (const Option& option : option_table()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name;
    EXPECT_NE(option.section, Section::count) << option.name;
    EXPECT_TRUE(variables.insert(option.variable).second) << option.variable;
    EXPECT_STRNE(option.help, "");
  }
}

TEST(Options, HelpListsEveryRowOfTheTable) {
  const std::string help = help_text("ryumemd", "What it is for.", "  --help\n");
  EXPECT_THAT(help, testing::StartsWith("What it is for.\n\nUsage: ryumemd"));
  for (const Option& option : option_table()) {
    EXPECT_THAT(help, HasSubstr(option.help));
    EXPECT_THAT(help, HasSubstr(option.variable));
    if (!option.secret) {
      EXPECT_THAT(help, HasSubstr(option.flag() + " " + option.value_name));
    }
    if (*option.fallback != '\0') {
      EXPECT_THAT(help, HasSubstr(std::string(option.help) + " [" + option.fallback + "]"));
    }
  }
}

TEST(Options, HelpNamesTheWordsThatAreOffered) {
  for (const Option& option : option_table())
    for (const std::vector<std::string_view>& words : {option.words, option.offered})
      for (const std::string_view word : words)
        EXPECT_THAT(std::string(option.help) + " " + option.fallback, HasSubstr(std::string(word)));
}

TEST(Options, HelpKeepsFlagsAndVariablesApart) {
  const std::string help = help_text("ryumemd", "What it is for.", "  --help\n");
  for (const Option& option : option_table())
    EXPECT_THAT(help, HasSubstr(std::string("  ") + option.variable)) << option.name;
}

TEST(Listen, TakesAnAddressAndAPort) {
  EXPECT_EQ(parse_listen("127.0.0.1:9464").host, "127.0.0.1");
  EXPECT_EQ(parse_listen("127.0.0.1:9464").port, 9464);
  EXPECT_EQ(parse_listen("[::1]:0").host, "::1");
  EXPECT_EQ(parse_listen("[::1]:0").port, 0);
  EXPECT_THROW(parse_listen("localhost:9464"), Failure);
}

TEST(Listen, RefusesWhatIsNotOne) {
  for (const char* bad : {"", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                          "127.0.0.1:65536", "127.0.0.1:-1"}) {
    const Failure failure = refusal_of({"--listen=" + std::string(bad)}, kEnough);
    EXPECT_EQ(exit_code(failure), 78) << bad;
    EXPECT_THAT(failure.what(),
                AllOf(HasSubstr("--listen"), HasSubstr("for example 127.0.0.1:9464")))
        << bad;
  }
}

TEST(ExitCode, FollowsTheKindOfFailure) {
  EXPECT_EQ(exit_code(Failure(Kind::usage, "")), 64);
  EXPECT_EQ(exit_code(Failure(Kind::internal, "")), 70);
  EXPECT_EQ(exit_code(Failure(Kind::unavailable, "")), 69);
  EXPECT_EQ(exit_code(Failure(Kind::system, "")), 71);
  EXPECT_EQ(exit_code(Failure(Kind::permission, "")), 77);
  EXPECT_EQ(exit_code(Failure(Kind::configuration, "")), 78);
}

}  // namespace
}  // namespace ryumem
