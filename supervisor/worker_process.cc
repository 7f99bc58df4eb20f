#include "supervisor/worker_process.h"

#include <fmt/format.h>
#include <unistd.h>
#include <uv.h>

#include <cstring>
#include <filesystem>
#include <vector>

#include "common/async/loop.h"
#include "common/base/failure.h"

namespace ryumem {

std::string Ending::text() const {
  if (signal != 0) return fmt::format("killed by signal {} ({})", signal, strsignal(signal));
  return fmt::format("exited with code {}", code);
}

struct WorkerProcess::State {
  uv_process_t handle{};
  std::optional<Ending> ending;
  Notice ended;
};

WorkerProcess::WorkerProcess(const WorkerStart& start) : state_(new State) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : start.environment) variables.push_back(name + "=" + value);
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);

  uv_stdio_container_t files[5] = {};
  files[0].flags = UV_IGNORE;
  const int inherited[5] = {-1, STDOUT_FILENO, STDERR_FILENO, start.lifeline_fd,
                            start.scoreboard_fd};
  for (int i = 1; i < 5; ++i) {
    files[i].flags = UV_INHERIT_FD;
    files[i].data.fd = inherited[i];
  }
  std::string name = "ryumem-worker";  // and nothing else: an argument is readable by everyone
  char* arguments[] = {name.data(), nullptr};

  uv_process_options_t options{};
  options.file = start.binary.c_str();
  options.args = arguments;
  options.env = environment.data();
  options.flags = UV_PROCESS_DETACHED;
  options.stdio_count = 5;
  options.stdio = files;
  options.exit_cb = [](uv_process_t* handle, std::int64_t code, int signal) {
    State& state = *static_cast<State*>(handle->data);
    state.ending.emplace();
    state.ending->code = static_cast<int>(code);
    state.ending->signal = signal;
    state.ended.notify();
  };
  state_->handle.data = state_;
  const int error = uv_spawn(Loop::current().raw(), &state_->handle, &options);
  if (error != 0) {
    // libuv wants the handle closed also when it could not start anything.
    uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
             [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
    throw Failure(Kind::system,
                  fmt::format("cannot start {}: {}", start.binary, uv_strerror(error)));
  }
  pid_ = state_->handle.pid;
}

WorkerProcess::~WorkerProcess() {
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
           [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

void WorkerProcess::signal(int number) noexcept {
  if (!state_->ending) uv_process_kill(&state_->handle, number);
}

Task<Ending> WorkerProcess::ended() {
  Cancel never;
  while (!state_->ending) co_await state_->ended.wait(never);
  co_return *state_->ending;
}

std::string worker_binary(const Environment& environment) {
  const auto told = environment.find("RYUMEM_WORKER_BINARY");
  if (told != environment.end() && !told->second.empty()) return told->second;
  std::error_code trouble;
  const std::filesystem::path here =
      std::filesystem::read_symlink("/proc/self/exe", trouble).parent_path();
  const std::filesystem::path beside = here / "ryumem-worker";
  const std::filesystem::path installed = here / "../libexec/ryumemd/ryumem-worker";
  if (!std::filesystem::exists(beside, trouble) && std::filesystem::exists(installed, trouble))
    return installed.lexically_normal();
  return beside;
}

}  // namespace ryumem
