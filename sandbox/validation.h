// Request bodies checked as FastAPI checks them: every fault of a body is reported, with its place.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/json.h"
#include "common/base/json_build.h"
#include "common/net/http_message.h"

namespace ryumem::sandbox {

class Validation {
 public:
  /// What is not a JSON object is the one fault of the body then.
  explicit Validation(const std::string& body);

  // Each notes a fault and gives an empty value when the member is missing or of another type.
  std::string string(const char* key);
  std::string optional_string(const char* key);  // missing or null: ""
  std::int64_t integer(const char* key);
  double number(const char* key, double if_missing);
  std::vector<float> numbers(const char* key);

  bool passed() const { return faults_ == 0; }
  /// 422 with {"detail":[{"loc":[…],"msg":…,"type":…}]}.
  HttpAnswer refusal();

 private:
  void fault(JsonBuilder place, const char* message, const char* type);
  void fault(const char* key, const char* message, const char* type);
  bool missing(const char* key);

  std::vector<JsonDocument> document_;  // one, or none if the body is not an object
  JsonBuilder detail_ = JsonBuilder::array();
  int faults_ = 0;
};

}  // namespace ryumem::sandbox
