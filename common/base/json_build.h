// Building the JSON that we send. cJSON does the work (decision record 0002); a NUL character
// inside a string is sent as U+FFFD, since cJSON's strings end at it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct cJSON;

namespace ryumem {

/// One JSON value under construction. Owns what was added to it.
class JsonBuilder {
 public:
  static JsonBuilder object();
  static JsonBuilder array();
  /// `json` must be JSON text already; it is sent as it is, byte for byte.
  static JsonBuilder raw(std::string_view json);

  JsonBuilder(JsonBuilder&&) noexcept = default;
  JsonBuilder& operator=(JsonBuilder&&) noexcept = default;
  ~JsonBuilder() = default;

  // Members of an object, in the order they are added.
  JsonBuilder& string(const char* key, std::string_view value);
  JsonBuilder& integer(const char* key, std::int64_t value);
  JsonBuilder& number(const char* key, double value);
  JsonBuilder& boolean(const char* key, bool value);
  JsonBuilder& null(const char* key);
  JsonBuilder& add(const char* key, JsonBuilder value);

  // Elements of an array.
  JsonBuilder& push(JsonBuilder value);
  JsonBuilder& push_string(std::string_view value);

  /// The text without white space.
  std::string print() const;

 private:
  struct Delete {
    void operator()(cJSON* node) const noexcept;
  };
  explicit JsonBuilder(cJSON* node);
  JsonBuilder& take(const char* key, cJSON* node);
  std::unique_ptr<cJSON, Delete> node_;
};

}  // namespace ryumem
