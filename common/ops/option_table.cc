// The table itself. A default that depends on the provider is resolved in options.cc.
#include "common/ops/options.h"

namespace ryumem {

const std::vector<Option>& option_table() {
  constexpr int kDay = 86400;
  static const std::vector<Option> table = {
      {"workers", "RYUMEM_WORKER_PROCESSES", &Settings::workers, "2", 1, 256, "N",
       "worker processes to run"},
      {"concurrency", "RYUMEM_WORKER_CONCURRENCY", &Settings::concurrency, "64", 1, 4096, "N",
       "jobs in hand at once, per worker process"},
      {"callback-concurrency", "RYUMEM_WORKER_CALLBACK_CONCURRENCY",
       &Settings::callback_concurrency, "8", 1, 256, "N",
       "callbacks to the server at once, per worker process; the server answers one at a time"},
      {"listen", "RYUMEM_WORKER_LISTEN", &Settings::listen, "127.0.0.1:9464", 0, 0, "ADDR:PORT",
       "where the supervisor serves /metrics, /livez and /readyz; port 0 takes a free one"},
      {"port-file", "RYUMEM_WORKER_PORT_FILE", &Settings::port_file, "", 0, 0, "FILE",
       "write the port that --listen took to this file"},
      {"drain-timeout", "RYUMEM_WORKER_DRAIN_TIMEOUT_SECONDS", &Settings::drain_timeout, "30", 0,
       kDay, "SECONDS", "on TERM, how long jobs in hand may go on before they are given back"},
      {"job-timeout", "RYUMEM_WORKER_JOB_TIMEOUT_SECONDS", &Settings::job_timeout, "300", 1, kDay,
       "SECONDS", "longest time for one attempt at a job"},
      {"max-retries", "RYUMEM_WORKER_MAX_RETRIES", &Settings::max_retries, "3", 0, 1000, "N",
       "attempts for a job whose body does not say"},
      {"enabled", "RYUMEM_WORKER_ENABLED", &Settings::enabled, "true", 0, 0, "BOOL",
       "false: say so and exit, as the server then extracts by itself"},
      {"", "REDIS_URL", &Settings::redis_url, "redis://localhost:6379", 0, 0, "URL",
       "redis://[user][:password]@host:port/db or unix:///path?db=N"},
      {"server-url", "SERVER_URL", &Settings::server_url, "http://localhost:8000", 0, 0, "URL",
       "the Ryumem server that takes the callbacks"},
      {"", "WORKER_INTERNAL_KEY", &Settings::internal_key, "", 0, 0, "KEY",
       "sent to the server as X-Internal-Key"},
      {"llm-provider", "LLM_PROVIDER", &Settings::llm_provider, "gemini", 0, 0, "NAME",
       "who extracts; this version knows: ollama"},
      {"llm-model", "LLM_MODEL", &Settings::llm_model, "", 0, 0, "NAME",
       "the model that extracts (ollama: qwen2.5:7b)"},
      {"embedding-provider", "EMBEDDING_PROVIDER", &Settings::embedding_provider, "gemini", 0, 0,
       "NAME", "who embeds; this version knows: ollama"},
      {"embedding-model", "EMBEDDING_MODEL", &Settings::embedding_model, "", 0, 0, "NAME",
       "the model that embeds (ollama: nomic-embed-text)"},
      {"embedding-dimensions", "EMBEDDING_DIMENSIONS", &Settings::embedding_dimensions, "0", 0,
       65536, "N", "length of a vector, as the server's database has it (0, ollama: 768)"},
      {"embedding-batch", "RYUMEM_WORKER_EMBEDDING_BATCH", &Settings::embedding_batch, "64", 1,
       2048, "N", "texts in one embedding request"},
      {"ollama-url", "OLLAMA_BASE_URL", &Settings::ollama_url, "http://localhost:11434", 0, 0,
       "URL", "where Ollama answers"},
      {"context-tokens", "RYUMEM_WORKER_CONTEXT_TOKENS", &Settings::context_tokens, "16384", 512,
       1 << 20, "N", "Ollama's num_ctx: a longer prompt would be cut in silence"},
      {"call-timeout", "RYUMEM_WORKER_CALL_TIMEOUT_SECONDS", &Settings::call_timeout, "120", 1,
       kDay, "SECONDS", "longest wait for one answer of a model or of the server"},
      {"call-tries", "RYUMEM_WORKER_CALL_TRIES", &Settings::call_tries, "5", 1, 100, "N",
       "tries of one call before the attempt at its job has failed"},
      {"log-level", "RYUMEM_WORKER_LOG_LEVEL", &Settings::log_level, "info", 0, 0, "LEVEL",
       "trace, debug, info, warning, error, critical or off"},
      {"env-file", "RYUMEM_WORKER_ENV_FILE", &Settings::env_file, "", 0, 0, "FILE",
       "read variables from a file of KEY=VALUE lines; those really set go first"},
  };
  return table;
}

}  // namespace ryumem
