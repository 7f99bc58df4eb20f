// What the settings mean for the worker processes.
#pragma once

#include "common/ops/options.h"
#include "supervisor/pool.h"

namespace ryumem {

/// A worker gives back what it has in hand when the drain timeout is over; this much later one that
/// is still there is stuck.
inline constexpr Millis kDrainGrace{5'000};

/// What a worker is started with: our environment, in which each setting is a variable, without
/// what is between us and the service manager.
Environment workers_environment(const Settings& settings);

/// All but who owns the workers and who hears of their ends. Throws Failure if the program of the
/// workers cannot be found.
Pool::Settings pool_settings(const Settings& settings);

}  // namespace ryumem
