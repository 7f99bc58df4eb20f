// A dead letter as lists show it: dead_list.lua gives them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/net/redis.h"

namespace ryumem {

struct Letter {
  std::string id;
  std::string kind;
  std::string cause;
  std::string at;    // when it died, in ms since 1970, as text
  std::string told;  // '0', '1', or why the server will not be told
  std::int64_t attempts = 0;
  bool untold = false;  // the server has still to be told

  Letter() = default;
  /// "yes", "no", or why not.
  std::string told_in_words() const;
};

/// The letters in a reply of dead_list.lua.
std::vector<Letter> read_letters(const RedisReply& reply);

}  // namespace ryumem
