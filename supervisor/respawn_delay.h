// How long an empty slot waits for its next worker.
#pragma once

#include "common/base/clock.h"

namespace ryumem {

/// The wait before a replacement is started, after so many deaths in a row (1: the first): nothing
/// for the first one, then min(30 s, 0.25 s * 2^(k-1)) for the k-th after it.
/// `luck`, from 0 to 1, takes up to a quarter off, so that slots which died together do not come
/// back together for ever.
Millis respawn_delay(int deaths_in_a_row, double luck);

}  // namespace ryumem
