#include "sandbox/wire.h"

namespace ryumem::sandbox {

const std::vector<const Wire*>& all_wires() {
  static const std::vector<const Wire*> wires{&kOllamaWire};
  return wires;
}

const Wire* find_wire(const std::string& path) {
  for (const Wire* wire : all_wires())
    if (wire->takes(path)) return wire;
  return nullptr;
}

}  // namespace ryumem::sandbox
