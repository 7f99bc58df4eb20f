// ryumemd --doctor: the checkup is the worker's, whose program knows models and servers.
#pragma once

#include <string>
#include <vector>

namespace ryumem {

/// Becomes ryumem-worker --doctor, with the settings that these arguments give; --no-paid and
/// --json among them are for the doctor. Throws Failure if the settings are wrong or it cannot be
/// started.
[[noreturn]] void become_doctor(const std::vector<std::string>& arguments);

}  // namespace ryumem
