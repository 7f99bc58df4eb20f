#include "worker/llm/chat_model.h"

#include <fmt/format.h>

#include "common/base/text.h"
#include "worker/llm/call_policy.h"
#include "worker/llm/promise.h"

namespace ryumem {

ChatModel::ChatModel(HttpClient& http, const Settings& settings, Slot& slot, Circuits& circuits)
    : http_(http),
      slot_(slot),
      circuits_(circuits),
      provider_(provider_named(settings.llm_provider)),
      ladder_(fmt::format("{} of {}", settings.llm_model, provider_.name), provider_.forces_tools,
              slot.chat_held_by),
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

// Another address, or another word for a parameter, may be understood in another way.
void ChatModel::remember_in(Notebook& notebook) {
  const std::string asked =
      fmt::format("{} {} {}", endpoint_.url, endpoint_.effort, endpoint_.tokens_field);
  ladder_.remember_in(notebook, fmt::format("manner:{}:{}:{:016x}", provider_.name, endpoint_.model,
                                            stable_hash(asked)));
}

Task<ChatAnswer> ChatModel::ask_once(const ChatQuestion& question, Cancel& cancel) {
  Ladder::Turn turn(ladder_);
  for (;;) {
    co_await turn.begin(cancel.beginning());
    Objection objection;
    std::optional<Failure> failed;
    try {
      const ChatAnswer answer = co_await send(question, turn.manner(), objection, cancel);
      const auto kept = keeps_promise(turn.manner().rung, question.schema, answer.text);
      co_await turn.answered(question.user, kept, cancel);
      co_return answer;
    } catch (const Failure& failure) {
      failed = failure;
    }
    if (objection.to != Objection::To::nothing && turn.objected(objection, *failed)) continue;
    turn.failed(question.user, *failed);
    throw *failed;
  }
}

Task<ChatAnswer> ChatModel::send(const ChatQuestion& question, const Manner& manner,
                                 Objection& objection, Cancel& cancel) {
  HttpRequest request = provider_.chat_request(endpoint_, question, manner);
  request.timeout = call_timeout_;
  CountBy<Reply>& replies = slot_.of(Call::chat);
  const std::size_t bytes = question.system.size() + question.user.size() + question.schema.size();
  Passage passage = co_await enter(lane_, bytes, cancel.beginning());
  const ReadError refused = [&](const HttpReply& refusal) {
    if (billing_ != nullptr) billing_->refused(Call::chat, question.customer, refusal.status);
    objection = provider_.objection(endpoint_, refusal, manner);
    const Failure failure = read_error_(refusal);
    passage.refused(failure, refusal.status, provider_.rate_facts(refusal));
    return failure;
  };
  const HttpReply reply =
      co_await send_counted(http_, std::move(request), refused, replies, cancel);
  ChatAnswer answer = read_counted(replies, [&] { return provider_.read_chat(reply); });
  passage.answered(answer.tokens_in + answer.tokens_out, provider_.rate_facts(reply));
  slot_.tokens_in.add(static_cast<std::uint64_t>(answer.tokens_in));
  slot_.tokens_out.add(static_cast<std::uint64_t>(answer.tokens_out));
  std::optional<NanoUsd> cost;
  if (billing_ != nullptr)
    cost = billing_->answered(Call::chat, question.customer, answer.tokens_in, answer.tokens_out);
  if (question.tally) question.tally->answered(1, answer.tokens_in, answer.tokens_out, cost);
  co_return answer;
}

}  // namespace ryumem
