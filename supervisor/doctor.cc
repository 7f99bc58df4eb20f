#include "supervisor/doctor.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/ops/options.h"
#include "supervisor/worker_process.h"

namespace ryumem {
namespace {

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& string : strings) out.push_back(string.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

void become_doctor(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"ryumem-worker", "--doctor"};
  std::vector<std::string> rest;
  for (const std::string& argument : arguments) {
    if (argument == "--doctor") continue;
    const bool for_doctor = argument == "--no-paid" || argument == "--json";
    (for_doctor ? words : rest).push_back(argument);
  }
  Environment environment = process_environment();
  const Settings settings = read_settings(rest, environment);
  for (const auto& [name, value] : to_environment(settings)) environment[name] = value;
  environment.erase("RYUMEM_WORKER_ENV_FILE");  // read already
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  const std::string binary = worker_binary(environment);
  execve(binary.c_str(), pointers(words).data(), pointers(variables).data());
  throw Failure(Kind::system, "cannot start " + binary + ": " + std::strerror(errno));
}

}  // namespace ryumem
