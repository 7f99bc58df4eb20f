#include "ctl/episodes.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/base/clock.h"
#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

// The first `count` characters, not bytes, of UTF-8 text.
std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size()) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (begins && count-- == 0) break;
    ++at;
  }
  return text.substr(0, at);
}

std::optional<std::string> context_of(const std::vector<std::string>& episodes, std::size_t index,
                                      std::size_t remembered) {
  if (index == 0 || remembered == 0) return std::nullopt;
  std::string out = "Previous episodes:";
  for (std::size_t i = index - std::min(index, remembered); i < index; ++i)
    out += fmt::format("\n- Episode: {}...", first_characters(episodes[i], 100));
  return out;
}

}  // namespace

std::vector<std::string> split_episodes(std::string_view text) {
  std::vector<std::string> episodes;
  std::string block;
  const auto end_block = [&] {
    if (!block.empty() && block.front() != '#') episodes.push_back(block);
    block.clear();
  };
  for (const std::string& line : split(text, '\n')) {
    if (trim(line).empty())
      end_block();
    else
      block += (block.empty() ? "" : "\n") + std::string(trim(line));
  }
  end_block();
  return episodes;
}

std::vector<Job> make_jobs(const std::vector<std::string>& episodes, const Producer& producer) {
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    Job job;
    job.id = new_uuid();
    job.episode_uuid = new_uuid();
    job.content = episodes[i];
    job.user_id = producer.user_id;
    job.customer_id = producer.customer_id;
    job.api_key = producer.api_key;
    job.context = context_of(episodes, i, producer.remembered);
    job.created_at = utc_timestamp();
    job.max_retries = producer.max_retries;
    jobs.push_back(std::move(job));
  }
  return jobs;
}

std::string new_uuid() {
  std::array<std::uint8_t, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw Failure(Kind::system, "the kernel gives no random bytes");
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += fmt::format("{:02x}", bytes[i]);
  }
  return out;
}

}  // namespace ryumem
