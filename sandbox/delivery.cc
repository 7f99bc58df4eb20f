#include "sandbox/delivery.h"

#include "common/async/timer.h"

namespace ryumem::sandbox {
namespace {

std::string with_headers(std::string wire, const std::map<std::string, std::string>& headers) {
  std::string lines;
  for (const auto& [name, value] : headers) lines.append(name + ": " + value + "\r\n");
  wire.insert(wire.find("\r\n") + 2, lines);
  return wire;
}

}  // namespace

HttpAnswer faulty_answer(const Fault& fault, const HttpAnswer& usual) {
  if (fault.status == 0) return usual;
  if (!fault.body.empty()) {
    const bool json = fault.body.front() == '{' || fault.body.front() == '[';
    return HttpAnswer(fault.status, fault.body, json ? "application/json" : "text/plain");
  }
  return HttpAnswer(fault.status, "{\"error\":\"injected fault\",\"detail\":\"injected fault\"}");
}

Task<> deliver(HttpExchange& exchange, const HttpAnswer& answer, const Fault& fault) {
  if (!fault.truncate && fault.drip_bytes == 0 && fault.headers.empty()) {
    co_await exchange.respond(answer);
    co_return;
  }
  std::string wire = with_headers(answer.wire(false), fault.headers);
  if (fault.truncate) {
    // At least one byte of the body is missing, or, without a body, the end of the head.
    const std::size_t missing = answer.body.empty() ? 2 : (answer.body.size() + 1) / 2;
    wire.resize(wire.size() - missing);
  }
  const std::size_t step = fault.drip_bytes > 0 ? fault.drip_bytes : wire.size();
  for (std::size_t at = 0; at < wire.size(); at += step) {
    if (at > 0 && fault.drip_every.count() > 0) co_await Sleep(fault.drip_every, exchange.cancel());
    co_await exchange.send_raw(wire.substr(at, step));
  }
}

}  // namespace ryumem::sandbox
