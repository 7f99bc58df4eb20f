// HTTP calls that are counted: the same few lines for the model and for the server.
#pragma once

#include <functional>

#include "common/net/http_client.h"
#include "common/ops/scoreboard.h"

namespace ryumem {

/// What a reply of another status than 200 means.
using ReadError = std::function<Failure(const HttpReply&)>;

/// Sends the request, once `cancel` permits it, and gives the reply if its status is 200.
/// Everything else is counted in `replies` and thrown: what `read_error` makes of it, or the
/// client's failure when none came. `read_error` must outlive the call.
Task<HttpReply> send_counted(HttpClient& http, HttpRequest request, const ReadError& read_error,
                             CountBy<Reply>& replies, Cancel& cancel);

/// What `read()` makes of a reply of status 200, counted as ok, or as unreadable if it throws.
template <class Read>
auto read_counted(CountBy<Reply>& replies, Read read) {
  try {
    auto answer = read();
    replies[Reply::ok].add();
    return answer;
  } catch (const Failure&) {
    replies[Reply::unreadable].add();
    throw;
  }
}

}  // namespace ryumem
