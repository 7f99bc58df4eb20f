#include "worker/llm/embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "common/base/text.h"
#include "worker/llm/call_policy.h"

namespace ryumem {
namespace {

constexpr std::size_t kMegabyte = 1U << 20U;

// As the peers prepare a text for embedding.
std::string one_line(const std::string& text) {
  return std::string(trim(replace_all(text, "\n", " ")));
}

GatherLimits limits_of(const Settings& settings, const Provider& provider) {
  GatherLimits limits;
  limits.texts = static_cast<std::size_t>(settings.embedding_batch);
  limits.wait = Millis(settings.embedding_batch_wait);
  const EmbeddingLimits& its = provider.embedding_limits;
  if (its.texts > 0) limits.texts = std::min(limits.texts, its.texts);
  limits.tokens = its.tokens_of_all;
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
      gatherer_(limits_of(settings, provider_), call_policy(settings), circuits.embedding, slot,
                [this](const Cargo& cargo, Cancel& cancel) { return send(cargo, cancel); }) {
  endpoint_ = provider_.endpoint(settings);
  endpoint_.model = settings.embedding_model;
  endpoint_.dimensions = settings.embedding_dimensions;
  read_error_ = [this](const HttpReply& reply) {
    return provider_.read_error(endpoint_, reply).at(endpoint_.model);
  };
}

std::string Embedder::model() const {
  return fmt::format("{}/{}/{}", provider_.name, percent_encode(endpoint_.model),
                     endpoint_.dimensions);
}

Task<std::string> Embedder::embed(Payer payer, const std::vector<std::string>& texts,
                                  Cancel& cancel) {
  std::vector<std::string> lines;
  for (const std::string& text : texts) lines.push_back(one_line(text));
  VectorsByText known;
  const std::vector<std::string> missing = unknown(lines, known);
  if (missing.empty() && !lines.empty()) {
    slot_.calls_cached.add();
    if (payer.tally) ++payer.tally->saved;
  }
  co_await ask_for(std::move(payer), missing, known, cancel);
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
  return missing;
}

// One request after the other: when one fails, nothing more is paid for.
Task<> Embedder::ask_for(Payer payer, const std::vector<std::string>& texts, VectorsByText& known,
                         Cancel& cancel) {
  for (std::size_t from = 0; from < texts.size();) {
    const std::size_t to = from + gatherer_.fitting(texts, from);
    std::vector<std::string> some(texts.begin() + static_cast<std::ptrdiff_t>(from),
                                  texts.begin() + static_cast<std::ptrdiff_t>(to));
    const std::vector<VectorText> vectors =
        co_await gatherer_.vectors_of(payer, std::move(some), cancel);
    for (std::size_t i = from; i < to; ++i) known[texts[i]] = vectors[i - from];
    from = to;
  }
}

// The one place where a request for embeddings goes out.
Task<VectorsByText> Embedder::send(const Cargo& cargo, Cancel& cancel) {
  const std::vector<std::string>& texts = cargo.texts;
  HttpRequest request = provider_.embedding_request(endpoint_, texts);
  request.timeout = call_timeout_;
  CountBy<Reply>& replies = slot_.of(Call::embed);
  const ReadError refused = [&](const HttpReply& refusal) {
    std::set<std::string> customers;
    for (const Payer& payer : cargo.payers) customers.insert(payer.customer);
    if (billing_ != nullptr)
      for (const std::string& customer : customers)
        billing_->refused(Call::embed, customer, refusal.status);
    const Failure failure = read_error_(refusal);
    cargo.passage->refused(failure, refusal.status, provider_.rate_facts(refusal));
    return failure;
  };
  HttpReply reply = co_await send_counted(http_, std::move(request), refused, replies, cancel);
  const RateFacts facts = provider_.rate_facts(reply);
  const EmbeddingAnswer answer = read_counted(replies, [&] {
    EmbeddingAnswer read = provider_.read_embedding(std::move(reply));
    check(read, texts.size(), endpoint_.dimensions);
    return read;
  });
  cargo.passage->answered(answer.tokens_in, facts);
  slot_.tokens_in.add(static_cast<std::uint64_t>(answer.tokens_in));
  bill(cargo, answer.tokens_in);
  VectorsByText vectors;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto vector = std::make_shared<const std::string>(answer.vectors[i].text);
    vectors[texts[i]] = vector;
    cache_.keep(texts[i], vector);
  }
  co_return vectors;
}

// Each customer's share of the tokens is that of its texts, by their length, and so is each job's.
// A request that carries texts of several customers is a call of each.
void Embedder::bill(const Cargo& cargo, std::int64_t tokens) {
  std::map<std::string, std::int64_t> lengths;
  std::map<std::shared_ptr<Tally>, std::int64_t> lengths_of_jobs;
  std::int64_t all = 0;
  for (std::size_t i = 0; i < cargo.texts.size(); ++i) {
    const auto length = static_cast<std::int64_t>(cargo.texts[i].size()) + 1;
    lengths[cargo.payers[i].customer] += length;
    if (cargo.payers[i].tally) lengths_of_jobs[cargo.payers[i].tally] += length;
    all += length;
  }
  std::optional<NanoUsd> cost;
  if (billing_ != nullptr) cost = bill_customers(lengths, all, tokens);
  for (const auto& [tally, length] : lengths_of_jobs)
    tally->answered(static_cast<double>(length) / static_cast<double>(all), tokens, 0, cost);
}

// What is left over, among those who are left over: the shares are whole and make up the sum.
std::optional<NanoUsd> Embedder::bill_customers(const std::map<std::string, std::int64_t>& lengths,
                                                std::int64_t left_over, std::int64_t tokens) {
  std::optional<NanoUsd> sum = 0;
  for (const auto& [customer, length] : lengths) {
    const std::int64_t share = tokens * length / left_over;
    const std::optional<NanoUsd> cost = billing_->answered(Call::embed, customer, share, 0);
    sum = sum && cost ? std::optional<NanoUsd>(*sum + *cost) : std::nullopt;
    tokens -= share;
    left_over -= length;
  }
  return sum;
}

}  // namespace ryumem
