// Faults on demand: rules that say which calls go wrong, how, and how often.
//
// The dice are a seeded generator, so the same rules, seed and calls go wrong in the same way.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/json.h"
#include "sandbox/ledger.h"
#include "sandbox/malformed.h"
#include "sandbox/trouble.h"

namespace ryumem::sandbox {

/// How long a call takes: evenly between two bounds, or log-normal by its median and 99th
/// percentile. Milliseconds.
struct Latency {
  bool log_normal = false;
  double low = 0;   // the least, or the median
  double high = 0;  // the most, or the 99th percentile
};

/// What happens to one call.
struct Fault {
  Fault() = default;

  Millis latency{0};
  int status = 0;  // 0: answer as usual
  std::string body;
  std::map<std::string, std::string> headers;
  bool hang = false;           // no answer until the faults are cleared
  bool reset = false;          // a connection reset instead of an answer
  bool truncate = false;       // half of the announced body, then the end of the connection
  bool after_work = false;     // status, hang, reset: the work is done, only the answer is lost
  std::size_t drip_bytes = 0;  // so many bytes at a time; 0: all at once
  Millis drip_every{0};
  Malformed malformed = Malformed::none;
  Complaint complaint;  // the model's face only

  /// In words for the ledger, empty for none.
  std::string words() const;
  /// Must the call fail before any work is done?
  bool before_work() const {
    const bool no_answer = status != 0 || hang || reset || complaint.trouble != Trouble::none;
    return no_answer && !after_work;
  }
};

class Faults {
 public:
  /// Replaces the rules and starts the dice anew: {"rules":[…],"seed":N}.
  /// Throws Failure(Kind::rejected) naming the rule and the member that is wrong.
  void set(const JsonValue& request);
  void clear();

  /// What happens to this call. Latencies of all rules that apply add up; the first rule that does
  /// more than delay ends the search.
  Fault draw(Face face, const std::string& path, const std::string& body);

  /// {"seed":N,"rules":[…]}, each rule as it was given with the "hits" it has had.
  std::string json() const;

 private:
  struct Rule {
    std::optional<Face> face;  // either one
    std::string path;
    std::string contains;
    double rate = 1;
    std::optional<std::int64_t> times;
    std::optional<Latency> latency;
    Fault effect;
    std::string text;  // as given
    std::int64_t hits = 0;
    bool only_delays() const;
  };
  static Rule parse_rule(const JsonValue& json, std::size_t number);
  double uniform();  // in [0, 1)
  Millis sample(const Latency& latency);

  std::vector<Rule> rules_;
  std::uint64_t seed_ = 1;
  std::mt19937_64 dice_{1};
};

}  // namespace ryumem::sandbox
