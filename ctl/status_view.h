// What there is to say of the fleet: as a supervisor tells it in /status.json, or, when none
// answers, as far as Redis knows it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/http_client.h"
#include "common/ops/options.h"
#include "common/queue/fleet.h"
#include "common/queue/pauses.h"
#include "common/queue/queue.h"

namespace ryumem {

struct WorkerLine {
  std::int64_t slot = 0;
  std::optional<std::int64_t> pid;
  std::string state;
  std::optional<double> age;        // seconds
  std::optional<double> heartbeat;  // since the last
  std::optional<std::int64_t> memory;
  std::int64_t starts = 0;
  std::int64_t done = 0;
  std::int64_t in_hand = 0;
  std::string doing;  // "3 extract_entities, 1 complete"
  WorkerLine() = default;
};

struct CircuitLine {
  std::string dependency;
  std::string state;
  std::string reason;
  std::optional<double> next_probe;  // in seconds
  CircuitLine() = default;
};

/// A job in the hands of a worker.
struct WorkLine {
  std::string id;
  std::string step;
  double age = 0;
  double step_age = 0;
  WorkLine() = default;
};

struct DeadLine {
  std::string id;
  std::string kind;
  std::string cause;
  double at = 0;  // seconds since 1970
  DeadLine() = default;
};

struct StatusView {
  bool live = false;      // a supervisor told it
  std::string source;     // its URL, or Redis by name
  std::string no_answer;  // why no supervisor told it
  std::string json;       // what it told, as it came
  std::string version;
  std::string host;
  std::int64_t pid = 0;
  double uptime = 0;
  bool ready = false;
  std::vector<std::string> reasons;           // why not
  std::map<std::string, std::int64_t> queue;  // jobs by state
  std::optional<double> oldest_pending;       // seconds
  std::map<std::string, std::int64_t> jobs;   // by outcome, since the supervisor's start
  std::map<std::string, double> spend;
  std::vector<WorkerLine> workers;
  std::vector<CircuitLine> circuits;
  std::vector<WorkLine> work;  // the longest first
  std::vector<DeadLine> dead;  // the newest first, not all
  std::vector<Pause> pauses;
  std::vector<Member> fleet;  // all supervisors of the queue
  std::string name;           // which of them told it

  StatusView() = default;
};

/// The supervisor's address on this host, from --listen; a wildcard becomes the loopback address.
std::string supervisor_url(const Settings& settings);

/// Reads a /status.json. Members that are not there are left out of the view: a supervisor may be
/// older or newer. Throws Failure(Kind::bad_answer) for what is no JSON object.
StatusView read_status(const std::string& json);

/// Asks the supervisor at `url`. Nothing, with `trouble` saying why, if it does not answer so.
Task<std::optional<StatusView>> ask_supervisor(HttpClient& http, std::string url,
                                               std::string& trouble, Cancel& cancel);

/// What Redis alone knows.
Task<StatusView> ask_redis(Queue& queue, Cancel& cancel);

}  // namespace ryumem
