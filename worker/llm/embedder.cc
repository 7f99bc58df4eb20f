#include "worker/llm/embedder.h"

#include <algorithm>

#include "common/base/text.h"
#include "worker/llm/call_policy.h"

namespace ryumem {
namespace {

constexpr std::size_t kMegabyte = 1U << 20U;

// As the peers prepare a text for embedding.
std::string one_line(const std::string& text) {
  return std::string(trim(replace_all(text, "\n", " ")));
}

// What a provider takes in one request. Those that are not here have no limit of their own.
struct ProviderLimits {
  std::string_view provider;
  std::size_t texts;
  std::size_t tokens;
};
constexpr ProviderLimits kProviderLimits[] = {
    {"gemini", 100, 0}, {"openai", 2048, 300'000}, {"litellm", 2048, 300'000}};

GatherLimits limits_of(const Settings& settings) {
  GatherLimits limits;
  limits.texts = static_cast<std::size_t>(settings.embedding_batch);
  limits.wait = Millis(settings.embedding_batch_wait);
  for (const ProviderLimits& row : kProviderLimits) {
    if (row.provider != settings.embedding_provider) continue;
    limits.texts = std::min(limits.texts, row.texts);
    limits.tokens = row.tokens;
  }
  return limits;
}

// "1e999" is a number in JSON and none in any vector.
bool is_finite(std::string_view vector) {
  constexpr int kMostDigits = 2;
  constexpr std::string_view kLargest = "38";  // of the floats that the server stores
  for (std::size_t at = vector.find_first_of("eE"); at != vector.npos;
       at = vector.find_first_of("eE", at + 1)) {
    std::string_view exponent = vector.substr(at + 1);
    if (exponent.starts_with('-')) continue;
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    while (exponent.starts_with('0')) exponent.remove_prefix(1);
    const std::size_t digits = std::min(exponent.find_first_not_of("0123456789"), exponent.size());
    if (digits > kMostDigits) return false;
    if (digits == kMostDigits && exponent.substr(0, digits) >= kLargest) return false;
  }
  return true;
}

void check(const EmbeddingAnswer& answer, std::size_t texts, int dimensions) {
  if (answer.vectors.size() != texts)
    throw Failure(Kind::bad_answer, "asked for " + std::to_string(texts) + " vectors, got " +
                                        std::to_string(answer.vectors.size()));
  for (const NumberArray& vector : answer.vectors) {
    if (vector.length != static_cast<std::size_t>(dimensions))
      throw Failure(Kind::outage, "the model gives vectors of " + std::to_string(vector.length) +
                                      " numbers, EMBEDDING_DIMENSIONS is " +
                                      std::to_string(dimensions) +
                                      "; set it to what the server's database has, and choose a "
                                      "model that fits");
    if (!is_finite(vector.text))
      throw Failure(Kind::bad_answer, "a number in a vector is too large for any vector");
  }
}

}  // namespace

Embedder::Embedder(HttpClient& http, const Settings& settings, Slot& slot, Circuits& circuits)
    : http_(http),
      slot_(slot),
      provider_(provider_named(settings.embedding_provider)),
      call_timeout_(settings.call_timeout),
      cache_(static_cast<std::size_t>(settings.embedding_cache) * kMegabyte),
      gatherer_(limits_of(settings), call_policy(settings), circuits.embedding, slot,
                [this](const std::vector<std::string>& texts, Cancel& cancel) {
                  return send(texts, cancel);
                }) {
  endpoint_ = provider_.endpoint(settings);
  endpoint_.model = settings.embedding_model;
  endpoint_.dimensions = settings.embedding_dimensions;
  read_error_ = [this](const HttpReply& reply) {
    return provider_.read_error(endpoint_, reply).at(endpoint_.model);
  };
}

Task<std::string> Embedder::embed(const std::vector<std::string>& texts, Cancel& cancel) {
  std::vector<std::string> lines;
  for (const std::string& text : texts) lines.push_back(one_line(text));
  VectorsByText known;
  const std::vector<std::string> missing = unknown(lines, known);
  co_await ask_for(missing, known, cancel);
  std::string out = R"({"vectors":[)";
  for (const std::string& line : lines) {
    if (out.back() != '[') out += ',';
    out += *known.at(line);
  }
  co_return out + "]}";
}

// The texts that have to be asked for, each once; the others' vectors are in `known`.
std::vector<std::string> Embedder::unknown(const std::vector<std::string>& lines,
                                           VectorsByText& known) {
  std::vector<std::string> missing;
  for (const std::string& line : lines) {
    const auto [place, is_new] = known.try_emplace(line);
    if (is_new) place->second = cache_.find(line);
    const bool cached = is_new && place->second;
    if (is_new && !cached) missing.push_back(line);
    slot_.texts[!is_new ? TextFrom::duplicate : cached ? TextFrom::cache : TextFrom::model].add();
  }
  if (missing.empty() && !lines.empty()) slot_.calls_cached.add();
  return missing;
}

// One request after the other: when one fails, nothing more is paid for.
Task<> Embedder::ask_for(const std::vector<std::string>& texts, VectorsByText& known,
                         Cancel& cancel) {
  for (std::size_t from = 0; from < texts.size();) {
    const std::size_t to = from + gatherer_.fitting(texts, from);
    std::vector<std::string> some(texts.begin() + static_cast<std::ptrdiff_t>(from),
                                  texts.begin() + static_cast<std::ptrdiff_t>(to));
    const std::vector<VectorText> vectors = co_await gatherer_.vectors_of(std::move(some), cancel);
    for (std::size_t i = from; i < to; ++i) known[texts[i]] = vectors[i - from];
    from = to;
  }
}

// The one place where a request for embeddings goes out.
Task<VectorsByText> Embedder::send(const std::vector<std::string>& texts, Cancel& cancel) {
  HttpRequest request = provider_.embedding_request(endpoint_, texts);
  request.timeout = call_timeout_;
  CountBy<Reply>& replies = slot_.of(Call::embed);
  HttpReply reply = co_await send_counted(http_, std::move(request), read_error_, replies, cancel);
  const EmbeddingAnswer answer = read_counted(replies, [&] {
    EmbeddingAnswer read = provider_.read_embedding(std::move(reply));
    check(read, texts.size(), endpoint_.dimensions);
    return read;
  });
  slot_.tokens_in.add(static_cast<std::uint64_t>(answer.tokens_in));
  VectorsByText vectors;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto vector = std::make_shared<const std::string>(answer.vectors[i].text);
    vectors[texts[i]] = vector;
    cache_.keep(texts[i], vector);
  }
  co_return vectors;
}

}  // namespace ryumem
