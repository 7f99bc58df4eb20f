// ryumemctl as an operator runs it.
#pragma once

#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/redis_server.h"

namespace ryumem::test {

struct CtlRun {
  int code = -1;  // -1: it did not end
  std::string out;
  std::string err;
};

inline CtlRun run_program(const std::vector<std::string>& command, const std::string& redis_url) {
  ChildProcess process(command, {"REDIS_URL=" + redis_url});
  CtlRun ran;
  ran.code = process.wait(Seconds(30)).value_or(-1);
  ran.out = process.out();
  ran.err = process.err();
  return ran;
}

/// Without a terminal.
inline CtlRun run_ctl(RedisServer& server, const std::vector<std::string>& arguments) {
  // Standard input may be the terminal of whoever runs the tests.
  std::vector<std::string> command = {"sh", "-c", "exec \"$@\" </dev/null", "sh",
                                      program("ryumemctl")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(command, server.url());
}

/// On a terminal, where somebody types `answer`. What it prints and what is typed are in `out`.
inline CtlRun run_ctl_on_terminal(RedisServer& server, const std::string& arguments,
                                  const std::string& answer) {
  const std::string line = program("ryumemctl") + " " + arguments;
  return run_program(
      {"sh", "-c",
       "echo '" + answer + "' | script --quiet --return --command '" + line + "' /dev/null"},
      server.url());
}

}  // namespace ryumem::test
