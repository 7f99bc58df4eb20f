#include "sandbox/wire.h"

namespace ryumem::sandbox {

const std::vector<const Wire*>& all_wires() {
  static const std::vector<const Wire*> wires{&kGeminiWire, &kLiteLlmWire, &kOpenAiWire,
                                              &kOllamaWire};
  return wires;
}

const Wire* find_wire(const HttpQuery& query) {
  for (const Wire* wire : all_wires())
    if (wire->takes(query)) return wire;
  return nullptr;
}

Trouble wrong_access(std::string_view key, std::string_view model) {
  if (key.starts_with("bad")) return Trouble::bad_key;
  if (model.starts_with("missing")) return Trouble::model_missing;
  return model.starts_with("retired") ? Trouble::model_retired : Trouble::none;
}

}  // namespace ryumem::sandbox
