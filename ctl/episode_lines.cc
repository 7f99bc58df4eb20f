#include "ctl/episode_lines.h"

#include <algorithm>

#include "common/base/clock.h"
#include "common/base/failure.h"
#include "common/base/json.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

// The rest of a job is made anew.
constexpr std::string_view kRead[] = {"content", "episode_uuid", "user_id",    "customer_id",
                                      "api_key", "context",      "max_retries"};
constexpr std::string_view kIgnored[] = {"job_id", "created_at", "status", "retry_count"};

template <std::size_t N>
bool among(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

[[noreturn]] void wrong(const std::string& what) { throw Failure(Kind::usage, what); }

void take_text(JsonValue root, const char* name, std::string& into) {
  const JsonValue value = root[name];
  if (value.type() == JsonValue::Type::absent || value.type() == JsonValue::Type::null) return;
  const auto text = value.string();
  if (!text) wrong(std::string(name) + " is " + std::string(value.type_name()) + ", not a string");
  into = *text;
}

JsonDocument parsed(std::string_view line) {
  try {
    return JsonDocument::parse(line);
  } catch (const Failure& failure) {
    wrong(failure.what());
  }
}

}  // namespace

bool next_line(std::istream& stream, std::string& line, bool& too_long) {
  line.clear();
  too_long = false;
  std::streambuf* bytes = stream.rdbuf();
  for (bool any = false;; any = true) {
    const int byte = bytes->sbumpc();
    if (byte == std::char_traits<char>::eof()) return any;
    if (byte == '\n') return true;
    if (line.size() < kLongestLine)
      line += static_cast<char>(byte);
    else
      too_long = true;
  }
}

Job job_of_line(std::string_view line, const Producer& producer) {
  const JsonDocument document = parsed(line);
  const JsonValue root = document.root();
  if (root.type() != JsonValue::Type::object)
    wrong("it is " + std::string(root.type_name()) + ", not an object");
  for (const auto& [name, value] : root.fields())
    if (!among(kRead, name) && !among(kIgnored, name))
      wrong("there is no member \"" + excerpt(name, 60) + "\" in an episode");
  Job job;
  job.episode_uuid = new_uuid();
  job.user_id = producer.user_id;
  job.customer_id = producer.customer_id;
  job.api_key = producer.api_key;
  job.max_retries = producer.max_retries;
  take_text(root, "content", job.content);
  take_text(root, "episode_uuid", job.episode_uuid);
  take_text(root, "user_id", job.user_id);
  take_text(root, "customer_id", job.customer_id);
  take_text(root, "api_key", job.api_key);
  if (trim(job.content).empty()) wrong("it has no content");
  if (job.user_id.empty() || job.episode_uuid.empty()) wrong("user_id or episode_uuid is empty");
  std::string context;
  take_text(root, "context", context);
  if (!context.empty()) job.context = context;
  if (root.has("max_retries")) {
    const auto most = root["max_retries"].integer();
    if (!most || *most < 0 || *most > 1000) wrong("max_retries is no number from 0 to 1000");
    job.max_retries = static_cast<int>(*most);
  }
  job.id = new_uuid();
  job.created_at = utc_timestamp();
  return job;
}

}  // namespace ryumem
