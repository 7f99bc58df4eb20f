// Whom a relationship is about: the closed world of one job's entities. What a model calls the ends
// of a relationship is held against their names; what is none of them, or may be two, is nobody.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/llm/facts.h"
#include "worker/llm/voice.h"

namespace ryumem {

class KnownEnds {
 public:
  /// `user`: the normalised name of the author, whom the first person means.
  KnownEnds(const Entities& entities, std::string user, const Voice& voice);

  struct End {
    std::string name;    // the entity's, or empty
    bool alias = false;  // it was called by another name
    bool pronoun = false;

    End() = default;
  };
  /// The entity of exactly that name, once normalised; else the only one whose loose name is the
  /// same ("The Louvre", "louvre"), else the only one whose loose name has all of its words or the
  /// other way round ("Alice" for alice_smith).
  End find(std::string_view text) const;

 private:
  std::string user_;
  Voice voice_;
  std::map<std::string, std::string> exact_;              // what it is called -> name
  std::map<std::string, std::string> loose_;              // empty name: more than one
  std::vector<std::pair<std::string, std::string>> all_;  // loose name, name
};

}  // namespace ryumem
