// A job as the server's producer writes it: JSON under ryumem:job:{id}.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ryumem {

struct Job {
  std::string id;
  std::string episode_uuid;
  std::string content;
  std::string user_id;
  std::string customer_id;
  std::string api_key;  // the tenant's secret: never logged
  std::optional<std::string> context;
  std::string created_at;
  std::string status;
  int retry_count = 0;
  int max_retries = 3;
  std::string body;  // the JSON text itself, as it was read

  Job() = default;
};

/// The job in `body`, which was stored under `id`. `default_max_retries` is for a body that does
/// not say. Throws Failure(Kind::gone) naming the field that is missing or of the wrong type.
Job parse_job(std::string_view id, std::string_view body, int default_max_retries);

/// `job.body` with another status and retry count; fields unknown to us stay byte for byte.
std::string body_with(const Job& job, std::string_view status, int retry_count);

/// A new job's body, in the fields and their order as the server's producer writes them.
std::string new_body(const Job& job);

}  // namespace ryumem
