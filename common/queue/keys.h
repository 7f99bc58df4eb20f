// The only place that knows a Redis key. The first four are the peers' (the Ryumem server and the
// Python worker know them); the others are ours and live beside them under the same prefix.
#pragma once

#include <string>
#include <string_view>

namespace ryumem {

class Keys {
 public:
  explicit Keys(std::string prefix = "ryumem:") : prefix_(std::move(prefix)) {}

  std::string pending() const { return prefix_ + "extraction_jobs"; }
  std::string processing() const { return prefix_ + "extraction_processing"; }
  std::string job(std::string_view id) const { return job_prefix() + std::string(id); }
  std::string result(std::string_view id) const { return prefix_ + "result:" + std::string(id); }

  /// For scripts that meet ids only inside Redis.
  std::string job_prefix() const { return prefix_ + "job:"; }
  /// Hash: id of a job in the processing list -> token of the process that claimed it.
  std::string owners() const { return prefix_ + "owners"; }

 private:
  std::string prefix_;
};

}  // namespace ryumem
