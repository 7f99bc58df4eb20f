#include "worker/doctor/model_checks.h"

#include <fmt/format.h>

#include <memory>

#include "worker/doctor/remedy.h"
#include "worker/llm/answer.h"
#include "worker/llm/prompts.h"

namespace ryumem {
namespace {

// What had to be forgiven the answer.
std::string kindness_of(const Slot& slot) {
  std::string repairs;
  for (std::size_t i = 0; i < CountBy<Repair>::kSize; ++i) {
    const auto repair = static_cast<Repair>(i);
    if (slot.repairs[repair].load() > 0)
      repairs += (repairs.empty() ? "" : ", ") + std::string(name(repair));
  }
  return repairs.empty() ? "" : "; it had to be read kindly: " + repairs;
}

Job small_job() {
  Job job;
  job.id = "doctor";
  job.user_id = "doctor";
  job.content = "Alice works at Acme.";
  return job;
}

Task<> check_chat(ChatModel& chat, const Settings& settings, Checkup& checkup, Cancel& cancel) {
  const std::string who = settings.llm_provider + " " + settings.llm_model;
  const Monotonic::time_point before = Monotonic::now();
  try {
    const Job job = small_job();
    const ChatQuestion question = ask_for_entities(job, job.content);
    const std::string answer = co_await chat.ask(question, cancel);
    const double seconds = seconds_between(before, Monotonic::now());
    const auto uncounted = std::make_unique<Slot>();
    const Author author(job.content, job.user_id);
    const Entities found = read_entities(answer, author, *uncounted);
    if (found.empty())
      checkup.warn("chat model", who + " answers, and finds nothing in \"Alice works at Acme.\"",
                   "choose a more capable model");
    else
      checkup.ok("chat model", fmt::format("{} answers in {:.1f} s with {} entities, held to their "
                                           "shape {}{}",
                                           who, seconds, found.size(), words_of(chat.manner()),
                                           kindness_of(*uncounted)));
  } catch (const Failure& failure) {
    cancel.throw_if_requested();
    checkup.fail("chat model", who + ": " + failure.what(),
                 remedy_for(failure, settings.llm_provider));
  }
}

Task<> check_embedding(Embedder& embedder, const Settings& settings, Checkup& checkup,
                       Cancel& cancel) {
  const std::string who = settings.embedding_provider + " " + settings.embedding_model;
  const Monotonic::time_point before = Monotonic::now();
  const std::vector<std::string> texts = {"alice (PERSON)"};
  try {
    co_await embedder.embed("", texts, cancel);
    checkup.ok(
        "embedding model",
        fmt::format("{} gives vectors of {} numbers, as EMBEDDING_DIMENSIONS says, in {:.1f} s",
                    who, settings.embedding_dimensions, seconds_between(before, Monotonic::now())));
  } catch (const Failure& failure) {
    cancel.throw_if_requested();
    checkup.fail("embedding model", who + ": " + failure.what(),
                 remedy_for(failure, settings.embedding_provider));
  }
}

}  // namespace

Task<> check_models(ChatModel& chat, Embedder& embedder, const Settings& settings, Checkup& checkup,
                    Cancel& cancel) {
  co_await check_chat(chat, settings, checkup, cancel);
  co_await check_embedding(embedder, settings, checkup, cancel);
}

}  // namespace ryumem
