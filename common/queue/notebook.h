// What was found out by trying and need not be tried again for a while: kept in Redis for the
// processes that start later. Nothing is lost with it but the trying.
#pragma once

#include <optional>
#include <string>

#include "common/net/redis.h"
#include "common/queue/keys.h"

namespace ryumem {

class Notebook {
 public:
  /// `redis` outlives it.
  Notebook(Redis& redis, Keys keys) : redis_(redis), keys_(std::move(keys)) {}

  // Both wait for a connection until `cancel`, and throw Failure if Redis does not answer.

  /// What stands under that name, if it still does.
  Task<std::optional<std::string>> read(std::string name, Cancel& cancel);
  Task<> write(std::string name, std::string text, Seconds lifetime, Cancel& cancel);

 private:
  Redis& redis_;
  Keys keys_;
};

}  // namespace ryumem
