#include "common/ops/counted.h"

namespace ryumem {

Task<HttpReply> send_counted(HttpClient& http, HttpRequest request, const ReadError& read_error,
                             CountBy<Reply>& replies, Cancel& cancel) {
  co_await cancel.permission();
  HttpReply reply;
  try {
    reply = co_await http.send(std::move(request), cancel);
  } catch (const Failure& failure) {
    // A call that we gave up, or did not make, says nothing about the peer.
    if (!cancel.requested() && failure.was_sent()) replies[Reply::no_reply].add();
    throw;
  }
  if (reply.status == 200) co_return reply;
  replies[reply.status >= 500 ? Reply::server_error : Reply::client_error].add();
  throw read_error(reply);
}

}  // namespace ryumem
