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
  int embedding_batch_wait = 0;  // ms
  int embedding_cache = 0;       // MB
  int embedding_dimensions = 0;
  int context_tokens = 0;
  int chunk_tokens = 0;
  int daily_cap_tokens = 0;
  int customer_daily_cap_tokens = 0;
  int max_retries = 0;
  int call_tries = 0;
  int llm_requests_per_minute = 0;
  int llm_tokens_per_minute = 0;
  int embedding_requests_per_minute = 0;
  int embedding_tokens_per_minute = 0;
  Seconds drain_timeout{0};
  Seconds job_timeout{0};
  Seconds call_timeout{0};
  Seconds lease{0};
  Seconds retry_first_delay{0};
  Seconds retry_longest_delay{0};
  Seconds keep_alive_every{0};
  Seconds heartbeat_limit{0};
  int recycle_jobs = 0;
  Seconds recycle_age{0};
  int recycle_memory = 0;  // MB
  int memory_limit = 0;    // MB
  bool core_dumps = false;
  bool enabled = true;
  std::string require;  // words with commas between; is_required() reads it
  Seconds require_within{0};
  std::string listen;
  std::string port_file;
  std::string log_level;
  std::string log_file;
  std::string log_format;
  bool log_content = false;
  std::string config;
  std::string env_file;
  std::string redis_url;  // redis_of() makes it one with the next four
  std::string redis_sentinel_password;
  std::string redis_ca_file;
  std::string redis_cert_file;
  std::string redis_key_file;
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
  std::string ca_file;
  std::string price_file;
  std::string daily_cap_usd;           // dollars; spending.h reads it
  std::string customer_daily_cap_usd;  // likewise
};

/// What an option is about: the headings of --help and of a configuration file.
enum class Section { workers, jobs, queue, server, models, http, logs, files, count };

/// One row of the table. Rows are made by the functions at the top of option_table.cc.
struct Option {
  using Member =
      std::variant<int Settings::*, Seconds Settings::*, bool Settings::*, std::string Settings::*>;

  const char* name;  // with two dashes before it, the flag
  const char* variable;
  Member member;
  const char* fallback;
  const char* value_name;  // in --help: N, SECONDS, URL
  const char* help;
  int least = 0;  // for numbers and seconds
  int most = 0;
  std::vector<std::string_view> words;    // if the value must be one of them
  std::vector<std::string_view> offered;  // by a shell, where other words may do as well
  bool list = false;                      // several of `offered`, with commas between
  bool secret = false;                    // has no flag and is never shown
  bool restart = false;  // a change takes effect at the next start, not with a reload
  Section section = Section::count;

  Option(const char* the_name, const char* the_variable, Member the_member,
         const char* the_fallback, const char* the_value_name, const char* the_help)
      : name(the_name),
        variable(the_variable),
        member(the_member),
        fallback(the_fallback),
        value_name(the_value_name),
        help(the_help) {}

  /// The same row, of an option whose change takes effect at the next start.
  Option at_restart() const;
  /// What a command line calls it: "--workers"; empty for a secret, which must not be on one.
  std::string flag() const;
};

/// The row of this name. Throws Failure(Kind::internal) if there is none.
const Option& option_called(std::string_view name);

/// The heading of a section in a configuration file: "workers".
std::string_view name(Section section);

/// The table, in the order of --help.
const std::vector<Option>& option_table();

/// Environment variables by name.
using Environment = std::map<std::string, std::string>;

/// This process's environment.
Environment process_environment();
/// The same, and overwrites the values of secrets where they are in memory, so that they are no
/// longer shown by `ps e` and in /proc/PID/environ. For the start of a program.
Environment take_environment();

/// What was read, and who said it.
struct Configuration {
  Settings settings;
  /// By the option's name, e.g. "--workers" or "/etc/ryumemd/ryumemd.conf:7: workers"; options that
  /// nobody said anything of are not in it.
  std::map<std::string, std::string> sources;
  /// What works and should be mended all the same.
  std::vector<std::string> warnings;
  Configuration() = default;
};

/// The settings that flags, environment, files and defaults give. From the first to the last to be
/// asked: flags; variables; the --env-file (KEY=VALUE lines, as the Python worker's .env); for
/// secrets, systemd's credentials; the configuration file. A secret may be in a file of its own,
/// which NAME_FILE, --name-file or `name-file =` tells. Throws a Failure with all mistakes, a line
/// each, that name their place, what is wrong and what would be right: Kind::usage for a bad
/// command line, Kind::configuration for a bad value, Kind::permission for a file that may not be
/// read.
Configuration read_configuration(const std::vector<std::string>& arguments,
                                 const Environment& environment);
Settings read_settings(const std::vector<std::string>& arguments, const Environment& environment);

/// The same for a program that only needs some of them: defaults that depend on others are not
/// filled in, values are not held against each other, and the configuration file at its usual place
/// is left aside if it may not be read: that is the only warning, others are the daemon's.
Configuration read_partial_configuration(const std::vector<std::string>& arguments,
                                         const Environment& environment);

/// The settings as environment variables, and back.
Environment to_environment(const Settings& settings);
Settings from_environment(const Environment& environment);

/// The text of --help. `program` is its name, `purpose` its first line.
/// `other_flags`: what it takes besides the table's options.
std::string help_text(std::string_view program, std::string_view purpose,
                      std::string_view other_flags);

/// Whether --require names this: "redis", "server" or "provider".
bool is_required(const Settings& settings, std::string_view what);

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
