#include "worker/llm/ends.h"

#include "common/base/text.h"
#include "worker/llm/names.h"

namespace ryumem {
namespace {

// A shorter word is in too many names to tell one.
constexpr std::size_t kShortestAlias = 3;  // bytes

// Are the words of `part` in `whole`, one behind the other?
bool has_words(const std::string& whole, const std::string& part) {
  return (" " + whole + " ").find(" " + part + " ") != std::string::npos;
}

}  // namespace

KnownEnds::KnownEnds(const Entities& entities, std::string user, const Voice& voice)
    : user_(std::move(user)), voice_(voice) {
  for (const Entity& entity : entities) {
    exact_[entity.name] = entity.name;
    const std::string loose = loose_name(entity.name);
    if (loose.empty()) continue;
    const auto [at, first] = loose_.emplace(loose, entity.name);
    if (!first) at->second.clear();
    all_.emplace_back(loose, entity.name);
  }
}

KnownEnds::End KnownEnds::find(std::string_view text) const {
  End end;
  const std::string name = normal_name(trim(text));
  const auto exact = exact_.find(name);
  if (exact != exact_.end()) {
    end.name = name;
    return end;
  }
  if (voice_.is_self(text)) {
    end.name = exact_.count(user_) > 0 ? user_ : "";
    return end;
  }
  end.pronoun = voice_.is_pronoun(text);
  const std::string loose = loose_name(text);
  if (end.pronoun || loose.empty()) return end;
  const auto same = loose_.find(loose);
  if (same != loose_.end()) {
    end.name = same->second;
  } else if (loose.size() >= kShortestAlias) {
    bool unique = true;
    for (const auto& [other, candidate] : all_) {
      const bool fits =
          has_words(other, loose) || (other.size() >= kShortestAlias && has_words(loose, other));
      if (!fits || candidate == end.name) continue;
      unique = unique && end.name.empty();
      end.name = candidate;
    }
    if (!unique) end.name.clear();
  }
  end.alias = !end.name.empty();
  return end;
}

}  // namespace ryumem
