// Episodes as JSON lines: one object per line, as another program writes them.
#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <string_view>

#include "ctl/episodes.h"

namespace ryumem {

/// A longer line is no episode of ours.
inline constexpr std::size_t kLongestLine = 16U << 20U;

/// The next line without its end; false at the end of the stream. Of a line that is longer than
/// kLongestLine only so much is kept, and `too_long` is set.
bool next_line(std::istream& stream, std::string& line, bool& too_long);

/// The job that a line describes: {"content": "…"} and, if the producer's own are not meant,
/// "episode_uuid", "user_id", "customer_id", "api_key", "context", "max_retries". A whole job as it
/// stands in Redis will do, too: its id, its time and its counts are made anew. Throws
/// Failure(Kind::usage) that says what is wrong with it.
Job job_of_line(std::string_view line, const Producer& producer);

}  // namespace ryumem
