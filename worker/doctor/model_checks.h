// Do the models answer, with what we need? At most two small calls that are paid for.
#pragma once

#include "common/ops/checkup.h"
#include "common/ops/options.h"
#include "worker/llm/chat_model.h"
#include "worker/llm/embedder.h"

namespace ryumem {

/// Asks the chat model for the entities of one short sentence, and the embedding model for one
/// vector.
Task<> check_models(ChatModel& chat, Embedder& embedder, const Settings& settings, Checkup& checkup,
                    Cancel& cancel);

}  // namespace ryumem
