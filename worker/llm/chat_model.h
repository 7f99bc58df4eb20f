// The model that extracts: the gate, the tries and the counting of every question it is asked. What
// goes over the wire is the provider's affair, what is asked is that of prompts.h, and how firmly
// that of ladder.h.
#pragma once

#include <string>

#include "common/net/http_client.h"
#include "common/net/retry.h"
#include "common/ops/circuit.h"
#include "common/ops/counted.h"
#include "common/ops/options.h"
#include "common/ops/scoreboard.h"
#include "worker/llm/billing.h"
#include "worker/llm/ladder.h"
#include "worker/llm/lane.h"
#include "worker/providers/provider.h"

namespace ryumem {

class ChatModel {
 public:
  /// All four outlive it.
  ChatModel(HttpClient& http, const Settings& settings, Slot& slot, Circuits& circuits);

  /// What the model says, as text: it is paid for, so it is kept before it is looked at. Throws
  /// Failure of the kinds that a provider can have; see provider.h.
  Task<std::string> ask(ChatQuestion question, Cancel& cancel);

  /// From now on every call is accounted for there; without it, none is. It outlives this.
  void account_to(Billing& billing) { billing_ = &billing; }
  /// From now on the manner of asking that was found is kept there; without it, in this process
  /// only. It outlives this.
  void remember_in(Notebook& notebook);
  /// In which it is asked, as far as is known.
  const Manner& manner() const { return ladder_.manner(); }
  /// From now on every call waits for its turn there; without it, none does. It outlives this.
  void govern_by(Lane& lane) { lane_ = &lane; }

 private:
  Task<ChatAnswer> ask_once(const ChatQuestion& question, Cancel& cancel);
  Task<ChatAnswer> send(const ChatQuestion& question, const Manner& manner, Objection& objection,
                        Cancel& cancel);

  HttpClient& http_;
  Slot& slot_;
  Circuits& circuits_;
  const Provider& provider_;
  Endpoint endpoint_;
  Ladder ladder_;
  Millis call_timeout_;
  RetryPolicy policy_;
  ReadError read_error_;
  Billing* billing_ = nullptr;
  Lane* lane_ = nullptr;
};

}  // namespace ryumem
