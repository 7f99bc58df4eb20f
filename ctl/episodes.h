// Episodes out of a text, as jobs like those of the Ryumem server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/queue/job.h"

namespace ryumem {

struct Producer {
  std::string user_id = "demo_user";
  std::string customer_id = "demo";
  std::string api_key;
  int max_retries = 3;
  std::size_t remembered = 3;  // earlier episodes that a job's context tells of

  Producer() = default;
};

/// The episodes of a text: its blocks of lines between empty lines. A block whose first line begins
/// with '#' is a remark.
std::vector<std::string> split_episodes(std::string_view text);

/// One job per episode, in order, with fresh ids, and the context as the server writes it: the
/// first 100 characters of each of the last episodes.
std::vector<Job> make_jobs(const std::vector<std::string>& episodes, const Producer& producer);

/// A random UUID, version 4. Throws Failure(Kind::system).
std::string new_uuid();

}  // namespace ryumem
