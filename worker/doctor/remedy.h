// What an operator can do about a model that fails.
#pragma once

#include <string>

#include "common/base/failure.h"

namespace ryumem {

std::string remedy_for(const Failure& failure, const std::string& provider);

}  // namespace ryumem
