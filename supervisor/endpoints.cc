#include "supervisor/endpoints.h"

#include <fmt/format.h>

#include "common/base/clock.h"
#include "common/base/json_build.h"
#include "common/ops/version.h"

namespace ryumem {
namespace {

constexpr const char* kPlain = "text/plain; charset=utf-8";

HttpAnswer index_page(const Status& status);

HttpAnswer metrics(const Status& status) {
  return HttpAnswer(200, metrics_text(status.board, status.figures, monotonic_ns()),
                    kMetricsContentType);
}

// To be answered at all is the proof: the loop turns.
HttpAnswer livez(const Status&) { return HttpAnswer(200, "ok\n", kPlain); }

HttpAnswer readyz(const Status& status) {
  const std::vector<std::string> reasons = reasons_not_ready(status);
  JsonBuilder list = JsonBuilder::array();
  for (const std::string& reason : reasons) list.push_string(reason);
  JsonBuilder body = JsonBuilder::object();
  body.boolean("ready", reasons.empty());
  body.add("reasons", std::move(list));
  return HttpAnswer(reasons.empty() ? 200 : 503, body.print());
}

// The same members as the Ryumem server's endpoint of this name. When Redis cannot be asked the
// status says that the zeros mean nothing.
HttpAnswer queue_stats(const Status& status) {
  const bool known = status.figures.pending && status.figures.processing;
  JsonBuilder body = JsonBuilder::object();
  body.integer("pending", status.figures.pending.value_or(0));
  body.integer("processing", status.figures.processing.value_or(0));
  if (!known)
    body.string("error", status.redis_trouble.empty() ? "the queue has not been measured yet"
                                                      : status.redis_trouble);
  return HttpAnswer(known ? 200 : 503, body.print());
}

struct Endpoint {
  const char* path;
  const char* help;
  HttpAnswer (*answer)(const Status&);
};

constexpr Endpoint kEndpoints[] = {
    {"/", "this list", index_page},
    {"/metrics", "figures for Prometheus", metrics},
    {"/livez", "200 while this program turns", livez},
    {"/readyz", "200 when a job would be worked on, else 503 and why not", readyz},
    {"/internal/queue/stats", "jobs that wait and jobs that are being worked on", queue_stats},
};

HttpAnswer index_page(const Status&) {
  std::string text = fmt::format("ryumemd {}\n\n", program_version());
  for (const Endpoint& endpoint : kEndpoints)
    text += fmt::format("{:<24}{}\n", endpoint.path, endpoint.help);
  return HttpAnswer(200, text, kPlain);
}

}  // namespace

// Why workers do not ask this dependency; empty if one of them does.
std::string reason_of_circuit(const Scoreboard& board, Dependency on) {
  std::string reason;
  for (int i = 0; i < board.slots(); ++i) {
    const Slot& slot = board.slot(i);
    if (!present(state_of(slot))) continue;
    const std::string own = slot.of(on).reason_text();
    if (own.empty()) return "";
    reason = own;
  }
  return reason;
}

std::vector<std::string> reasons_not_ready(const Status& status) {
  std::vector<std::string> reasons;
  if (!status.figures.redis_up) reasons.push_back("redis: " + status.redis_trouble);
  int ready = 0;
  for (int i = 0; i < status.board.slots(); ++i) ready += up(state_of(status.board.slot(i)));
  if (ready == 0)
    reasons.push_back(fmt::format("workers: 0 of {} ready", status.figures.workers_wanted));
  for (const std::string& trouble : status.pool_troubles)
    reasons.push_back("pool degraded: " + trouble);
  for (const Dependency on :
       {Dependency::chat_model, Dependency::embedding_model, Dependency::server}) {
    const std::string reason = reason_of_circuit(status.board, on);
    if (!reason.empty()) reasons.push_back(fmt::format("circuit {}: {}", name(on), reason));
  }
  if (status.quiet) reasons.push_back("quiet: told to take no new jobs; CONT ends it");
  for (const Pause& pause : status.pauses)
    if (holding({pause}, status.pausable_by) != nullptr)
      reasons.push_back("paused: " + pause.text());
  if (status.draining) reasons.push_back("draining: asked to stop");
  return reasons;
}

HttpAnswer answer(const HttpQuery& query, const Status& status) {
  for (const Endpoint& endpoint : kEndpoints) {
    if (query.path != endpoint.path) continue;
    if (query.method == "GET") return endpoint.answer(status);
    return HttpAnswer(405, "only GET is answered here\n", kPlain);
  }
  return HttpAnswer(404, "no such page; / lists those there are\n", kPlain);
}

}  // namespace ryumem
