#include "worker/pipeline/dry_run.h"

#include "common/async/timer.h"
#include "worker/llm/embedded_text.h"
#include "worker/pipeline/text_reading.h"

namespace ryumem {
namespace {

template <class Items>
std::vector<std::string> texts_of(const Items& items) {
  std::vector<std::string> texts;
  for (const auto& item : items) texts.push_back(embedded_text(item));
  return texts;
}

}  // namespace

Task<DryRun> DryRunner::run(const Job& job, Cancel& cancel) {
  DryRun result;
  LinkedCancel work(cancel);
  const Deadline deadline(
      work, time_for(job.content, settings_),
      Failure(Kind::transient, "it took longer than a job may (--job-timeout)"));
  try {
    co_await take_steps(job, result, work);
  } catch (...) {
    result.failure = current_failure().at(name(result.step));
  }
  cancel.throw_if_requested();
  co_return result;
}

// As Extraction::run, but for what it tells the server. The vectors are asked for, since a model
// that embeds may fail as well, and costs.
Task<> DryRunner::take_steps(const Job& job, DryRun& result, Cancel& cancel) {
  Journal journal;
  Once once(journal, slot_, cancel);
  TextReading reading(model_, slot_, static_cast<std::size_t>(settings_.chunk_tokens), job, once,
                      cancel);
  reading.keep_left_out(result.left_out);
  result.pieces = reading.pieces();
  result.entities = co_await reading.entities();
  if (result.entities.empty()) co_return;

  result.step = Step::embed_entities;
  const std::vector<std::string> names = texts_of(result.entities);
  co_await embedder_.embed(job.customer_id, names, cancel);

  result.step = Step::extract_relationships;
  result.relationships = co_await reading.relationships(result.entities);

  result.step = Step::embed_facts;
  const std::vector<std::string> facts = texts_of(result.relationships);
  co_await embedder_.embed(job.customer_id, facts, cancel);
}

}  // namespace ryumem
