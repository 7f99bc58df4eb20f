// What a prompt holds: text is delimited as <NAME-HEX>...</NAME-HEX>, so that nothing inside it can
// pass for an instruction. This finds the pieces again. A question of the Python worker has no
// blocks; of those the one about relationships is read by its lines.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ryumem::sandbox {

/// The inside of the last `<NAME-HEX>…</NAME-HEX>` block (HEX: 8 or more hex digits), trimmed.
std::optional<std::string> prompt_block(std::string_view prompt, std::string_view name);

struct Prompt {
  std::string text;     // the block "text"; what follows `Text: `; or all of it
  std::string user_id;  // the block "user", or empty
  std::vector<std::string>
      names;  // the JSON array in the block "entities", or the line `Entities: a, b`
};
Prompt read_prompt(const std::string& prompt);

}  // namespace ryumem::sandbox
