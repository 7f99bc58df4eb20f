// The ledger: every call that either face got, in the order of arrival.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/net/http_message.h"

namespace ryumem::sandbox {

enum class Face { server, model };
std::string_view name(Face face);

/// Bounds of the memory it takes: beyond them the oldest calls are forgotten.
struct LedgerLimits {
  std::size_t entries = 200'000;
  std::size_t bytes = 256U << 20;
};

class Ledger {
 public:
  explicit Ledger(LedgerLimits limits) : limits_(limits) {}

  /// Notes a call that has just come and gives its sequence number, from 1.
  std::uint64_t begin(Face face, const HttpQuery& query);

  /// Notes how it ended: the status sent (0 if none was), what was sent, which fault was injected.
  /// A call that has been forgotten meanwhile is passed over.
  void finish(std::uint64_t sequence, int status, const std::string& answer,
              const std::string& fault);

  struct Filter {
    std::uint64_t since = 0;  // only later sequence numbers
    std::string path;         // only paths that begin so
    bool vectors = false;     // bodies as they came, where still kept; else vectors as lengths
  };
  /// One JSON object per line.
  std::string lines(const Filter& filter) const;

  void clear();
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t sequence = 0;
    std::string at;
    Monotonic::time_point came;
    Face face = Face::server;
    std::string method;
    std::string path;
    std::optional<std::string> api_key;
    std::optional<std::string> internal_key;
    std::optional<std::string> authorization;
    std::string content_type;
    std::string body;   // without its vectors
    std::string whole;  // as it came, if it had vectors
    std::size_t in_flight = 0;
    bool finished = false;
    int status = 0;
    double milliseconds = 0;
    std::string answer;
    std::string fault;
    std::size_t bytes() const;
  };
  static std::string line(const Entry& entry, bool vectors);
  void shrink();

  LedgerLimits limits_;
  std::deque<Entry> entries_;
  std::uint64_t last_ = 0;
  std::uint64_t whole_kept_from_ = 1;  // earlier calls have lost their vectors
  std::size_t bytes_ = 0;
  std::size_t in_flight_[2] = {0, 0};
};

}  // namespace ryumem::sandbox
