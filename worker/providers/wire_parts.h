// What several wires have in common, put together once.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/json.h"
#include "worker/providers/provider.h"

namespace ryumem {

/// The name and the purpose of the one tool a model is made to call, and of its schema.
inline constexpr std::string_view kToolName = "extraction";
inline constexpr std::string_view kToolPurpose = "Takes what was extracted from the text.";

/// Most tokens of an answer where nothing else is configured: enough for hundreds of items, and the
/// thoughts of models that think count as well.
inline constexpr int kAnswerTokens = 16'384;

/// How much of a reply an error message shows.
inline constexpr std::size_t kReplyExcerpt = 300;

/// A 200 may hold an error all the same. Throws Failure(Kind::transient), or outage if no
/// repetition can help; Failure(Kind::bad_answer) for what is no object.
void refuse_error_body(const HttpReply& reply, const JsonValue& root);

/// `failure` with what the operator can do about it: which key to check (`key_variable`), which
/// model to take instead of a retired one.
Failure with_advice(const Failure& failure, const Endpoint& endpoint, int status,
                    std::string_view key_variable);

/// A parameter that we sent and can do without: a word that errors call it by, and its name.
using SentParameter = std::pair<std::string_view, std::string_view>;

/// Provider::objection, given what this wire calls its means of holding a model to a shape.
Objection objection_to(const HttpReply& reply, const Manner& manner,
                       const std::vector<SentParameter>& sent,
                       const std::vector<std::string_view>& words_of_rungs);

}  // namespace ryumem
