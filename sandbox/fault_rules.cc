// Reading fault rules: strict, since a rule that is silently ignored makes a test that tests
// nothing.
#include <fmt/format.h>

#include <set>

#include "common/base/failure.h"
#include "sandbox/faults.h"
#include "sandbox/json_copy.h"

namespace ryumem::sandbox {
namespace {

// One rule's members, with errors that name rule and member.
class Reader {
 public:
  Reader(const JsonValue& json, std::string place) : json_(json), place_(std::move(place)) {
    if (json.type() != JsonValue::Type::object) refuse("is not an object");
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw Failure(Kind::rejected, place_ + " " + what);
  }

  void only(const std::set<std::string_view>& known) const {
    for (const auto& [key, value] : json_.fields())
      if (!known.contains(key)) refuse(fmt::format("has an unknown member \"{}\"", key));
  }

  std::string string(const char* key, const std::string& fallback) const {
    if (!json_.has(key)) return fallback;
    const auto value = json_[key].string();
    if (!value) refuse(fmt::format("\"{}\" is not a string", key));
    return std::string(*value);
  }

  bool boolean(const char* key) const {
    if (!json_.has(key)) return false;
    const auto value = json_[key].boolean();
    if (!value) refuse(fmt::format("\"{}\" is not true or false", key));
    return *value;
  }

  double number(const char* key, double fallback, double least, double most) const {
    if (!json_.has(key)) return fallback;
    const auto value = json_[key].number();
    if (!value || *value < least || *value > most)
      refuse(fmt::format("\"{}\" is not a number from {} to {}", key, least, most));
    return *value;
  }

  double required(const char* key, double least, double most) const {
    if (!json_.has(key)) refuse(fmt::format("lacks \"{}\"", key));
    return number(key, 0, least, most);
  }

  Reader member(const char* key) const { return Reader(json_[key], place_ + " \"" + key + "\""); }
  bool has(const char* key) const { return json_.has(key); }

 private:
  JsonValue json_;
  std::string place_;
};

constexpr double kHour = 3'600'000;

Latency parse_latency(const Reader& reader) {
  reader.only({"min", "max", "p50", "p99"});
  Latency latency;
  latency.log_normal = reader.has("p50");
  latency.low =
      reader.required(latency.log_normal ? "p50" : "min", latency.log_normal ? 0.001 : 0, kHour);
  latency.high = reader.required(latency.log_normal ? "p99" : "max", latency.low, kHour);
  return latency;
}

Complaint parse_complaint(const Reader& reader) {
  Complaint complaint;
  const std::string trouble = reader.string("trouble", "");
  if (trouble.empty()) {
    if (reader.has("hint") || reader.has("wait_ms"))
      reader.refuse("has a \"hint\" or \"wait_ms\" without a \"trouble\"");
    return complaint;
  }
  const auto known = trouble_from(trouble);
  if (!known) reader.refuse(fmt::format("\"trouble\" has no kind \"{}\"", trouble));
  complaint.trouble = *known;
  const auto hint = hint_from(reader.string("hint", "usual"));
  if (!hint) reader.refuse("\"hint\" is not one of those in sandbox/README.md");
  complaint.hint = *hint;
  complaint.wait = Millis(static_cast<std::int64_t>(reader.number("wait_ms", 1000, 0, kHour)));
  return complaint;
}

}  // namespace

Faults::Rule Faults::parse_rule(const JsonValue& json, std::size_t number) {
  const Reader reader(json, fmt::format("rule {}", number));
  reader.only({"face", "path", "rate", "times", "contains", "latency_ms", "status", "body",
               "headers", "hang", "reset", "drip", "truncate", "after_work", "malformed", "trouble",
               "hint", "wait_ms", "hits"});
  Rule rule;
  const std::string face = reader.string("face", "any");
  if (face == "server") rule.face = Face::server;
  if (face == "model") rule.face = Face::model;
  if (!rule.face && face != "any") reader.refuse("\"face\" is not server, model or any");
  rule.path = reader.string("path", "");
  rule.contains = reader.string("contains", "");
  rule.rate = reader.number("rate", 1, 0, 1);
  if (reader.has("times"))
    rule.times = static_cast<std::int64_t>(reader.number("times", 0, 0, 1e15));
  if (reader.has("latency_ms")) rule.latency = parse_latency(reader.member("latency_ms"));

  Fault& effect = rule.effect;
  effect.status = static_cast<int>(reader.number("status", 0, 100, 599));
  effect.body = reader.string("body", "");
  if (reader.has("headers"))
    for (const auto& [key, value] : json["headers"].fields()) {
      const std::string text(value.string().value_or(""));
      if (!value.string() || text.find_first_of("\r\n") != std::string::npos ||
          key.find_first_of("\r\n: ") != std::string_view::npos)
        reader.refuse("\"headers\" holds what is not a header");
      effect.headers.emplace(key, text);
    }
  effect.hang = reader.boolean("hang");
  effect.reset = reader.boolean("reset");
  effect.truncate = reader.boolean("truncate");
  effect.after_work = reader.boolean("after_work");
  if (reader.has("drip")) {
    const Reader drip = reader.member("drip");
    drip.only({"bytes", "every_ms"});
    effect.drip_bytes = static_cast<std::size_t>(drip.number("bytes", 1, 1, 1e9));
    effect.drip_every = Millis(static_cast<std::int64_t>(drip.number("every_ms", 50, 0, kHour)));
  }
  if (const std::string kind = reader.string("malformed", ""); !kind.empty()) {
    const auto malformed = malformed_from(kind);
    if (!malformed) reader.refuse(fmt::format("\"malformed\" has no kind \"{}\"", kind));
    effect.malformed = *malformed;
  }
  effect.complaint = parse_complaint(reader);
  if (effect.complaint.trouble != Trouble::none) {
    if (rule.face == Face::server) reader.refuse("\"trouble\" is of the model's face");
    rule.face = Face::model;
  }
  rule.text = json_text(json);
  return rule;
}

void Faults::set(const JsonValue& request) {
  const JsonValue list = request["rules"];
  if (list.type() != JsonValue::Type::array)
    throw Failure(Kind::rejected, "the body is not {\"rules\":[...],\"seed\":N}");
  const JsonValue seed = request["seed"];
  if (request.has("seed") && (!seed.integer() || *seed.integer() < 0))
    throw Failure(Kind::rejected, "\"seed\" is not a whole number from 0");
  std::vector<Rule> rules;
  for (const JsonValue& rule : list.items()) rules.push_back(parse_rule(rule, rules.size() + 1));
  rules_ = std::move(rules);
  seed_ = static_cast<std::uint64_t>(seed.integer().value_or(1));
  dice_.seed(seed_);
}

}  // namespace ryumem::sandbox
