// The whole checkup of an installation, for ryumemctl doctor and ryumemd --doctor.
#pragma once

#include <string>
#include <vector>

#include "common/async/task.h"
#include "common/ops/checkup.h"
#include "common/ops/options.h"

namespace ryumem {

struct DoctorOrders {
  bool paid = true;    // may models be asked?
  int supervisor = 0;  // pid of a running ryumemd of this host; 0: none is known
  DoctorOrders() = default;
};

/// Looks at Redis, the server, the models and the system, each whatever became of the others, and
/// changes nothing. `settings` must be complete. It ends within a few minutes, whatever hangs.
Task<Checkup> examine(Settings settings, DoctorOrders orders);

/// The same as a program of its own, with [--no-paid] [--json]: prints what it found. Gives the
/// exit code: 1 if something failed. Throws Failure(Kind::usage) for other words.
int doctor_program(const std::vector<std::string>& words, const Settings& settings);

}  // namespace ryumem
