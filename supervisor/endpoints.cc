#include "supervisor/endpoints.h"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "common/base/clock.h"
#include "common/base/json_build.h"
#include "supervisor/status_json.h"
#include "supervisor/status_page.h"

namespace ryumem {
namespace {

constexpr const char* kPlain = "text/plain; charset=utf-8";

HttpAnswer metrics(const HttpQuery&, const Status& status) {
  return HttpAnswer(200, metrics_text(status.board, status.figures, monotonic_ns()),
                    kMetricsContentType);
}

// To be answered at all is the proof: the loop turns.
HttpAnswer livez(const HttpQuery&, const Status&) { return HttpAnswer(200, "ok\n", kPlain); }

HttpAnswer readyz(const HttpQuery&, const Status& status) {
  const std::vector<std::string> reasons = reasons_not_ready(status);
  JsonBuilder list = JsonBuilder::array();
  for (const std::string& reason : reasons) list.push_string(reason);
  JsonBuilder body = JsonBuilder::object();
  body.boolean("ready", reasons.empty());
  body.add("reasons", std::move(list));
  if (status.figures.oldest_pending)
    body.number("oldest_pending_s", *status.figures.oldest_pending);
  else
    body.null("oldest_pending_s");
  return HttpAnswer(reasons.empty() ? 200 : 503, body.print());
}

// The same members as the Ryumem server's endpoint of this name. When Redis cannot be asked the
// status says that the zeros mean nothing.
HttpAnswer queue_stats(const HttpQuery&, const Status& status) {
  const bool known = status.figures.pending && status.figures.processing;
  JsonBuilder body = JsonBuilder::object();
  body.integer("pending", status.figures.pending.value_or(0));
  body.integer("processing", status.figures.processing.value_or(0));
  if (!known)
    body.string("error", status.redis_trouble.empty() ? "the queue has not been measured yet"
                                                      : status.redis_trouble);
  return HttpAnswer(known ? 200 : 503, body.print());
}

// ?history=0: without the last hour; ?history=SECONDS: with what came after that moment.
HttpAnswer status_answer(const HttpQuery& query, const Status& status) {
  std::optional<std::int64_t> since = 0;
  const auto asked = query.params.find("history");
  if (asked != query.params.end()) {
    since = std::strtoll(asked->second.c_str(), nullptr, 10);
    if (*since <= 0) since.reset();
  }
  return HttpAnswer(200, status_json(status, since));
}

HttpAnswer page(const HttpQuery&, const Status&) { return status_page(); }

struct Endpoint {
  const char* path;
  const char* help;
  HttpAnswer (*answer)(const HttpQuery&, const Status&);
};

constexpr Endpoint kEndpoints[] = {
    {"/", "the status page", page},
    {"/metrics", "figures for Prometheus", metrics},
    {"/livez", "200 while this program turns", livez},
    {"/readyz", "200 when a job would be worked on, else 503 and why not", readyz},
    {"/status.json", "everything that there is to say; ?history=0 without the last hour",
     status_answer},
    {"/internal/queue/stats", "jobs that wait and jobs that are being worked on", queue_stats},
};

HttpAnswer bare_answer(const HttpQuery& query, const Status& status) {
  for (const Endpoint& endpoint : kEndpoints) {
    if (query.path != endpoint.path) continue;
    if (query.method == "GET") return endpoint.answer(query, status);
    return HttpAnswer(405, "only GET is answered here\n", kPlain);
  }
  std::string text = "there is no such page; there are\n\n";
  for (const Endpoint& endpoint : kEndpoints)
    text += fmt::format("{:<24}{}\n", endpoint.path, endpoint.help);
  return HttpAnswer(404, text, kPlain);
}

}  // namespace

// Figures of a moment are not kept, and nobody guesses what type they are of.
HttpAnswer answer(const HttpQuery& query, const Status& status) {
  HttpAnswer out = bare_answer(query, status);
  out.with("Cache-Control", "no-store").with("X-Content-Type-Options", "nosniff");
  return out;
}

}  // namespace ryumem
