// The table itself. A default that depends on the provider is resolved in options.cc.
//
// A new option takes a member of Settings, one row here under its section, and a row in the README.
// It is one long file on purpose: whoever looks for an option, of whatever section, looks here.
#include "common/ops/known_models.h"
#include "common/ops/options.h"

namespace ryumem {
namespace {

constexpr int kDay = 86400;
constexpr int kMostTokens = 2'000'000'000;
constexpr int kMostMegabytes = 1 << 20;

Option number(const char* name, const char* variable, int Settings::*member, const char* fallback,
              int least, int most, const char* help) {
  Option option(name, variable, member, fallback, "N", help);
  option.least = least;
  option.most = most;
  return option;
}

Option seconds(const char* name, const char* variable, Seconds Settings::*member,
               const char* fallback, int least, int most, const char* help) {
  Option option(name, variable, member, fallback, "SECONDS", help);
  option.least = least;
  option.most = most;
  return option;
}

Option truth(const char* name, const char* variable, bool Settings::*member, const char* fallback,
             const char* help) {
  return Option(name, variable, member, fallback, "BOOL", help);
}

// `value_name`: what --help calls the value: FILE, URL, NAME.
Option text(const char* name, const char* variable, std::string Settings::*member,
            const char* fallback, const char* value_name, const char* help) {
  return Option(name, variable, member, fallback, value_name, help);
}

// One word of several.
Option choice(const char* name, const char* variable, std::string Settings::*member,
              const char* fallback, const char* value_name, std::vector<std::string_view> words,
              const char* help) {
  Option option(name, variable, member, fallback, value_name, help);
  option.words = std::move(words);
  return option;
}

// A text for which a shell can offer something. Whether others are taken, it does not say.
Option offering(std::vector<std::string_view> words, Option option) {
  option.offered = std::move(words);
  return option;
}

// Several such words, with commas between.
Option list_of(std::vector<std::string_view> words, Option option) {
  option.list = true;
  return offering(std::move(words), std::move(option));
}

std::vector<std::string_view> provider_words() {
  std::vector<std::string_view> out;
  for (const ProviderDefaults& row : known_providers()) out.push_back(row.provider);
  return out;
}

// What nobody but the program may see: a key, or a URL that may hold a password.
Option secret(const char* name, const char* variable, std::string Settings::*member,
              const char* fallback, const char* value_name, const char* help) {
  Option option(name, variable, member, fallback, value_name, help);
  option.secret = true;
  return option;
}

std::vector<Option> rows_of_all_sections() {
  std::vector<Option> table;
  const auto add = [&table](Section section, std::vector<Option> rows) {
    for (Option& option : rows) {
      option.section = section;
      table.push_back(std::move(option));
    }
  };
  add(Section::workers,
      {
          number("workers", "RYUMEM_WORKER_PROCESSES", &Settings::workers, "2", 1, 256,
                 "worker processes to run"),
          number("concurrency", "RYUMEM_WORKER_CONCURRENCY", &Settings::concurrency, "64", 1, 4096,
                 "jobs in hand at once, per worker process"),
          seconds(
              "drain-timeout", "RYUMEM_WORKER_DRAIN_TIMEOUT_SECONDS", &Settings::drain_timeout,
              "30", 0, kDay,
              "on TERM, how long jobs in hand may go on before they are given back; above 45, the "
              "unit's TimeoutStopSec= must be longer, too"),
          seconds("heartbeat-limit", "RYUMEM_WORKER_HEARTBEAT_LIMIT_SECONDS",
                  &Settings::heartbeat_limit, "30", 3, kDay,
                  "a worker that has not shown a sign of life for so long is killed"),
          number("recycle-jobs", "RYUMEM_WORKER_RECYCLE_JOBS", &Settings::recycle_jobs, "0", 0,
                 kMostTokens,
                 "a worker that has settled so many jobs is replaced in good order, the next one "
                 "ready first; 0: however many"),
          seconds("recycle-age", "RYUMEM_WORKER_RECYCLE_AGE_SECONDS", &Settings::recycle_age, "0",
                  0, 365 * kDay, "the same for one that has served so long; 0: however long"),
          number("recycle-memory", "RYUMEM_WORKER_RECYCLE_MEMORY_MB", &Settings::recycle_memory,
                 "1024", 0, kMostMegabytes,
                 "the same for one that has so many megabytes of memory; 0: however many"),
          number("memory-limit", "RYUMEM_WORKER_MEMORY_LIMIT_MB", &Settings::memory_limit, "0", 0,
                 kMostMegabytes,
                 "a worker that wants more megabytes than this ends at once and is replaced; 0: as "
                 "many as the system gives"),
          truth("core-dumps", "RYUMEM_WORKER_CORE_DUMPS", &Settings::core_dumps, "false",
                "let a process that dies of a bug leave a core; keys and texts are in it")
              .at_restart(),
          truth("enabled", "RYUMEM_WORKER_ENABLED", &Settings::enabled, "true",
                "false: say so and exit, as the server then extracts by itself")
              .at_restart(),
          list_of({"redis", "server", "provider"},
                  text("require", "RYUMEM_WORKER_REQUIRE", &Settings::require, "", "WORDS",
                       "exit with 69 if these do not come soon after the start: redis, server, "
                       "provider, with commas between; without it, what is away is waited for"))
              .at_restart(),
          seconds("require-within", "RYUMEM_WORKER_REQUIRE_WITHIN_SECONDS",
                  &Settings::require_within, "60", 1, kDay, "how soon that is")
              .at_restart(),
      });
  add(Section::jobs,
      {
          seconds("job-timeout", "RYUMEM_WORKER_JOB_TIMEOUT_SECONDS", &Settings::job_timeout, "300",
                  1, kDay,
                  "longest time for one attempt at a job, for each 16 pieces of its text; a call "
                  "that is under way then may end"),
          number("max-retries", "RYUMEM_WORKER_MAX_RETRIES", &Settings::max_retries, "3", 0, 1000,
                 "attempts for a job whose body does not say"),
          seconds("retry-first-delay", "RYUMEM_WORKER_RETRY_FIRST_DELAY_SECONDS",
                  &Settings::retry_first_delay, "5", 0, kDay,
                  "ceiling of the delay before the second attempt; it doubles with each, with full "
                  "jitter"),
          seconds("retry-longest-delay", "RYUMEM_WORKER_RETRY_LONGEST_DELAY_SECONDS",
                  &Settings::retry_longest_delay, "600", 0, kDay, "ceiling of all such delays"),
      });
  add(Section::queue,
      {
          secret("redis-url", "REDIS_URL", &Settings::redis_url, "redis://localhost:6379", "URL",
                 "redis://[user][:password]@host:port/db; rediss:// for TLS, "
                 "redis+sentinel://host:port,host:port/service/db (rediss+sentinel:// for TLS) by "
                 "way of sentinels, unix:///path?db=N for a socket")
              .at_restart(),
          secret("redis-sentinel-password", "REDIS_SENTINEL_PASSWORD",
                 &Settings::redis_sentinel_password, "", "PASSWORD",
                 "what the sentinels want to hear; the password in REDIS_URL is for Redis itself")
              .at_restart(),
          text("redis-ca-file", "REDIS_CA_FILE", &Settings::redis_ca_file, "", "FILE",
               "PEM file of the authorities that may vouch for Redis, instead of the system's")
              .at_restart(),
          text("redis-cert-file", "REDIS_CERT_FILE", &Settings::redis_cert_file, "", "FILE",
               "PEM file of our own certificate and its chain, for a Redis that asks for one")
              .at_restart(),
          text("redis-key-file", "REDIS_KEY_FILE", &Settings::redis_key_file, "", "FILE",
               "PEM file of that certificate's key")
              .at_restart(),
          text("queue-prefix", "RYUMEM_WORKER_QUEUE_PREFIX", &Settings::queue_prefix,
               "ryumem:", "TEXT",
               "what all keys in Redis begin with; a {tag} in it keeps them in one slot of a "
               "cluster")
              .at_restart(),
          seconds("lease", "RYUMEM_WORKER_LEASE_SECONDS", &Settings::lease, "20", 1, kDay,
                  "how long a job stays with a worker that is not heard of; renewed four times as "
                  "often")
              .at_restart(),
          seconds("keep-alive-every", "RYUMEM_WORKER_KEEP_ALIVE_SECONDS",
                  &Settings::keep_alive_every, "30", 1, kDay,
                  "how often the bodies of waiting jobs get their time anew")
              .at_restart(),
      });
  add(Section::server,
      {
          text("server-url", "SERVER_URL", &Settings::server_url, "http://localhost:8000", "URL",
               "the Ryumem server that takes the callbacks"),
          secret("internal-key", "WORKER_INTERNAL_KEY", &Settings::internal_key, "", "KEY",
                 "sent to the server as X-Internal-Key"),
          number("callback-concurrency", "RYUMEM_WORKER_CALLBACK_CONCURRENCY",
                 &Settings::callback_concurrency, "8", 1, 256,
                 "callbacks to the server at once, per worker process; the server answers one at a "
                 "time"),
      });
  add(Section::models,
      {
          offering(provider_words(),
                   text("llm-provider", "LLM_PROVIDER", &Settings::llm_provider, "gemini", "NAME",
                        "who extracts: gemini, openai, ollama or litellm")),
          text("llm-model", "LLM_MODEL", &Settings::llm_model, "", "NAME",
               "the model that extracts (gemini: gemini-3.5-flash-lite; openai, litellm: "
               "gpt-6-luna; "
               "ollama: qwen2.5:7b)"),
          offering(provider_words(),
                   text("embedding-provider", "EMBEDDING_PROVIDER", &Settings::embedding_provider,
                        "gemini", "NAME", "who embeds: gemini, openai, ollama or litellm")),
          text("embedding-model", "EMBEDDING_MODEL", &Settings::embedding_model, "", "NAME",
               "the model that embeds (gemini: gemini-embedding-001; openai, litellm: "
               "text-embedding-3-large; ollama: nomic-embed-text)"),
          number("embedding-dimensions", "EMBEDDING_DIMENSIONS", &Settings::embedding_dimensions,
                 "0", 0, 65536,
                 "length of a vector, as the server's database has it (0: 768 for gemini and "
                 "ollama, 3072 for openai and litellm)"),
          number("embedding-batch", "RYUMEM_WORKER_EMBEDDING_BATCH", &Settings::embedding_batch,
                 "64", 1, 2048, "texts in one embedding request"),
          number("embedding-batch-wait", "RYUMEM_WORKER_EMBEDDING_BATCH_WAIT_MS",
                 &Settings::embedding_batch_wait, "5", 0, 10'000,
                 "milliseconds that a job's texts wait for those of others, to go out in one "
                 "embedding request"),
          number("embedding-cache", "RYUMEM_WORKER_EMBEDDING_CACHE_MB", &Settings::embedding_cache,
                 "32", 0, 65536,
                 "megabytes for vectors of texts that may come again, per worker process"),
          text("ollama-url", "OLLAMA_BASE_URL", &Settings::ollama_url, "http://localhost:11434",
               "URL", "where Ollama answers"),
          secret("ollama-api-key", "OLLAMA_API_KEY", &Settings::ollama_api_key, "", "KEY",
                 "key of Ollama's cloud, or of what stands before an Ollama of your own"),
          text("gemini-url", "GOOGLE_GEMINI_BASE_URL", &Settings::gemini_url,
               "https://generativelanguage.googleapis.com", "URL", "where Gemini's API answers"),
          secret("google-api-key", "GOOGLE_API_KEY", &Settings::google_api_key, "", "KEY",
                 "key of Gemini; required there"),
          secret("gemini-api-key", "GEMINI_API_KEY", &Settings::gemini_api_key, "", "KEY",
                 "the same, for where GOOGLE_API_KEY is not set"),
          text("openai-url", "OPENAI_BASE_URL", &Settings::openai_url, "https://api.openai.com/v1",
               "URL",
               "where OpenAI's API answers, or a server that speaks it (vLLM, llama.cpp, LM "
               "Studio); with its /v1"),
          secret("openai-api-key", "OPENAI_API_KEY", &Settings::openai_api_key, "", "KEY",
                 "key of OpenAI; required there, but not by servers of your own"),
          text("litellm-url", "LITELLM_PROXY_API_BASE", &Settings::litellm_url, "", "URL",
               "where the LiteLLM proxy answers; required by litellm"),
          secret("litellm-api-key", "LITELLM_PROXY_API_KEY", &Settings::litellm_api_key, "", "KEY",
                 "key of the LiteLLM proxy"),
          offering(
              {"none", "minimal", "low", "medium", "high"},
              text("reasoning-effort", "RYUMEM_WORKER_REASONING_EFFORT",
                   &Settings::reasoning_effort, "", "WORD",
                   "how much a model is to think: none, minimal, low, medium, high (empty: none "
                   "where that can be said, else as it does by itself)")),
          number("answer-tokens", "RYUMEM_WORKER_ANSWER_TOKENS", &Settings::answer_tokens, "0", 0,
                 1 << 20,
                 "most tokens of one answer (0: 16384 for gemini and openai, else the server's "
                 "limit)"),
          offering({"max_completion_tokens", "max_tokens"},
                   text("max-tokens-field", "RYUMEM_WORKER_MAX_TOKENS_FIELD",
                        &Settings::tokens_field, "max_completion_tokens", "NAME",
                        "what --answer-tokens is called on OpenAI's wire; servers of old know "
                        "max_tokens")),
          number("context-tokens", "RYUMEM_WORKER_CONTEXT_TOKENS", &Settings::context_tokens,
                 "16384", 512, 1 << 20,
                 "Ollama's num_ctx: a longer prompt would be cut in silence"),
          number(
              "chunk-tokens", "RYUMEM_WORKER_CHUNK_TOKENS", &Settings::chunk_tokens, "0", 0,
              1 << 20,
              "a longer text is asked about in pieces of so many tokens, estimated (0: 2000 with "
              "ollama, else 4000)"),
          seconds("call-timeout", "RYUMEM_WORKER_CALL_TIMEOUT_SECONDS", &Settings::call_timeout,
                  "120", 1, kDay, "longest wait for one answer of a model or of the server"),
          number("call-tries", "RYUMEM_WORKER_CALL_TRIES", &Settings::call_tries, "5", 1, 100,
                 "tries of one call before the attempt at its job has failed"),
          text("ca-file", "RYUMEM_WORKER_CA_FILE", &Settings::ca_file, "", "FILE",
               "PEM file of the authorities whose certificates models and the server may have, "
               "instead of the system's"),
          number("llm-requests-per-minute", "RYUMEM_WORKER_LLM_REQUESTS_PER_MINUTE",
                 &Settings::llm_requests_per_minute, "0", 0, kMostTokens,
                 "requests to the model that extracts, by all workers of all hosts together (0: as "
                 "its replies say, or as they refuse)"),
          number("llm-tokens-per-minute", "RYUMEM_WORKER_LLM_TOKENS_PER_MINUTE",
                 &Settings::llm_tokens_per_minute, "0", 0, kMostTokens,
                 "tokens of such requests, in and out together (0: likewise)"),
          number("embedding-requests-per-minute", "RYUMEM_WORKER_EMBEDDING_REQUESTS_PER_MINUTE",
                 &Settings::embedding_requests_per_minute, "0", 0, kMostTokens,
                 "the same for requests to the model that embeds"),
          number("embedding-tokens-per-minute", "RYUMEM_WORKER_EMBEDDING_TOKENS_PER_MINUTE",
                 &Settings::embedding_tokens_per_minute, "0", 0, kMostTokens,
                 "the same for their tokens"),
          text("price-file", "RYUMEM_WORKER_PRICE_FILE", &Settings::price_file, "", "FILE",
               "what models cost, one per line: PROVIDER MODEL INPUT OUTPUT, in US dollars for a "
               "million tokens; instead of the table that comes along"),
          text("daily-cap-usd", "RYUMEM_WORKER_DAILY_CAP_USD", &Settings::daily_cap_usd, "0", "USD",
               "when so much is spent on a day (UTC), jobs are parked until the next; 0 is without "
               "a limit"),
          text("customer-daily-cap-usd", "RYUMEM_WORKER_CUSTOMER_DAILY_CAP_USD",
               &Settings::customer_daily_cap_usd, "0", "USD", "the same for each customer"),
          number("daily-cap-tokens", "RYUMEM_WORKER_DAILY_CAP_TOKENS", &Settings::daily_cap_tokens,
                 "0", 0, kMostTokens, "the same in tokens, in and out together"),
          number("customer-daily-cap-tokens", "RYUMEM_WORKER_CUSTOMER_DAILY_CAP_TOKENS",
                 &Settings::customer_daily_cap_tokens, "0", 0, kMostTokens,
                 "the same in tokens for each customer"),
      });
  add(Section::http,
      {
          text("listen", "RYUMEM_WORKER_LISTEN", &Settings::listen, "127.0.0.1:9464", "ADDR:PORT",
               "where the supervisor serves /metrics, /livez and /readyz; port 0 takes a free one")
              .at_restart(),
          text("port-file", "RYUMEM_WORKER_PORT_FILE", &Settings::port_file, "", "FILE",
               "write the port that --listen took to this file")
              .at_restart(),
      });
  add(Section::logs,
      {
          choice("log-level", "RYUMEM_WORKER_LOG_LEVEL", &Settings::log_level, "info", "LEVEL",
                 {"trace", "debug", "info", "warning", "error", "critical", "off"},
                 "trace, debug, info, warning, error, critical or off"),
          text("log-file", "RYUMEM_WORKER_LOG_FILE", &Settings::log_file, "", "FILE",
               "where log lines go, those of the workers, too; empty: stderr. USR1 opens it anew"),
          choice("log-format", "RYUMEM_WORKER_LOG_FORMAT", &Settings::log_format, "text", "FORMAT",
                 {"text", "json"}, "text, or json for one JSON object a line"),
          truth(
              "log-content", "RYUMEM_WORKER_LOG_CONTENT", &Settings::log_content, "false",
              "also write prompts and answers, at the level debug; they hold what is in episodes"),
      });
  add(Section::files,
      {
          text("config", "RYUMEM_WORKER_CONFIG", &Settings::config, "/etc/ryumemd/ryumemd.conf",
               "FILE",
               "read settings from a file of NAME = VALUE lines; the default is read if it is "
               "there"),
          text("env-file", "RYUMEM_WORKER_ENV_FILE", &Settings::env_file, "", "FILE",
               "read variables from a file of KEY=VALUE lines; those really set go first"),
      });
  return table;
}

}  // namespace

const std::vector<Option>& option_table() {
  static const std::vector<Option> table = rows_of_all_sections();
  return table;
}

const Option& option_called(std::string_view name) {
  for (const Option& option : option_table())
    if (option.name == name) return option;
  throw Failure(Kind::internal, "the option table has no row \"" + std::string(name) + "\"");
}

}  // namespace ryumem
