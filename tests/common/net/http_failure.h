// What a request comes to, as text.
#pragma once

#include <string>

#include "common/base/failure.h"
#include "common/net/http_client.h"

namespace ryumem::test {

/// "KIND what" of the failure, or "no failure but STATUS".
inline Task<std::string> failure_of(HttpClient& client, HttpRequest request) {
  Cancel cancel;
  try {
    const HttpReply reply = co_await client.send(request, cancel);
    co_return "no failure but " + std::to_string(reply.status);
  } catch (const Failure& failure) {
    co_return std::string(name(failure.kind())) + " " + failure.what();
  }
}

}  // namespace ryumem::test
