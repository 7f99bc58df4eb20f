// The parts of a status in words; status and top are put together from them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ctl/status_view.h"

namespace ryumem {

/// "12 s", "3 min", "2 h 5 min", "3 d 4 h".
std::string duration_text(double seconds);
/// "512 kB", "1.2 GB".
std::string bytes_text(std::int64_t bytes);

/// "3 pending (the oldest for 12 s), 1 processing, …"
std::string queue_text(const StatusView& view);
/// "chat_model: open (status 403: …), next try in 12 s"
std::string circuit_text(const CircuitLine& circuit);
/// "120345 tokens in, 2222 out, …"; "" if nothing is known.
std::string spend_text(const StatusView& view);

/// The table of the workers: its head, then a line per worker.
std::string worker_head();
std::string worker_text(const WorkerLine& worker);

/// The table of the supervisors, likewise.
std::string member_head();
std::string member_text(const Member& member);

/// All of it, as `ryumemctl status` prints it.
std::string status_as_text(const StatusView& view);
/// {"source","supervisor","queue","paused","fleet",…}: docs/ryumemctl.md.
std::string status_as_json(const StatusView& view);

}  // namespace ryumem
