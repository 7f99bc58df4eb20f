// How firmly a request holds the model to a shape, and how a server takes that: real ones differ
// in what they understand, what they refuse, and what they accept and then forget.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "common/base/json.h"

namespace ryumem::sandbox {

/// The firmest first.
enum class Means { schema, tool, json, plain };
std::string_view name(Means means);
std::optional<Means> means_from(std::string_view name);

/// What the model's face does not do as it is asked, on any wire.
class Manners {
 public:
  /// {"refuses":[…],"ignores":[…],"status":400}: `refuses` are means (schema, tool, json) and
  /// members of requests by their name, `ignores` are means, and `status` (400, 422 or 501) is what
  /// a refusal of means is sent with. Throws Failure(Kind::rejected) naming what is wrong.
  void set(const JsonValue& request);
  /// As set() takes it.
  std::string json() const;

  void refuse(const std::string& what);  // as above; throws as set() does
  void ignore(const std::string& what);

  bool refuses(Means means) const { return refused_means_.contains(means); }
  bool ignores(Means means) const { return ignored_.contains(means); }
  /// The member of the request that is not understood, if one is there: at its top, or one level
  /// below.
  std::optional<std::string> refused_member(const JsonValue& request) const;
  int status() const { return status_; }

 private:
  std::set<Means> refused_means_;
  std::set<std::string> refused_members_;
  std::set<Means> ignored_;
  int status_ = 400;
};

}  // namespace ryumem::sandbox
