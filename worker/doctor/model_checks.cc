#include "worker/doctor/model_checks.h"

#include <fmt/format.h>

#include <memory>

#include "worker/llm/answer.h"
#include "worker/llm/prompts.h"

namespace ryumem {
namespace {

std::string remedy_for(const Failure& failure, const std::string& provider) {
  switch (failure.kind()) {
    case Kind::outage:
      return "check the key, the model's name and the account of " + provider;
    case Kind::unreachable:
      return "check the URL of " + provider + ", and that it can be reached from here";
    case Kind::bad_answer:
      return "choose a model that gives JSON as asked";
    default:
      return "try again; if it stays so, look at the account and the status page of " + provider;
  }
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
                                           "shape {}",
                                           who, seconds, found.size(), words_of(chat.manner())));
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
