// A wire format of a model provider: its paths, and how its requests and answers look. A further
// provider is one more file and one line in all_wires().
#pragma once

#include <string>
#include <vector>

#include "common/net/http_message.h"
#include "sandbox/malformed.h"
#include "sandbox/model.h"

namespace ryumem::sandbox {

struct Wire {
  const char* provider;
  bool (*takes)(const std::string& path);
  /// Reads the request, asks the model, and says the answer or the error as the provider would.
  HttpAnswer (*answer)(const HttpQuery& query, const Model& model, Malformed malformed);
};

/// ollama_wire.cc
extern const Wire kOllamaWire;

/// In the order in which they are asked whether a path is theirs.
const std::vector<const Wire*>& all_wires();

/// The wire that takes this path, or nothing.
const Wire* find_wire(const std::string& path);

}  // namespace ryumem::sandbox
