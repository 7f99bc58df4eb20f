// What the supervisor's HTTP server answers: read-only, made anew from the state at each request.
#pragma once

#include "common/net/http_message.h"
#include "supervisor/status.h"

namespace ryumem {

/// The answer to any request: 404 for a path that is none of ours, 405 for anything but GET.
HttpAnswer answer(const HttpQuery& query, const Status& status);

}  // namespace ryumem
