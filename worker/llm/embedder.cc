#include "worker/llm/embedder.h"

#include <algorithm>

#include "common/base/text.h"
#include "worker/llm/call_policy.h"

namespace ryumem {
namespace {

// As the peers prepare a text for embedding.
std::string one_line(const std::string& text) {
  return std::string(trim(replace_all(text, "\n", " ")));
}

void check(const EmbeddingAnswer& answer, std::size_t texts, int dimensions) {
  if (answer.vectors.size() != texts)
    throw Failure(Kind::bad_answer, "asked for " + std::to_string(texts) + " vectors, got " +
                                        std::to_string(answer.vectors.size()));
  for (const NumberArray& vector : answer.vectors)
    if (vector.length != static_cast<std::size_t>(dimensions))
      throw Failure(Kind::outage, "the model gives vectors of " + std::to_string(vector.length) +
                                      " numbers, EMBEDDING_DIMENSIONS is " +
                                      std::to_string(dimensions) +
                                      "; set it to what the server's database has, and choose a "
                                      "model that fits");
}

}  // namespace

Embedder::Embedder(HttpClient& http, const Settings& settings, Slot& slot, Circuits& circuits)
    : http_(http),
      slot_(slot),
      circuits_(circuits),
      provider_(provider_named(settings.embedding_provider)),
      batch_(static_cast<std::size_t>(settings.embedding_batch)),
      call_timeout_(settings.call_timeout),
      policy_(call_policy(settings)) {
  endpoint_ = provider_.endpoint(settings);
  endpoint_.model = settings.embedding_model;
  endpoint_.dimensions = settings.embedding_dimensions;
  read_error_ = [this](const HttpReply& reply) {
    return provider_.read_error(endpoint_, reply).at(endpoint_.model);
  };
}

Task<std::string> Embedder::embed(const std::vector<std::string>& texts, Cancel& cancel) {
  std::string out = R"({"vectors":[)";
  for (std::size_t from = 0; from < texts.size(); from += batch_) {
    std::vector<std::string> batch;
    for (std::size_t i = from; i < std::min(from + batch_, texts.size()); ++i)
      batch.push_back(one_line(texts[i]));
    const auto tries = [&] { return embed_batch(batch, cancel); };
    const EmbeddingAnswer answer = co_await through<EmbeddingAnswer>(circuits_.embedding, tries);
    for (const NumberArray& vector : answer.vectors) {
      if (out.back() != '[') out += ',';
      out += vector.text;
    }
  }
  co_return out + "]}";
}

Task<EmbeddingAnswer> Embedder::embed_batch(const std::vector<std::string>& texts, Cancel& cancel) {
  const auto once = [&] { return embed_once(texts, cancel); };
  co_return co_await retrying<EmbeddingAnswer>(policy_, once, cancel);
}

Task<EmbeddingAnswer> Embedder::embed_once(const std::vector<std::string>& texts, Cancel& cancel) {
  HttpRequest request = provider_.embedding_request(endpoint_, texts);
  request.timeout = call_timeout_;
  CountBy<Reply>& replies = slot_.of(Call::embed);
  HttpReply reply = co_await send_counted(http_, std::move(request), read_error_, replies, cancel);
  EmbeddingAnswer answer = read_counted(replies, [&] {
    EmbeddingAnswer read = provider_.read_embedding(std::move(reply));
    check(read, texts.size(), endpoint_.dimensions);
    return read;
  });
  slot_.tokens_in.add(static_cast<std::uint64_t>(answer.tokens_in));
  co_return answer;
}

}  // namespace ryumem
