#include "supervisor/requirements.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "common/async/timer.h"
#include "common/base/failure.h"
#include "common/net/stream.h"
#include "common/ops/known_models.h"

namespace ryumem {
namespace {

constexpr Millis kBetweenLooks{250};
constexpr Millis kOneTry{3'000};

// Of an http or https URL, which has been checked to be one.
HostPort address_of(const std::string& url) {
  const bool tls = url.rfind("https://", 0) == 0;
  std::string_view rest = std::string_view(url).substr(url.find("//") + 2);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t at = rest.rfind('@'); at != rest.npos) rest.remove_prefix(at + 1);
  HostPort out("", tls ? 443 : 80);
  std::size_t colon = rest.rfind(':');
  if (!rest.empty() && rest.front() == '[') {
    const std::size_t end = rest.find(']');
    out.host = rest.substr(1, end - 1);
    colon = end == rest.npos ? end : rest.find(':', end);
  } else {
    out.host = rest.substr(0, colon);
  }
  if (colon != rest.npos)
    std::from_chars(rest.data() + colon + 1, rest.data() + rest.size(), out.port);
  return out;
}

// Gives why not; empty: somebody is there.
Task<std::string> look_at(HostPort where, Cancel& cancel) {
  LinkedCancel patience(cancel);
  const Deadline deadline(patience, kOneTry, Failure(Kind::transient, "nobody answers there"));
  try {
    const Stream stream = co_await Stream::connect_tcp(where.host, where.port, patience);
  } catch (const Failure& failure) {
    cancel.throw_if_requested();
    co_return failure.what();
  }
  co_return "";
}

}  // namespace

std::vector<Required> required_addresses(const Settings& settings) {
  std::vector<Required> out;
  if (is_required(settings, "server"))
    out.emplace_back("the server at " + settings.server_url, address_of(settings.server_url));
  if (!is_required(settings, "provider")) return out;
  for (const std::string& provider : {settings.llm_provider, settings.embedding_provider}) {
    const std::string url = url_of_provider(settings, provider);
    const std::string what = fmt::format("{} at {}", provider, url);
    if (out.empty() || out.back().what != what) out.emplace_back(what, address_of(url));
  }
  return out;
}

Task<> wait_for_required(const Settings& settings, const QueueWatch& queue, Cancel& cancel) {
  const Monotonic::time_point until = Monotonic::now() + settings.require_within;
  std::map<std::string, std::string> missing;  // what, and why not
  bool redis = !is_required(settings, "redis");
  std::vector<Required> left = required_addresses(settings);
  for (;;) {
    missing.clear();
    std::vector<Required> still;
    for (const Required& one : left) {
      std::string why = co_await look_at(one.where, cancel);
      if (why.empty()) continue;
      missing[one.what] = std::move(why);
      still.push_back(one);
    }
    left = std::move(still);
    redis = redis || queue.depths().has_value();
    if (!redis) missing["Redis"] = queue.trouble();
    if (missing.empty()) co_return;
    if (Monotonic::now() >= until) break;
    co_await Sleep(kBetweenLooks, cancel);
  }
  std::string text = fmt::format("what --require names has not come within {} s:",
                                 settings.require_within.count());
  for (const auto& [what, why] : missing) text += fmt::format("\n{}: {}", what, why);
  throw Failure(Kind::unavailable, text);
}

}  // namespace ryumem
