#include "sandbox/faults.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "common/base/json_build.h"
#include "common/base/json_slice.h"

namespace ryumem::sandbox {

std::string Fault::words() const {
  std::string words;
  const auto say = [&words](const std::string& word) {
    words += (words.empty() ? "" : ", ") + word;
  };
  if (latency.count() > 0) say(fmt::format("latency {} ms", latency.count()));
  if (status != 0) say(fmt::format("status {}", status));
  if (hang) say("hang");
  if (reset) say("reset");
  if (truncate) say("truncate");
  if (drip_bytes > 0) say("drip");
  if (malformed != Malformed::none) say("malformed " + std::string(name(malformed)));
  if (complaint.trouble != Trouble::none) say("trouble " + std::string(name(complaint.trouble)));
  if (after_work) say("after work");
  return words;
}

bool Faults::Rule::only_delays() const {
  return effect.status == 0 && !effect.hang && !effect.reset && !effect.truncate &&
         effect.drip_bytes == 0 && effect.headers.empty() && effect.malformed == Malformed::none &&
         effect.complaint.trouble == Trouble::none;
}

void Faults::clear() {
  rules_.clear();
  dice_.seed(seed_);
}

double Faults::uniform() { return static_cast<double>(dice_() >> 11) * 0x1.0p-53; }

Millis Faults::sample(const Latency& latency) {
  double milliseconds = latency.low + uniform() * (latency.high - latency.low);
  if (latency.log_normal) {
    // 2.3263 standard deviations above the mean lie at the 99th percentile. The normal deviate is
    // Box and Muller's, since the library's distributions differ from one library to the next.
    const double sigma = std::log(latency.high / latency.low) / 2.3263478740408408;
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    const double normal = radius * std::cos(2 * std::numbers::pi * uniform());
    milliseconds = latency.low * std::exp(sigma * normal);
  }
  return Millis(std::llround(milliseconds));
}

Fault Faults::draw(Face face, const std::string& path, const std::string& body) {
  Fault fault;
  for (Rule& rule : rules_) {
    if (rule.face && *rule.face != face) continue;
    if (!path.starts_with(rule.path)) continue;
    if (rule.times && rule.hits >= *rule.times) continue;
    if (!rule.contains.empty() && body.find(rule.contains) == std::string::npos) continue;
    // A certain rule throws no dice, so that adding one does not change how the others fall.
    if (rule.rate < 1 && uniform() >= rule.rate) continue;
    ++rule.hits;
    const Millis delay = rule.latency ? sample(*rule.latency) : Millis(0);
    const Millis latency = fault.latency + delay;
    if (rule.only_delays()) {
      fault.latency = latency;
      continue;
    }
    fault = rule.effect;
    fault.latency = latency;
    break;
  }
  return fault;
}

std::string Faults::json() const {
  JsonBuilder rules = JsonBuilder::array();
  for (const Rule& rule : rules_)
    rules.push(JsonBuilder::raw(with_members(rule.text, {{"hits", std::to_string(rule.hits)}})));
  JsonBuilder json = JsonBuilder::object();
  json.integer("seed", static_cast<std::int64_t>(seed_)).add("rules", std::move(rules));
  return json.print();
}

}  // namespace ryumem::sandbox
