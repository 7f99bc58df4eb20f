// Every setting of the program, in one table: name, variable, default, range, what it is for. The
// command line, the environment handed to the workers, --help and the manual are made from it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "common/base/failure.h"

namespace ryumem {

/// The values in force. The defaults stand in the option table, not here.
struct Settings {
  int workers = 0;
  int concurrency = 0;
  int callback_concurrency = 0;
  int embedding_batch = 0;
  int embedding_dimensions = 0;
  int context_tokens = 0;
  int max_retries = 0;
  int call_tries = 0;
  Seconds drain_timeout{0};
  Seconds job_timeout{0};
  Seconds call_timeout{0};
  Seconds lease{0};
  Seconds retry_first_delay{0};
  Seconds retry_longest_delay{0};
  Seconds keep_alive_every{0};
  Seconds heartbeat_limit{0};
  bool enabled = true;
  std::string listen;
  std::string port_file;
  std::string log_level;
  std::string env_file;
  std::string redis_url;
  std::string queue_prefix;
  std::string server_url;
  std::string internal_key;
  std::string llm_provider;
  std::string llm_model;
  std::string embedding_provider;
  std::string embedding_model;
  std::string ollama_url;
  std::string ollama_api_key;
  std::string gemini_url;
  std::string google_api_key;
  std::string gemini_api_key;  // another name of the same, for where it is called so
  std::string openai_url;
  std::string openai_api_key;
  std::string litellm_url;
  std::string litellm_api_key;
  std::string reasoning_effort;
  std::string tokens_field;
  int answer_tokens = 0;
};

struct Option {
  /// The flag without its dashes; empty if the setting must not be on a command line (a secret).
  const char* flag;
  const char* variable;
  std::variant<int Settings::*, Seconds Settings::*, bool Settings::*, std::string Settings::*>
      member;
  const char* fallback;
  int least;  // for numbers and seconds
  int most;
  const char* value_name;  // in --help: N, SECONDS, URL
  const char* help;
};

/// The table, in the order of --help.
const std::vector<Option>& option_table();

/// Environment variables by name.
using Environment = std::map<std::string, std::string>;

/// This process's environment.
Environment process_environment();

/// The settings that flags, environment and defaults give, in this order of precedence. An
/// --env-file (KEY=VALUE lines, as the Python worker's .env) counts as environment, below what is
/// really set. Throws Failure(Kind::usage) for a bad flag, Failure(Kind::configuration) for a bad
/// value, naming its source, what is wrong and what would be right.
Settings read_settings(const std::vector<std::string>& arguments, const Environment& environment);

/// The same for a program that only needs some of them: defaults that depend on others are not
/// filled in, and values are not held against each other.
Settings read_partial_settings(const std::vector<std::string>& arguments,
                               const Environment& environment);

/// The settings as environment variables: what a supervisor hands to its workers.
Environment to_environment(const Settings& settings);

/// The text of --help. `program` is its name, `purpose` its first line.
std::string help_text(std::string_view program, std::string_view purpose);

/// An address as --listen takes it.
struct ListenAddress {
  std::string host;
  int port;
};
/// "127.0.0.1:9464" or "[::1]:9464". Throws Failure(Kind::configuration).
ListenAddress parse_listen(const std::string& text);

/// The exit code for a failure that ends a program: sysexits' numbers.
int exit_code(const Failure& failure);

}  // namespace ryumem
