// What a model provider is to us: pure functions between our questions and its wire. No I/O, no
// clock, no state; retries, deadlines, permits and counting live in worker/llm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/failure.h"
#include "common/base/json_slice.h"
#include "common/net/http_client.h"
#include "common/ops/options.h"
#include "common/ops/tally.h"
#include "worker/providers/rate_facts.h"

namespace ryumem {

/// Where a model answers and how it is to be asked.
struct Endpoint {
  std::string url;  // without a slash at the end
  std::string model;
  std::string key;            // a secret: only ever in a header
  std::string effort;         // how much the model is to think; empty: as the provider sees fit
  std::string tokens_field;   // OpenAI's wire: what the limit of an answer is called
  int context_tokens = 0;     // Ollama: window to ask for
  int answer_tokens = 0;      // most tokens of an answer; 0: the server's own limit
  int dimensions = 0;         // embeddings: length of a vector
  bool of_the_vendor = true;  // not a compatible server of somebody's own

  Endpoint() = default;
};

/// One question to a model that must answer with JSON of a certain shape.
struct ChatQuestion {
  std::string system;
  std::string user;
  std::string schema;            // JSON Schema, as text
  std::string customer;          // who pays; the provider is not told
  std::shared_ptr<Tally> tally;  // of the job that it is asked for, if any

  ChatQuestion() = default;
};

/// How firmly a model can be held to the shape: the rungs of a ladder, the firmest first.
enum class Rung { schema, tool, json, plain };

/// How a question is put. What an endpoint has refused to understand is left out.
struct Manner {
  Rung rung = Rung::schema;
  std::set<std::string> without;  // parameters by their name on the wire

  Manner() = default;
  explicit Manner(Rung the_rung) : rung(the_rung) {}
};

struct ChatAnswer {
  std::string text;  // what the model said: meant to be JSON, not yet looked at
  std::int64_t tokens_in = 0;
  std::int64_t tokens_out = 0;

  ChatAnswer() = default;
};

/// What a refusal blames in our manner of asking, rather than in the text that was sent.
struct Objection {
  enum class To { nothing, parameter, rung };
  To to = To::nothing;
  std::string parameter;

  Objection() = default;
};

/// Vectors as they came: the reply's text, and where in it each vector stands.
struct EmbeddingAnswer {
  std::shared_ptr<const std::string> document;
  std::vector<NumberArray> vectors;  // in the order of the texts; they point into the document
  std::int64_t tokens_in = 0;        // 0: the provider does not say

  EmbeddingAnswer() = default;
};

/// What one embedding request may hold at most; 0: no limit that is known.
struct EmbeddingLimits {
  std::size_t texts = 0;
  std::size_t tokens_of_all = 0;
  std::size_t tokens_of_one = 0;
};

struct Provider {
  std::string_view name;
  EmbeddingLimits embedding_limits;
  bool forces_tools;  // whether there is such a thing as Rung::tool

  /// The endpoint that the settings name for this provider. What is asked of it (the model, the
  /// dimensions) is for the caller to fill in.
  Endpoint (*endpoint)(const Settings&);

  HttpRequest (*chat_request)(const Endpoint&, const ChatQuestion&, const Manner&);
  /// Reads a reply of status 200. Throws Failure(Kind::too_long) if it was cut off,
  /// Failure(Kind::refused) if the model declines, Failure(Kind::bad_answer) for one that is not
  /// as promised. Several calls of a tool are one text, each on a line of its own.
  ChatAnswer (*read_chat)(const HttpReply&);
  /// What a reply of another status than 200 blames in the manner of asking.
  Objection (*objection)(const Endpoint&, const HttpReply&, const Manner&);

  HttpRequest (*embedding_request)(const Endpoint&, const std::vector<std::string>& texts);
  /// Reads a reply of status 200; it takes the body, which the vectors go on living in.
  EmbeddingAnswer (*read_embedding)(HttpReply);

  /// What a reply of any other status means: outage for what an operator has to mend (the key, the
  /// model, the bill), transient for what passes, with the wait that was asked for, refused for
  /// what the provider will not read, too_long for what does not fit, rejected for the rest.
  Failure (*read_error)(const Endpoint&, const HttpReply&);
  /// What a reply of any status says about the rate that it allows.
  RateFacts (*rate_facts)(const HttpReply&);
};

/// The provider of that name; there must be one (the option table has checked it).
const Provider& provider_named(std::string_view name);

extern const Provider kGemini;
extern const Provider kOpenAi;
extern const Provider kOllama;
extern const Provider kLiteLlm;

/// The kind of failure that a status of a model's HTTP interface stands for, where the provider's
/// own error body does not say more.
Kind kind_of_status(int status);

}  // namespace ryumem
