// Reading JSON that came from outside. simdjson does the work: it is strict, checks UTF-8, carries
// lengths (a NUL inside a string truncates nothing) and stops at 1024 levels. Its header stays out
// of ours, since it costs two seconds of compile time (decision record 0002).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ryumem {

/// A value inside a JsonDocument: a cheap view, valid as long as the document lives.
/// Reading it as what it is not gives nothing, never an error.
class JsonValue {
 public:
  enum class Type { absent, null, boolean, integer, number, string, array, object };

  JsonValue() = default;

  Type type() const;
  /// The type in words for error messages, e.g. "a string".
  std::string_view type_name() const;

  std::optional<std::string_view> string() const;
  std::optional<std::int64_t> integer() const;
  std::optional<double> number() const;
  std::optional<bool> boolean() const;

  /// The member of that name (the last one, as Python reads duplicates), or an absent value.
  JsonValue operator[](std::string_view key) const;
  bool has(std::string_view key) const { return (*this)[key].type() != Type::absent; }

  /// The value as JSON text without white space; "null" for an absent one.
  std::string text() const;

  std::vector<JsonValue> items() const;
  std::vector<std::pair<std::string_view, JsonValue>> fields() const;

 private:
  friend class JsonDocument;
  struct Access;  // the only way between a JsonValue and simdjson, in json.cc
  // An opaque copy of simdjson::dom::element; json.cc asserts that it fits.
  alignas(8) std::byte element_[16]{};
  bool present_ = false;
};

/// Parsed JSON text. Owns its strings; movable.
class JsonDocument {
 public:
  /// Throws Failure(Kind::bad_answer) with the parser's reason when `text` is not JSON.
  static JsonDocument parse(std::string_view text);

  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  JsonValue root() const;

 private:
  struct Parsed;
  explicit JsonDocument(std::unique_ptr<Parsed> parsed);
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace ryumem
