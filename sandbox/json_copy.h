// JSON that was read, as JSON to be sent.
#pragma once

#include <string>

#include "common/base/json.h"
#include "common/base/json_build.h"

namespace ryumem::sandbox {

/// The same value, numbers with as many digits as they need. An absent value becomes null.
JsonBuilder copy_json(const JsonValue& value);

/// Its text without white space.
std::string json_text(const JsonValue& value);

/// `text` as it is when it is JSON, else as a JSON string: fit to stand in a document.
JsonBuilder json_or_string(const std::string& text);

}  // namespace ryumem::sandbox
