// What we ask a model, word for word. A change of a prompt is a change of what is extracted: raise
// the version, so that logs tell which one an episode was read with.
#pragma once

#include <string>
#include <string_view>

#include "common/queue/job.h"
#include "worker/llm/facts.h"
#include "worker/providers/provider.h"

namespace ryumem {

inline constexpr int kPromptVersion = 1;

/// `text` is the job's content or a part of it.
ChatQuestion ask_for_entities(const Job& job, std::string_view text);
ChatQuestion ask_for_relationships(const Job& job, std::string_view text, const Entities& entities);

/// The same question once more, with the reason why the answer to it could not be used.
ChatQuestion ask_again(ChatQuestion question, std::string_view reason);

}  // namespace ryumem
