// Files and layers: where settings come from, and what is said of those that are wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/ops/options.h"
#include "tests/support/temp_dir.h"

namespace ryumem {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Reading : public testing::Test {
 protected:
  // A file only its owner can read.
  std::string write(const std::string& name, const std::string& text, int mode = 0600) {
    const std::string path = folder_.write(name, text);
    chmod(path.c_str(), static_cast<mode_t>(mode));
    return path;
  }
  Configuration read(const std::string& config, Environment environment = {},
                     std::vector<std::string> arguments = {}) {
    environment.emplace("LLM_PROVIDER", "ollama");
    environment.emplace("EMBEDDING_PROVIDER", "ollama");
    environment.emplace("RYUMEM_WORKER_CONFIG", write("conf", config));
    return read_configuration(arguments, environment);
  }
  Failure refusal_of(const std::string& config, Environment environment = {},
                     std::vector<std::string> arguments = {}) {
    try {
      read(config, std::move(environment), std::move(arguments));
    } catch (const Failure& failure) {
      return failure;
    }
    return Failure(Kind::internal, "it was accepted");
  }
  std::string conf() const { return folder_.file("conf"); }

  test::TempDir folder_;
};

TEST_F(Reading, AFileGoesBehindVariablesAndFlagsAndBeforeTheDefault) {
  const std::string config = "[workers]\nworkers = 3\nconcurrency = 30\nmax-retries = 7\n";
  const Environment environment = {{"RYUMEM_WORKER_PROCESSES", "4"},
                                   {"RYUMEM_WORKER_CONCURRENCY", "40"}};
  const Configuration read_all = read(config, environment, {"--workers=5"});
  EXPECT_EQ(read_all.settings.workers, 5);
  EXPECT_EQ(read_all.settings.concurrency, 40);
  EXPECT_EQ(read_all.settings.max_retries, 7);
  EXPECT_EQ(read_all.settings.lease, Seconds(20));
  EXPECT_EQ(read_all.sources.at("workers"), "--workers");
  EXPECT_EQ(read_all.sources.at("concurrency"), "RYUMEM_WORKER_CONCURRENCY");
  EXPECT_EQ(read_all.sources.at("max-retries"), conf() + ":4: max-retries");
  EXPECT_EQ(read_all.sources.count("lease"), 0u);
  EXPECT_THAT(read_all.warnings, IsEmpty());
}

TEST_F(Reading, TheFlagThatNamesTheFileGoesBeforeTheVariable) {
  const std::string other = write("other", "workers = 9\n");
  EXPECT_EQ(read("workers = 3\n", {}, {"--config", other}).settings.workers, 9);
  EXPECT_EQ(read("workers = 3\n", {}, {"--config="}).settings.workers, 2);
}

TEST_F(Reading, AFileThatIsNamedMustBeThere) {
  const Failure failure = refusal_of("", {}, {"--config=/nonexistent/conf"});
  EXPECT_EQ(exit_code(failure), 78);
  EXPECT_THAT(failure.what(), HasSubstr("--config /nonexistent/conf: cannot read it"));
}

TEST_F(Reading, TellsAllMistakesAtOnceEachWithItsPlace) {
  const Failure failure = refusal_of("workers = many\nwrokers = 2\nlease = 5\nlease = 6\n[log]\n",
                                     {{"RYUMEM_WORKER_CALL_TRIES", "0"}}, {"--log-level=loud"});
  EXPECT_EQ(exit_code(failure), 78);
  EXPECT_EQ(failure.what(),
            conf() + ":5: there is no section [log]; did you mean logs?\n" + conf() +
                ":2: there is no option \"wrokers\"; did you mean workers?\n" + conf() +
                ":4: lease: it is said already at " + conf() + ":3\n" + conf() +
                ":1: workers: \"many\" is not a whole number from 1 to 256\n"
                "RYUMEM_WORKER_CALL_TRIES: \"0\" is not a whole number from 1 to 100\n"
                "--log-level: \"loud\" is not one of: trace, debug, info, warning, error, "
                "critical, off");
}

TEST_F(Reading, ABadCommandLineIsOfUsageWhateverElseIsWrong) {
  const Failure failure = refusal_of("workers = many\n", {}, {"--wrokers=2", "--lease"});
  EXPECT_EQ(exit_code(failure), 64);
  EXPECT_THAT(failure.what(), HasSubstr("unknown option --wrokers; did you mean --workers?"));
  EXPECT_THAT(failure.what(), HasSubstr("--lease needs a value"));
  EXPECT_THAT(failure.what(), HasSubstr(conf() + ":1: workers: \"many\""));
}

TEST_F(Reading, AVariableInTheFileIsToldItsNameThere) {
  EXPECT_THAT(refusal_of("RYUMEM_WORKER_PROCESSES = 2\n").what(),
              HasSubstr("here it is called workers"));
}

TEST_F(Reading, WhereFilesAreIsNotForAFileToSay) {
  EXPECT_THAT(refusal_of("env-file = /x\n").what(), HasSubstr("no option \"env-file\""));
  EXPECT_THAT(refusal_of("config = /x\n").what(), HasSubstr("no option \"config\""));
}

TEST_F(Reading, WhatDoesNotFitTogetherIsToldWithItsPlaceToo) {
  EXPECT_THAT(refusal_of("llm-provider = oracle\n", {{"LLM_PROVIDER", ""}}).what(),
              HasSubstr(conf() + ":1: llm-provider: "));
}

TEST_F(Reading, AllThatDoesNotFitTogetherIsToldInOneGoBesideWhatIsWrongByItself) {
  const Failure failure = refusal_of(
      "workers = many\nllm-provider = oracle\nserver-url = nowhere\n"
      "redis-cert-file = /nowhere.pem\nlisten = here\ndaily-cap-usd = much\n",
      {{"LLM_PROVIDER", ""}, {"RYUMEM_WORKER_REQUIRE", "redis,luck"}}, {"--embedding-provider=x"});
  EXPECT_EQ(exit_code(failure), 78);
  const std::string what = failure.what();
  for (const std::string& line :
       {conf() + ":1: workers: ", conf() + ":2: llm-provider: ", conf() + ":3: server-url: ",
        conf() + ":4: redis-cert-file: REDIS_URL asks for no TLS",
        conf() + ":4: redis-cert-file: it is of no use", conf() + ":5: listen: \"here\"",
        conf() + ":6: daily-cap-usd: ", std::string("RYUMEM_WORKER_REQUIRE: \"redis,luck\""),
        std::string("--embedding-provider: ")})
    EXPECT_THAT(what, HasSubstr(line));
}

TEST_F(Reading, NothingIsSaidOfAValueThatNobodyGaveSinceItsFileCannotBeRead) {
  const Failure failure = refusal_of("llm-provider = openai\n",
                                     {{"LLM_PROVIDER", ""}, {"OPENAI_API_KEY_FILE", "/nowhere"}});
  EXPECT_THAT(failure.what(), HasSubstr("OPENAI_API_KEY_FILE /nowhere: cannot read it"));
  EXPECT_THAT(failure.what(), testing::Not(HasSubstr("needs OPENAI_API_KEY")));
}

TEST_F(Reading, ASecretComesFromItsVariableOrAFileOfItsOwn) {
  const std::string key = write("key", "  s3cret  \nsecond line\n");
  EXPECT_EQ(read("", {{"WORKER_INTERNAL_KEY", "k"}}).settings.internal_key, "k");
  EXPECT_EQ(read("", {{"WORKER_INTERNAL_KEY_FILE", key}}).settings.internal_key, "s3cret");
  EXPECT_EQ(read("", {}, {"--internal-key-file=" + key}).settings.internal_key, "s3cret");
  EXPECT_EQ(read("internal-key-file = " + key).settings.internal_key, "s3cret");
  EXPECT_EQ(read("internal-key = k2").settings.internal_key, "k2");
  EXPECT_THAT(read("internal-key-file = " + key).warnings, IsEmpty());
}

TEST_F(Reading, ASecretComesFromSystemdsCredentialsUnlessAVariableSaysIt) {
  write("WORKER_INTERNAL_KEY", "from systemd\n", 0444);
  const Environment in_unit = {{"CREDENTIALS_DIRECTORY", folder_.path()}};
  const Configuration read_all = read("internal-key = from the file", in_unit);
  EXPECT_EQ(read_all.settings.internal_key, "from systemd");
  EXPECT_EQ(read_all.sources.at("internal-key"), "credential WORKER_INTERNAL_KEY");
  EXPECT_THAT(read_all.warnings, IsEmpty());
  Environment both = in_unit;
  both["WORKER_INTERNAL_KEY"] = "said";
  EXPECT_EQ(read("", both).settings.internal_key, "said");
}

// As systemd runs it: with MAINPID, and without the credentials that the service has.
TEST_F(Reading, AKeyThatAReloadCannotSeeIsNotMissed) {
  const Environment gemini = {{"LLM_PROVIDER", "gemini"}, {"EMBEDDING_PROVIDER", "ollama"}};
  EXPECT_THAT(refusal_of("", gemini).what(), HasSubstr("gemini needs GOOGLE_API_KEY"));
  Environment reload = gemini;
  reload["MAINPID"] = "42";
  EXPECT_EQ(read("", reload).settings.llm_provider, "gemini");
  reload["CREDENTIALS_DIRECTORY"] = folder_.path() + "/none";
  EXPECT_EQ(read("", reload).settings.llm_provider, "gemini");
  EXPECT_THAT(refusal_of("workers = many", reload).what(), HasSubstr("workers"));
  reload["CREDENTIALS_DIRECTORY"] = folder_.path();
  EXPECT_THAT(refusal_of("", reload).what(), HasSubstr("gemini needs GOOGLE_API_KEY"));
}

TEST_F(Reading, ASecretInTwoWaysInOnePlaceIsAMistake) {
  const std::string key = write("key", "k");
  EXPECT_THAT(refusal_of("", {{"REDIS_URL", "redis://h"}, {"REDIS_URL_FILE", key}}).what(),
              HasSubstr("REDIS_URL_FILE: REDIS_URL is given, too; keep one of the two"));
  EXPECT_THAT(refusal_of("internal-key = a\ninternal-key-file = " + key).what(),
              HasSubstr(":2: internal-key-file: " + conf() + ":1: internal-key is given, too"));
}

TEST_F(Reading, ASecretsFileThatIsMissingOrEmptyIsAMistake) {
  EXPECT_THAT(refusal_of("", {{"WORKER_INTERNAL_KEY_FILE", "/nonexistent/key"}}).what(),
              HasSubstr("WORKER_INTERNAL_KEY_FILE /nonexistent/key: cannot read it"));
  EXPECT_THAT(refusal_of("", {{"WORKER_INTERNAL_KEY_FILE", write("key", "\nk\n")}}).what(),
              HasSubstr("its first line is empty"));
}

TEST_F(Reading, WarnsOfSecretsThatEverybodyCanRead) {
  const std::string key = write("key", "k", 0644);
  EXPECT_THAT(read("", {{"WORKER_INTERNAL_KEY_FILE", key}}).warnings,
              ElementsAre(HasSubstr(key + ": everybody on this machine can read it")));
  const std::string open = write("open", "internal-key = k\n", 0644);
  EXPECT_THAT(read("", {}, {"--config=" + open}).warnings,
              ElementsAre(HasSubstr(open + ": there is a secret in it")));
  const std::string harmless = write("harmless", "workers = 3\n", 0644);
  EXPECT_THAT(read("", {}, {"--config=" + harmless}).warnings, IsEmpty());
}

TEST_F(Reading, WarnsOfAVariableThatLooksLikeOneOfOurs) {
  EXPECT_THAT(
      read("", {{"RYUMEM_WORKER_PROCESES", "3"}, {"RYUMEM_WORKER_XYZZY", "of others"}}).warnings,
      ElementsAre(HasSubstr("RYUMEM_WORKER_PROCESES is no variable of ours; did you mean "
                            "RYUMEM_WORKER_PROCESSES?")));
}

TEST_F(Reading, NoMistakeShowsASecret) {
  const Failure failure = refusal_of(
      "redis-url = http://:pass-word@host\ninternal-key = k3y\n"
      "internal-key = k3y\nworkers = x\n",
      {}, {"--internal-key", "k3y", "--internal-key=k3y"});
  EXPECT_THAT(failure.what(), testing::Not(HasSubstr("k3y")));
  EXPECT_THAT(failure.what(), testing::Not(HasSubstr("pass-word")));
}

TEST_F(Reading, AProgramThatNeedsOnlySomeSettingsReadsTheFileToo) {
  const std::string path = write("conf", "redis-url = redis://elsewhere\n");
  EXPECT_EQ(read_partial_configuration({}, {{"RYUMEM_WORKER_CONFIG", path}}).settings.redis_url,
            "redis://elsewhere");
}

}  // namespace
}  // namespace ryumem
