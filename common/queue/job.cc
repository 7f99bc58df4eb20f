#include "common/queue/job.h"

#include "common/base/failure.h"
#include "common/base/json.h"
#include "common/base/json_build.h"
#include "common/base/json_slice.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

[[noreturn]] void unreadable(std::string_view id, const std::string& what) {
  throw Failure(Kind::gone, "job " + excerpt(id, 60) + ": its body " + what);
}

class Reader {
 public:
  Reader(std::string_view id, JsonValue root) : id_(id), root_(root) {}

  std::string required(const char* field) const {
    const JsonValue value = root_[field];
    if (const auto text = value.string()) return std::string(*text);
    wrong(field, value, "a string");
  }

  std::string optional(const char* field) const {
    return root_.has(field) ? required(field) : std::string();
  }

  int integer(const char* field, int fallback) const {
    const JsonValue value = root_[field];
    if (value.type() == JsonValue::Type::absent) return fallback;
    const auto number = value.integer();
    constexpr std::int64_t kMost = 1'000'000;
    if (!number || *number < 0 || *number > kMost) wrong(field, value, "a small whole number");
    return static_cast<int>(*number);
  }

  std::optional<std::string> nullable(const char* field) const {
    const JsonValue::Type type = root_[field].type();
    if (type == JsonValue::Type::absent || type == JsonValue::Type::null) return std::nullopt;
    return required(field);
  }

 private:
  [[noreturn]] void wrong(const char* field, JsonValue value, const char* wanted) const {
    unreadable(id_, std::string("has a field \"") + field + "\" that is " +
                        std::string(value.type_name()) + ", not " + wanted);
  }

  std::string_view id_;
  JsonValue root_;
};

std::string quoted(std::string_view word) { return "\"" + std::string(word) + "\""; }

}  // namespace

Job parse_job(std::string_view id, std::string_view body, int default_max_retries) {
  std::optional<JsonDocument> document;
  try {
    document = JsonDocument::parse(body);
  } catch (const Failure& failure) {
    unreadable(id, std::string("is ") + failure.what());
  }
  const JsonValue root = document->root();
  if (root.type() != JsonValue::Type::object)
    unreadable(id, "is " + std::string(root.type_name()) + ", not an object");
  const Reader read(id, root);
  Job job;
  job.id = read.required("job_id");
  if (job.id != id) unreadable(id, "is that of another job: " + excerpt(job.id, 60));
  job.episode_uuid = read.required("episode_uuid");
  job.content = read.required("content");
  job.user_id = read.required("user_id");
  job.customer_id = read.optional("customer_id");
  job.api_key = read.optional("api_key");
  job.context = read.nullable("context");
  job.created_at = read.optional("created_at");
  job.status = read.optional("status");
  job.retry_count = read.integer("retry_count", 0);
  job.max_retries = read.integer("max_retries", default_max_retries);
  job.body = body;
  return job;
}

std::string body_with(const Job& job, std::string_view status, int retry_count) {
  return with_members(job.body,
                      {{"status", quoted(status)}, {"retry_count", std::to_string(retry_count)}});
}

std::string new_body(const Job& job) {
  JsonBuilder body = JsonBuilder::object();
  body.string("job_id", job.id)
      .string("episode_uuid", job.episode_uuid)
      .string("content", job.content)
      .string("user_id", job.user_id)
      .string("customer_id", job.customer_id)
      .string("api_key", job.api_key);
  if (job.context)
    body.string("context", *job.context);
  else
    body.null("context");
  body.string("created_at", job.created_at)
      .string("status", "pending")
      .integer("retry_count", job.retry_count)
      .integer("max_retries", job.max_retries);
  return body.print();
}

}  // namespace ryumem
