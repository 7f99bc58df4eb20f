// Asking a model about the whole of an episode's text, whatever its length: piece by piece, side by
// side, and in smaller pieces where question or answer did not fit. Nothing of the text is left
// out, and what has been answered once is in the journal under the name of its piece.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/ops/options.h"
#include "common/queue/job.h"
#include "worker/llm/answer.h"
#include "worker/llm/chat_model.h"
#include "worker/llm/facts.h"
#include "worker/llm/pieces.h"
#include "worker/pipeline/once.h"

namespace ryumem {

/// So many pieces of one job are asked about at once: enough to be quick, and few enough to leave
/// the process's connections to other jobs as well.
inline constexpr std::size_t kPiecesAtOnce = 16;

/// The longest time for one attempt at this text: one that has many pieces has the time-out once
/// for all that are asked about side by side.
Millis time_for(std::string_view text, const Settings& settings);

/// One job's text while it is read.
class TextReading {
 public:
  /// All outlive it. `piece_tokens`: the most that is asked about at once, as estimate_tokens()
  /// counts.
  TextReading(ChatModel& model, Slot& slot, std::size_t piece_tokens, const Job& job, Once& once,
              Cancel& cancel);

  /// From now on what is left out of the answers goes there; it outlives this.
  void keep_left_out(std::vector<LeftOut>& left_out) { left_out_ = &left_out; }

  /// What the text speaks of: those of all pieces, the first of equal names.
  Task<Entities> entities();
  /// How many pieces the text is asked about in, if all of them fit.
  std::size_t pieces() const { return pieces_.size(); }
  /// How they are related. Only after entities(), with what it gave.
  Task<Relationships> relationships(const Entities& entities);

 private:
  // A question about a text, and what is made of its answer.
  template <class Items>
  struct Inquiry {
    std::string step;
    std::function<ChatQuestion(std::string_view text, std::size_t number)> question;
    std::function<Items(const std::string& answer)> read;

    Inquiry() = default;
  };
  // The pieces that are asked about side by side.
  struct Round {
    Semaphore turns;
    bool failed = false;

    explicit Round(std::size_t at_once) : turns(at_once) {}
  };

  template <class Items>
  Task<std::vector<Items>> ask_about_all(const Inquiry<Items>& inquiry);
  template <class Items>
  Task<> take_turn(const Inquiry<Items>& inquiry, std::size_t number, Items& found, Round& round);
  template <class Items>
  Task<Items> ask_about(const Inquiry<Items>& inquiry, std::size_t number, Piece piece);
  template <class Items>
  Task<Items> ask(const Inquiry<Items>& inquiry, std::size_t number, Piece piece);
  std::string field_of(const std::string& step, Piece piece) const;
  void log_content(const std::string& field, const char* what, const std::string& text) const;
  Entities known_in(std::size_t number, const Entities& all) const;

  ChatModel& model_;
  Slot& slot_;
  const Job& job_;
  Once& once_;
  Cancel& cancel_;
  const Author author_;
  const std::vector<Piece> pieces_;
  std::vector<Entities> found_;  // by piece
  std::vector<LeftOut>* left_out_ = nullptr;
};

}  // namespace ryumem
