#include "common/ops/checkup.h"

#include <fmt/format.h>

#include <array>

#include "common/base/json_build.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr std::size_t kLongest = 800;

}  // namespace

std::string_view name(Health health) {
  constexpr std::array<std::string_view, 4> words = {"ok", "warn", "fail", "skipped"};
  return words[static_cast<std::size_t>(health)];
}

void Checkup::add(Health health, std::string thing, std::string what, std::string remedy) {
  Check check;
  check.health = health;
  check.thing = std::move(thing);
  check.what = excerpt(what, kLongest);
  check.remedy = excerpt(remedy, kLongest);
  checks_.push_back(std::move(check));
}

bool Checkup::healthy() const {
  for (const Check& check : checks_)
    if (check.health == Health::fail) return false;
  return true;
}

std::string Checkup::text() const {
  std::string out;
  std::array<int, 4> counts{};
  for (const Check& check : checks_) {
    ++counts[static_cast<std::size_t>(check.health)];
    out += fmt::format("{:<8} {:<22} {}\n", name(check.health), check.thing, check.what);
    if (!check.remedy.empty()) out += fmt::format("{:<31} -> {}\n", "", check.remedy);
  }
  return out + fmt::format("{} ok, {} to think about, {} failed, {} not looked at\n", counts[0],
                           counts[1], counts[2], counts[3]);
}

std::string Checkup::json() const {
  JsonBuilder list = JsonBuilder::array();
  for (const Check& check : checks_) {
    JsonBuilder entry = JsonBuilder::object();
    entry.string("health", name(check.health))
        .string("thing", check.thing)
        .string("what", check.what)
        .string("remedy", check.remedy);
    list.push(std::move(entry));
  }
  JsonBuilder whole = JsonBuilder::object();
  whole.boolean("healthy", healthy()).add("checks", std::move(list));
  return whole.print() + "\n";
}

}  // namespace ryumem
