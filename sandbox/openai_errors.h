// Errors as OpenAI and the LiteLLM proxy write them.
#pragma once

#include <string>
#include <string_view>

#include "sandbox/means.h"
#include "sandbox/trouble.h"

namespace ryumem::sandbox {

/// Who speaks OpenAI's wire.
enum class Dialect { openai, litellm };

/// A request that is not as it should be; `param` is the member that is to blame, empty for none.
HttpAnswer openai_invalid(Dialect dialect, const std::string& message,
                          const std::string& param = "", const std::string& code = "");

/// What goes wrong, but for what is no error: a refusal, a text that a filter has emptied.
HttpAnswer openai_error(Dialect dialect, Trouble trouble, std::string_view model,
                        const Complaint& complaint);

/// A server that does not understand these means; 422 is said as FastAPI says it.
HttpAnswer openai_not_understood(Dialect dialect, Means means, int status);

/// A path that is not there.
HttpAnswer openai_no_path(const HttpQuery& query);

}  // namespace ryumem::sandbox
