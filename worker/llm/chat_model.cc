#include "worker/llm/chat_model.h"

#include "worker/llm/call_policy.h"

namespace ryumem {

ChatModel::ChatModel(HttpClient& http, const Settings& settings, Slot& slot, Circuits& circuits)
    : http_(http),
      slot_(slot),
      circuits_(circuits),
      provider_(provider_named(settings.llm_provider)),
      call_timeout_(settings.call_timeout),
      policy_(call_policy(settings)) {
  endpoint_ = provider_.endpoint(settings);
  endpoint_.model = settings.llm_model;
  read_error_ = [this](const HttpReply& reply) {
    return provider_.read_error(endpoint_, reply).at(endpoint_.model);
  };
}

Task<std::string> ChatModel::ask(ChatQuestion question, Cancel& cancel) {
  const auto once = [&] { return ask_once(question, cancel); };
  const auto tries = [&] { return retrying<ChatAnswer>(policy_, once, cancel); };
  const ChatAnswer answer = co_await through<ChatAnswer>(circuits_.chat, tries);
  co_return answer.text;
}

Task<ChatAnswer> ChatModel::ask_once(const ChatQuestion& question, Cancel& cancel) {
  HttpRequest request = provider_.chat_request(endpoint_, question, Manner());
  request.timeout = call_timeout_;
  CountBy<Reply>& replies = slot_.of(Call::chat);
  const ReadError refused = [&](const HttpReply& refusal) {
    if (billing_ != nullptr) billing_->refused(Call::chat, question.customer);
    return read_error_(refusal);
  };
  const HttpReply reply =
      co_await send_counted(http_, std::move(request), refused, replies, cancel);
  ChatAnswer answer = read_counted(replies, [&] { return provider_.read_chat(reply); });
  slot_.tokens_in.add(static_cast<std::uint64_t>(answer.tokens_in));
  slot_.tokens_out.add(static_cast<std::uint64_t>(answer.tokens_out));
  if (billing_ != nullptr)
    billing_->answered(Call::chat, question.customer, answer.tokens_in, answer.tokens_out);
  co_return answer;
}

}  // namespace ryumem
