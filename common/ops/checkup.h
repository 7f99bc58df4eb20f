// What a look at an installation found: one line per thing, with what to do about it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ryumem {

enum class Health {
  ok,
  warn,     // it works, and something should be different
  fail,     // jobs will not be done, or may be lost
  skipped,  // not looked at, and why
};
std::string_view name(Health health);

struct Check {
  Health health = Health::ok;
  std::string thing;   // what was looked at: "redis persistence"
  std::string what;    // what was found, and why that matters
  std::string remedy;  // what to do; empty if nothing
  Check() = default;
};

class Checkup {
 public:
  void ok(std::string thing, std::string what) { add(Health::ok, thing, what, ""); }
  void warn(std::string thing, std::string what, std::string remedy) {
    add(Health::warn, thing, what, remedy);
  }
  void fail(std::string thing, std::string what, std::string remedy) {
    add(Health::fail, thing, what, remedy);
  }
  void skip(std::string thing, std::string why) { add(Health::skipped, thing, why, ""); }

  const std::vector<Check>& checks() const { return checks_; }
  /// Has nothing failed?
  bool healthy() const;

  /// A line per check, its remedy below it, and a sum at the end.
  std::string text() const;
  /// {"healthy", "checks": [{"health","thing","what","remedy"}]}
  std::string json() const;

 private:
  void add(Health health, std::string thing, std::string what, std::string remedy);
  std::vector<Check> checks_;
};

}  // namespace ryumem
