// The log of a whole daemon: one file for supervisor and workers, in text or JSON, opened anew.
#include <filesystem>

#include "tests/supervisor/whole_daemon.h"
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::kPatience;
using test::read_file;
using test::wait_until;
using test::WholeDaemon;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DaemonLogs : public test::WorkerTest {
 protected:
  std::string log() const { return read_file(folder_.file("log")); }
  bool says(const std::string& what) const {
    return wait_until(kPatience, [&] { return log().find(what) != std::string::npos; });
  }
  // Lines of the log that a program has written.
  std::string lines_of(const std::string& program) const {
    std::string found;
    for (const std::string& line : split(log(), '\n'))
      if (line.find(program) != std::string::npos) found += line + "\n";
    return found;
  }
  test::TempDir folder_;
};

TEST_F(DaemonLogs, GoOnInANewFileInAllProcessesAfterUsr1) {
  WholeDaemon daemon(redis, sandbox, {}, {"--log-file=" + folder_.file("log"), "--workers=2"});
  ASSERT_TRUE(daemon.ready()) << daemon.process().err();
  put("a");
  ASSERT_TRUE(becomes("a", "completed"));
  ASSERT_TRUE(says("job a: completed"));
  std::filesystem::rename(folder_.file("log"), folder_.file("log.1"));
  daemon.process().signal(SIGUSR1);
  // Three processes, whether they were ready at that moment or not.
  EXPECT_TRUE(wait_until(kPatience, [&] {
    const std::vector<std::string> lines = split(log(), '\n');
    return std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
             return line.find("opened anew") != std::string::npos;
           }) == 3;
  })) << log();
  EXPECT_THAT(lines_of("ryumemd["), HasSubstr("opened anew"));
  EXPECT_THAT(lines_of("ryumem-worker.0["), HasSubstr("opened anew"));
  EXPECT_THAT(lines_of("ryumem-worker.1["), HasSubstr("opened anew"));
  put("b");
  EXPECT_TRUE(says("job b: completed"));
  EXPECT_THAT(read_file(folder_.file("log.1")), Not(HasSubstr("job b")));
  EXPECT_THAT(daemon.process().err(), IsEmpty());
}

TEST_F(DaemonLogs, AreJsonFromTheFirstLineToTheLast) {
  WholeDaemon daemon(redis, sandbox, {},
                     {"--log-file=" + folder_.file("log"), "--log-format=json"});
  ASSERT_TRUE(daemon.ready()) << daemon.process().err();
  put("a");
  ASSERT_TRUE(becomes("a", "completed"));
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(kPatience), 0);
  int count = 0;
  for (const std::string& line : split(log(), '\n')) {
    if (line.empty()) continue;
    ++count;
    EXPECT_NO_THROW(JsonDocument::parse(line)) << line;
  }
  EXPECT_GT(count, 5);
}

TEST_F(DaemonLogs, RefuseAFileThatCannotBeOpenedAtTheStart) {
  WholeDaemon daemon(redis, sandbox, {}, {"--log-file=/nowhere/log"});
  EXPECT_EQ(daemon.process().wait(kPatience), 78);
  EXPECT_THAT(daemon.process().err(), HasSubstr("/nowhere/log cannot be opened"));
}

TEST_F(DaemonLogs, NeverShowThePasswordOfRedis) {
  redis.ask({"CONFIG", "SET", "requirepass", "s3cret-word"});
  WholeDaemon daemon(redis, sandbox,
                     {"REDIS_URL=redis://:wr0ng-word@127.0.0.1:" + std::to_string(redis.port()),
                      "SERVER_URL=http://bob:b0bs-word@127.0.0.1:1"},
                     {"--log-file=" + folder_.file("log"), "--log-level=debug"});
  ASSERT_TRUE(says("WRONGPASS")) << log();
  EXPECT_THAT(log(), Not(HasSubstr("wr0ng-word")));
  EXPECT_THAT(log(), Not(HasSubstr("b0bs-word")));
  EXPECT_THAT(log(), HasSubstr("http://***@127.0.0.1:1"));
}

}  // namespace
}  // namespace ryumem
