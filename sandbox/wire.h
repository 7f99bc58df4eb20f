// A wire format of a model provider: its paths, and how its requests and answers look. A further
// provider is one more file and one line in all_wires().
#pragma once

#include <string>
#include <vector>

#include "common/net/http_message.h"
#include "sandbox/malformed.h"
#include "sandbox/means.h"
#include "sandbox/model.h"
#include "sandbox/trouble.h"

namespace ryumem::sandbox {

/// What answers a request.
struct Desk {
  const Model& model;
  const Manners& manners;
  Malformed malformed;

  Desk(const Model& the_model, const Manners& the_manners, Malformed the_malformed)
      : model(the_model), manners(the_manners), malformed(the_malformed) {}
};

struct Wire {
  const char* provider;
  bool (*takes)(const HttpQuery& query);
  /// Reads the request, asks the model, and says the answer or the error as the provider would.
  HttpAnswer (*answer)(const HttpQuery& query, const Desk& desk);
  /// What goes wrong, in the provider's words.
  Refusal (*complain)(const HttpQuery& query, const Complaint& complaint);
};

extern const Wire kGeminiWire;   // gemini_wire.cc
extern const Wire kLiteLlmWire;  // openai_wire.cc
extern const Wire kOpenAiWire;   // openai_wire.cc
extern const Wire kOllamaWire;   // ollama_wire.cc

/// In the order in which they are asked whether a request is theirs.
const std::vector<const Wire*>& all_wires();

/// The wire that takes this request, or nothing.
const Wire* find_wire(const HttpQuery& query);

/// What is wrong with the key or the model of a request: a key that begins with "bad", a model that
/// begins with "missing" or "retired". Any other is good.
Trouble wrong_access(std::string_view key, std::string_view model);

}  // namespace ryumem::sandbox
