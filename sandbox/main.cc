// ryumem-sandbox: a stand-in Ryumem server and a stand-in model, with faults on demand.
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "common/async/loop.h"
#include "common/async/signals.h"
#include "common/base/failure.h"
#include "common/ops/version.h"
#include "sandbox/options.h"
#include "sandbox/sandbox.h"

namespace ryumem::sandbox {
namespace {

constexpr int kUsage = 64;   // sysexits' EX_USAGE
constexpr int kFailed = 70;  // EX_SOFTWARE

// Complete or not there: whoever waits for the file never reads half a number.
void write_port_file(const std::string& path, int port) {
  const std::string temporary = path + ".tmp" + std::to_string(getpid());
  {
    std::ofstream file(temporary);
    file << port << "\n";
    file.close();
    if (!file) throw Failure(Kind::system, "cannot write " + temporary + ": see --port-file");
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0)
    throw Failure(Kind::system, "cannot rename " + temporary + " to " + path);
}

// The parent may end between our start and the call, then nothing would ever tell us.
bool tie_to_parent() {
  const pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  return getppid() == parent;
}

Task<> run(const Options& options) {
  Cancel stopping;
  Notice never;
  const auto stop = [&stopping] { stopping.request(Failure(Kind::stopping, "asked to stop")); };
  SignalWatch on_term(SIGTERM, stop);
  SignalWatch on_int(SIGINT, stop);
  if (options.die_with_parent && !tie_to_parent()) co_return;

  Sandbox sandbox(options);
  HttpServer server(
      options.host, options.port,
      [&sandbox](HttpExchange& exchange) { return sandbox.handle(exchange); },
      Sandbox::server_settings());
  std::exception_ptr problem;
  try {
    if (!options.port_file.empty()) write_port_file(options.port_file, server.port());
    std::printf("ryumem-sandbox listens on %s:%d%s%s\n", options.host.c_str(), server.port(),
                options.server_face ? ", Ryumem server" : "",
                options.model_face ? ", model (Gemini, OpenAI, LiteLLM, Ollama)" : "");
    std::fflush(stdout);
    co_await never.wait(stopping);
  } catch (const Failure& failure) {
    if (failure.kind() != Kind::stopping) problem = std::current_exception();
  }
  co_await server.stop();
  if (problem) std::rethrow_exception(problem);
}

int main_of(const std::vector<std::string>& arguments) {
  try {
    const Options options = parse_options(arguments);
    if (options.help) {
      std::fputs(usage_text().c_str(), stdout);
      return 0;
    }
    if (options.version) {
      std::printf("ryumem-sandbox %s\n", std::string(program_version()).c_str());
      return 0;
    }
    Loop loop;
    loop.run(run(options));
    return 0;
  } catch (const Failure& failure) {
    std::fprintf(stderr, "ryumem-sandbox: %s\n", failure.what());
    return failure.kind() == Kind::usage ? kUsage : kFailed;
  }
}

}  // namespace
}  // namespace ryumem::sandbox

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return ryumem::sandbox::main_of(std::vector<std::string>(argv + 1, argv + argc));
}
