// The status page: one HTML text with its style and script in it, and a policy for browsers that
// lets nothing else run or load.
#pragma once

#include "common/net/http_message.h"

namespace ryumem {

HttpAnswer status_page();

}  // namespace ryumem
