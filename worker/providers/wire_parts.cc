#include "worker/providers/wire_parts.h"

#include <fmt/format.h>

#include "common/base/text.h"
#include "common/ops/known_models.h"
#include "worker/providers/error_body.h"

namespace ryumem {

void refuse_error_body(const HttpReply& reply, const JsonValue& root) {
  if (root.type() != JsonValue::Type::object)
    throw Failure(Kind::bad_answer,
                  "the reply is " + std::string(root.type_name()) + ", not an object");
  const JsonValue::Type type = root["error"].type();
  if (type != JsonValue::Type::object && type != JsonValue::Type::string) return;
  const Failure failure = failure_of_error(reply, "");
  const Kind kind = failure.kind() == Kind::outage ? Kind::outage : Kind::transient;
  throw Failure(kind, "error in a reply of status 200: " +
                          excerpt(read_error_body(reply.body).message, kReplyExcerpt));
}

Failure with_advice(const Failure& failure, const Endpoint& endpoint, int status,
                    std::string_view key_variable) {
  if (failure.kind() != Kind::outage) return failure;
  std::string what = failure.what();
  const RetiredModel* retired = retired_model(endpoint.model);
  if (retired != nullptr && endpoint.of_the_vendor)
    what += fmt::format("; {} is shut down or about to be: use {}", endpoint.model,
                        retired->replacement);
  else if (status == 404)
    what += fmt::format("; is there a model \"{}\" for this key?", endpoint.model);
  else if (status == 429 || status == 402)
    what += "; see the account's plan and its bill";
  else
    what += fmt::format("; check {}", key_variable);
  return Failure(Kind::outage, what).with_retry_after(failure.retry_after());
}

Objection objection_to(const HttpReply& reply, const Manner& manner,
                       const std::vector<SentParameter>& sent,
                       const std::vector<std::string_view>& words_of_rungs) {
  Objection out;
  if (failure_of_error(reply, "").kind() != Kind::rejected) return out;
  const ErrorBody body = read_error_body(reply.body);
  const std::string text = lower(body.message);
  for (const auto& [word, name] : sent) {
    if (manner.without.contains(std::string(name))) continue;
    if (body.param != name && text.find(word) == std::string::npos) continue;
    out.to = Objection::To::parameter;
    out.parameter = name;
    return out;
  }
  if (manner.rung == Rung::plain) return out;
  const std::string param = lower(body.param);
  for (const std::string_view word : words_of_rungs)
    if (text.find(word) != std::string::npos || param.find(word) != std::string::npos)
      out.to = Objection::To::rung;
  return out;
}

}  // namespace ryumem
