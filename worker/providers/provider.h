// What a model provider is to us: pure functions between our questions and its wire. No I/O, no
// clock, no state; retries, deadlines, permits and counting live in worker/llm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/failure.h"
#include "common/base/json_slice.h"
#include "common/net/http_client.h"

namespace ryumem {

/// Where a model answers and how it is to be asked.
struct Endpoint {
  std::string url;  // without a slash at the end
  std::string model;
  int context_tokens = 0;  // chat: window to ask for
  int dimensions = 0;      // embeddings: length of a vector

  Endpoint() = default;
};

/// One question to a model that must answer with JSON of a certain shape.
struct ChatQuestion {
  std::string system;
  std::string user;
  std::string schema;  // JSON Schema, as text

  ChatQuestion() = default;
};

struct ChatAnswer {
  std::string text;  // what the model said: meant to be JSON, not yet looked at
  std::int64_t tokens_in = 0;
  std::int64_t tokens_out = 0;

  ChatAnswer() = default;
};

/// Vectors as they came: the reply's text, and where in it each vector stands.
struct EmbeddingAnswer {
  std::shared_ptr<const std::string> document;
  std::vector<NumberArray> vectors;  // in the order of the texts; they point into the document
  std::int64_t tokens_in = 0;

  EmbeddingAnswer() = default;
};

struct Provider {
  std::string_view name;

  HttpRequest (*chat_request)(const Endpoint&, const ChatQuestion&);
  /// Reads a reply of status 200. Throws Failure(Kind::bad_answer) for one that is not as promised
  /// or was cut off, Failure(Kind::refused) if the model declines.
  ChatAnswer (*read_chat)(const HttpReply&);

  HttpRequest (*embedding_request)(const Endpoint&, const std::vector<std::string>& texts);
  /// Reads a reply of status 200; it takes the body, which the vectors go on living in.
  EmbeddingAnswer (*read_embedding)(HttpReply);

  /// What a reply of any other status means.
  Failure (*read_error)(const Endpoint&, const HttpReply&);
};

/// The provider of that name; there must be one (the option table has checked it).
const Provider& provider_named(std::string_view name);

extern const Provider kOllama;

/// The kind of failure that a status of a model's HTTP interface stands for, where the provider's
/// own error body does not say more.
Kind kind_of_status(int status);

}  // namespace ryumem
