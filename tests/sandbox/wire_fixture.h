// One request to a wire of the sandbox, without a socket.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "common/base/failure.h"
#include "common/base/json.h"
#include "sandbox/wire.h"

namespace ryumem::sandbox::test {

inline constexpr const char* kEntitiesSchema =
    R"({"type":"object","properties":{"entities":{"type":"array","items":{"type":"string"}}},)"
    R"("required":["entities"],"additionalProperties":false})";

class WireTest : public testing::Test {
 protected:
  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body,
                 Malformed malformed = Malformed::none) {
    const HttpQuery query = query_of(method, path, body);
    return find_wire(query)->answer(query, Desk(model_, manners_, malformed));
  }
  HttpAnswer post(const std::string& path, const std::string& body,
                  Malformed malformed = Malformed::none) {
    return ask("POST", path, body, malformed);
  }
  Refusal complain(const std::string& path, const std::string& body, Trouble trouble,
                   Hint hint = Hint::usual) {
    const HttpQuery query = query_of("POST", path, body);
    Complaint complaint;
    complaint.trouble = trouble;
    complaint.hint = hint;
    complaint.wait = Millis(1500);
    return find_wire(query)->complain(query, complaint);
  }
  HttpQuery query_of(const std::string& method, const std::string& path, const std::string& body) {
    HttpQuery query;
    query.method = method;
    query.path = path;
    query.body = body;
    query.headers = headers_;
    return query;
  }
  /// What is at a place such as "choices/0/message" of a JSON text, as JSON; a string as it is.
  static std::string at(const std::string& json, const std::string& place) {
    const JsonDocument document = JsonDocument::parse(json);
    JsonValue value = document.root();
    for (std::size_t from = 0; from <= place.size();) {
      const std::size_t to = std::min(place.find('/', from), place.size());
      const std::string key = place.substr(from, to - from);
      const bool number = key.find_first_not_of("0123456789") == std::string::npos;
      const std::vector<JsonValue> items = value.items();
      if (number && std::stoul(key) >= items.size()) return "(none)";
      value = number ? items[std::stoul(key)] : value[key];
      from = to + 1;
    }
    if (value.type() == JsonValue::Type::absent) return "(none)";
    return value.string() ? std::string(*value.string()) : value.text();
  }

  std::map<std::string, std::string> headers_;
  Script script_;
  Model model_{script_, 8};
  Manners manners_;
};

}  // namespace ryumem::sandbox::test
