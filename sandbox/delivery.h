// Sending an answer, well or badly.
#pragma once

#include "common/async/sync.h"
#include "common/net/http_server.h"
#include "sandbox/faults.h"

namespace ryumem::sandbox {

/// Sends `answer` as the fault wants it: as it is, dripping, or cut short.
/// The references must live until it is done.
Task<> deliver(HttpExchange& exchange, const HttpAnswer& answer, const Fault& fault);

/// The answer that a fault's status, body and headers make instead of `usual`.
HttpAnswer faulty_answer(const Fault& fault, const HttpAnswer& usual);

}  // namespace ryumem::sandbox
