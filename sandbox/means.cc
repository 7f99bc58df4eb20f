#include "sandbox/means.h"

#include <array>
#include <functional>

#include "common/base/failure.h"
#include "common/base/json_build.h"

namespace ryumem::sandbox {
namespace {

constexpr std::array<std::string_view, 4> kNames{"schema", "tool", "json", "plain"};

[[noreturn]] void reject(const std::string& what) { throw Failure(Kind::rejected, what); }

void for_each_word(const JsonValue& request, const char* key,
                   const std::function<void(const std::string&)>& use) {
  if (!request.has(key)) return;
  if (request[key].type() != JsonValue::Type::array)
    reject("\"" + std::string(key) + "\" is not a list");
  for (const JsonValue& item : request[key].items()) {
    if (!item.string()) reject("\"" + std::string(key) + "\" holds what is not a string");
    use(std::string(*item.string()));
  }
}

JsonBuilder list_of(const std::set<Means>& means, const std::set<std::string>& more) {
  JsonBuilder list = JsonBuilder::array();
  for (const Means one : means) list.push_string(name(one));
  for (const std::string& one : more) list.push_string(one);
  return list;
}

}  // namespace

std::string_view name(Means means) { return kNames.at(static_cast<std::size_t>(means)); }

std::optional<Means> means_from(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames.at(i) == name) return static_cast<Means>(i);
  return std::nullopt;
}

void Manners::refuse(const std::string& what) {
  const auto means = means_from(what);
  if (what.empty() || means == Means::plain)
    reject("\"" + what + "\" is nothing that can be refused");
  if (means)
    refused_means_.insert(*means);
  else
    refused_members_.insert(what);
}

void Manners::ignore(const std::string& what) {
  const auto means = means_from(what);
  if (!means || means == Means::plain) reject("\"" + what + "\" is not one of schema, tool, json");
  ignored_.insert(*means);
}

void Manners::set(const JsonValue& request) {
  if (request.type() != JsonValue::Type::object)
    reject("the body is not {\"refuses\":[...],\"ignores\":[...],\"status\":N}");
  for (const auto& [key, value] : request.fields())
    if (key != "refuses" && key != "ignores" && key != "status")
      reject("\"" + std::string(key) + "\" is not known");
  Manners manners;
  for_each_word(request, "refuses", [&](const std::string& what) { manners.refuse(what); });
  for_each_word(request, "ignores", [&](const std::string& what) { manners.ignore(what); });
  if (request.has("status")) {
    const auto status = request["status"].integer();
    if (status != 400 && status != 422 && status != 501)
      reject("\"status\" is not one of 400, 422, 501");
    manners.status_ = static_cast<int>(*status);
  }
  *this = manners;
}

std::string Manners::json() const {
  JsonBuilder json = JsonBuilder::object();
  json.add("refuses", list_of(refused_means_, refused_members_))
      .add("ignores", list_of(ignored_, {}))
      .integer("status", status_);
  return json.print();
}

std::optional<std::string> Manners::refused_member(const JsonValue& request) const {
  for (const std::string& member : refused_members_) {
    if (request.has(member)) return member;
    for (const auto& [key, value] : request.fields())
      if (value.type() == JsonValue::Type::object && value.has(member)) return member;
  }
  return std::nullopt;
}

}  // namespace ryumem::sandbox
