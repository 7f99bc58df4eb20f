#include "worker/llm/llm.h"

#include "common/base/text.h"
#include "worker/llm/answer.h"
#include "worker/llm/prompts.h"

namespace ryumem {
namespace {

constexpr Millis kFirstPause{500};
constexpr Millis kLongestPause{15'000};

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

Llm::Llm(HttpClient& http, const Settings& settings, Slot& slot, Circuits& circuits)
    : http_(http),
      slot_(slot),
      circuits_(circuits),
      chat_provider_(provider_named(settings.llm_provider)),
      embedding_provider_(provider_named(settings.embedding_provider)),
      batch_(static_cast<std::size_t>(settings.embedding_batch)),
      call_timeout_(settings.call_timeout),
      policy_(settings.call_tries, kFirstPause, kLongestPause) {
  chat_endpoint_.url = settings.ollama_url;
  chat_endpoint_.model = settings.llm_model;
  chat_endpoint_.context_tokens = settings.context_tokens;
  embedding_endpoint_.url = settings.ollama_url;
  embedding_endpoint_.model = settings.embedding_model;
  embedding_endpoint_.dimensions = settings.embedding_dimensions;
  read_chat_error_ = [this](const HttpReply& reply) {
    return chat_provider_.read_error(chat_endpoint_, reply).at(chat_endpoint_.model);
  };
  read_embedding_error_ = [this](const HttpReply& reply) {
    return embedding_provider_.read_error(embedding_endpoint_, reply).at(embedding_endpoint_.model);
  };
}

Task<std::string> Llm::embed(const std::vector<std::string>& texts, Cancel& cancel) {
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

Vectors read_vectors(std::string answer) {
  auto document = std::make_shared<std::string>(std::move(answer));
  Vectors vectors;
  for (const NumberArray& vector : number_arrays(*document, "vectors", ""))
    vectors.emplace_back(document, vector.text);
  return vectors;
}

Task<std::string> Llm::chat(ChatQuestion question, Cancel& cancel) {
  const auto once = [&] { return chat_once(question, cancel); };
  const auto tries = [&] { return retrying<ChatAnswer>(policy_, once, cancel); };
  const ChatAnswer answer = co_await through<ChatAnswer>(circuits_.chat, tries);
  co_return answer.text;
}

Task<ChatAnswer> Llm::chat_once(const ChatQuestion& question, Cancel& cancel) {
  HttpRequest request = chat_provider_.chat_request(chat_endpoint_, question);
  request.timeout = call_timeout_;
  CountBy<Reply>& replies = slot_.of(Call::chat);
  const HttpReply reply =
      co_await send_counted(http_, std::move(request), read_chat_error_, replies, cancel);
  ChatAnswer answer = read_counted(replies, [&] { return chat_provider_.read_chat(reply); });
  slot_.tokens_in.add(static_cast<std::uint64_t>(answer.tokens_in));
  slot_.tokens_out.add(static_cast<std::uint64_t>(answer.tokens_out));
  co_return answer;
}

Task<EmbeddingAnswer> Llm::embed_batch(const std::vector<std::string>& texts, Cancel& cancel) {
  const auto once = [&] { return embed_once(texts, cancel); };
  co_return co_await retrying<EmbeddingAnswer>(policy_, once, cancel);
}

Task<EmbeddingAnswer> Llm::embed_once(const std::vector<std::string>& texts, Cancel& cancel) {
  HttpRequest request = embedding_provider_.embedding_request(embedding_endpoint_, texts);
  request.timeout = call_timeout_;
  CountBy<Reply>& replies = slot_.of(Call::embed);
  HttpReply reply =
      co_await send_counted(http_, std::move(request), read_embedding_error_, replies, cancel);
  EmbeddingAnswer answer = read_counted(replies, [&] {
    EmbeddingAnswer read = embedding_provider_.read_embedding(std::move(reply));
    check(read, texts.size(), embedding_endpoint_.dimensions);
    return read;
  });
  slot_.tokens_in.add(static_cast<std::uint64_t>(answer.tokens_in));
  co_return answer;
}

}  // namespace ryumem
