#include "worker/doctor/server_checks.h"

#include <fmt/format.h>

#include <cmath>

#include "common/base/json.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr const char* kThing = "server";

void judge_count(std::int64_t theirs, std::int64_t ours, Checkup& checkup) {
  const double far = std::max(10.0, 0.2 * static_cast<double>(std::max(theirs, ours)));
  const std::string what = fmt::format("it counts {} pending, this Redis has {}", theirs, ours);
  if (std::abs(static_cast<double>(theirs - ours)) > far)
    checkup.warn("server's redis", what, "see whether the server has the same REDIS_URL");
  else
    checkup.ok("server's redis", what);
}

void judge(const HttpReply& reply, const Settings& settings, std::int64_t ours, Checkup& checkup) {
  const std::string what =
      fmt::format("{}: status {}: {}", settings.server_url, reply.status, excerpt(reply.body, 200));
  if (reply.status == 401 || reply.status == 403)
    return checkup.fail(kThing, what, "set WORKER_INTERNAL_KEY to what the server has");
  if (reply.status != 200) return checkup.fail(kThing, what, "let SERVER_URL name a Ryumem server");
  std::optional<std::int64_t> pending;
  try {
    const JsonDocument document = JsonDocument::parse(reply.body);
    pending = document.root()["pending"].integer();
  } catch (const Failure&) {
    // Said below.
  }
  if (!pending) return checkup.fail(kThing, what, "let SERVER_URL name a Ryumem server");
  checkup.ok(kThing, settings.server_url + " answers" +
                         (settings.internal_key.empty() ? "" : " and takes the internal key"));
  if (settings.internal_key.empty())
    checkup.warn("internal key", "there is none, and the server takes callbacks from anybody",
                 "set WORKER_INTERNAL_KEY here and at the server");
  if (ours >= 0) judge_count(*pending, ours, checkup);
}

}  // namespace

Task<> check_server(HttpClient& http, const Settings& settings, std::int64_t ours, Checkup& checkup,
                    Cancel& cancel) {
  constexpr Millis kPatience{10'000};
  HttpRequest request("GET", settings.server_url + "/internal/queue/stats");
  if (!settings.internal_key.empty())
    request.headers.push_back("X-Internal-Key: " + settings.internal_key);
  request.timeout = kPatience;
  request.reply_limit = 1U << 20U;
  try {
    const HttpReply reply = co_await http.send(std::move(request), cancel);
    judge(reply, settings, ours, checkup);
  } catch (const Failure& failure) {
    cancel.throw_if_requested();
    checkup.fail(kThing, failure.what(), "start the server, or check SERVER_URL");
  }
}

}  // namespace ryumem
