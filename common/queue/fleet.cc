#include "common/queue/fleet.h"

#include <algorithm>

#include "common/base/text.h"

namespace ryumem {
namespace {

// Whoever writes to Redis may have written a name; so much of it is shown.
constexpr std::size_t kLongest = 300;

// What is written must be readable, also if a reason quotes what is not UTF-8.
std::string shown(const std::string& text) { return well_formed(excerpt(text, kLongest)); }

JsonBuilder as_json(const Member& member) {
  JsonBuilder out = JsonBuilder::object();
  out.string("name", shown(member.name))
      .string("host", shown(member.host))
      .integer("pid", member.pid)
      .string("version", shown(member.version))
      .number("uptime_s", member.uptime)
      .boolean("ready", member.ready)
      .string("reason", shown(member.reason))
      .integer("workers_ready", member.workers_ready)
      .integer("workers_wanted", member.workers_wanted)
      .integer("in_hand", member.in_hand)
      .integer("completed", member.completed);
  return out;
}

double number_in(JsonValue value) {
  if (const auto whole = value.integer()) return static_cast<double>(*whole);
  return value.number().value_or(0);
}

// Three replies for each: see fleet.lua.
std::vector<Member> read_fleet(const RedisReply& reply) {
  std::vector<Member> fleet;
  for (std::size_t i = 0; i + 2 < reply.items.size(); i += 3) {
    Member member;
    try {
      const JsonDocument document = JsonDocument::parse(reply.items[i + 2].text);
      member = read_member(document.root());
    } catch (const Failure&) {
      member.reason = "what it says cannot be read";
    }
    member.name = reply.items[i].text;
    member.heard = static_cast<double>(reply.items[i + 1].integer) / 1000;
    fleet.push_back(std::move(member));
  }
  std::sort(fleet.begin(), fleet.end(),
            [](const Member& a, const Member& b) { return a.name < b.name; });
  return fleet;
}

}  // namespace

Member read_member(JsonValue value) {
  Member member;
  const auto text = [&value](const char* key) {
    return excerpt(std::string(value[key].string().value_or("")), kLongest);
  };
  member.name = text("name");
  member.host = text("host");
  member.pid = value["pid"].integer().value_or(0);
  member.version = text("version");
  member.uptime = number_in(value["uptime_s"]);
  member.ready = value["ready"].boolean().value_or(false);
  member.reason = text("reason");
  member.workers_ready = value["workers_ready"].integer().value_or(0);
  member.workers_wanted = value["workers_wanted"].integer().value_or(0);
  member.in_hand = value["in_hand"].integer().value_or(0);
  member.completed = value["completed"].integer().value_or(0);
  member.heard = number_in(value["heard_s"]);
  return member;
}

JsonBuilder fleet_as_json(const std::vector<Member>& fleet) {
  JsonBuilder out = JsonBuilder::array();
  for (const Member& member : fleet) {
    JsonBuilder one = as_json(member);
    one.number("heard_s", member.heard).boolean("silent", member.silent());
    out.push(std::move(one));
  }
  return out;
}

Task<std::vector<Member>> Fleet::tell(const Member& own, Cancel& cancel) {
  std::vector<std::string> arguments = {own.name, as_json(own).print()};
  const RedisReply reply = co_await queue_.run("fleet", std::move(arguments), cancel);
  co_return read_fleet(reply);
}

Task<std::vector<Member>> Fleet::list(Cancel& cancel) {
  const RedisReply reply = co_await queue_.run("fleet", std::vector<std::string>(), cancel);
  co_return read_fleet(reply);
}

Task<> Fleet::leave(std::string name, Cancel& cancel) {
  std::vector<std::string> arguments = {std::move(name), ""};
  co_await queue_.run("fleet", std::move(arguments), cancel);
}

}  // namespace ryumem
