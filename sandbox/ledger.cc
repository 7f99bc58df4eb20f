#include "sandbox/ledger.h"

#include "common/base/failure.h"
#include "common/base/json.h"
#include "common/base/json_build.h"
#include "common/base/json_slice.h"
#include "sandbox/json_copy.h"

namespace ryumem::sandbox {
namespace {

// An answer longer than this is noted by its length only: vectors, mostly.
constexpr std::size_t kLongestAnswer = 32 * 1024;

std::optional<std::string> header_if_sent(const HttpQuery& query, const std::string& header) {
  const auto found = query.headers.find(header);
  if (found == query.headers.end()) return std::nullopt;
  return found->second;
}

// The body with its embeddings replaced by their lengths.
std::string without_vectors(const std::string& body) {
  try {
    const JsonDocument document = JsonDocument::parse(body);
    std::vector<std::pair<std::string, std::string>> lengths;
    for (const char* key : {"name_embedding", "fact_embedding"})
      if (const JsonValue vector = document.root()[key]; vector.type() == JsonValue::Type::array)
        lengths.emplace_back(key, std::to_string(vector.items().size()));
    return lengths.empty() ? body : with_members(body, lengths);
  } catch (const Failure&) {
    return body;  // not JSON: kept as text
  }
}

}  // namespace

std::string_view name(Face face) { return face == Face::server ? "server" : "model"; }

std::size_t Ledger::Entry::bytes() const {
  return sizeof(Entry) + path.size() + body.size() + whole.size() + answer.size() + fault.size();
}

std::uint64_t Ledger::begin(Face face, const HttpQuery& query) {
  Entry entry;
  entry.sequence = ++last_;
  entry.at = utc_timestamp();
  entry.came = Monotonic::now();
  entry.face = face;
  entry.method = query.method;
  entry.path = query.path;
  entry.api_key = header_if_sent(query, "x-api-key");
  entry.internal_key = header_if_sent(query, "x-internal-key");
  entry.authorization = header_if_sent(query, "authorization");
  entry.content_type = query.header("content-type");
  entry.body = face == Face::server ? without_vectors(query.body) : query.body;
  if (entry.body.size() != query.body.size()) entry.whole = query.body;
  entry.in_flight = ++in_flight_[static_cast<int>(face)];
  bytes_ += entry.bytes();
  entries_.push_back(std::move(entry));
  shrink();
  return last_;
}

void Ledger::finish(std::uint64_t sequence, int status, const std::string& answer,
                    const std::string& fault) {
  if (entries_.empty() || sequence < entries_.front().sequence) return;
  Entry& entry = entries_[sequence - entries_.front().sequence];
  if (entry.finished) return;
  --in_flight_[static_cast<int>(entry.face)];
  bytes_ -= entry.bytes();
  entry.finished = true;
  entry.status = status;
  entry.milliseconds = seconds_between(entry.came, Monotonic::now()) * 1000;
  entry.answer =
      answer.size() > kLongestAnswer ? "(" + std::to_string(answer.size()) + " bytes)" : answer;
  entry.fault = fault;
  bytes_ += entry.bytes();
  shrink();
}

// Vectors go first, then whole calls, the oldest before the others.
void Ledger::shrink() {
  while (bytes_ > limits_.bytes && whole_kept_from_ <= last_) {
    if (whole_kept_from_ >= entries_.front().sequence) {
      Entry& entry = entries_[whole_kept_from_ - entries_.front().sequence];
      bytes_ -= entry.whole.size();
      std::string().swap(entry.whole);
    }
    ++whole_kept_from_;
  }
  while (entries_.size() > 1 && (entries_.size() > limits_.entries || bytes_ > limits_.bytes)) {
    if (!entries_.front().finished) --in_flight_[static_cast<int>(entries_.front().face)];
    bytes_ -= entries_.front().bytes();
    entries_.pop_front();
  }
}

std::string Ledger::line(const Entry& entry, bool vectors) {
  JsonBuilder json = JsonBuilder::object();
  json.integer("seq", static_cast<std::int64_t>(entry.sequence))
      .string("at", entry.at)
      .string("face", name(entry.face))
      .string("method", entry.method)
      .string("path", entry.path);
  JsonBuilder headers = JsonBuilder::object();
  headers.string("Content-Type", entry.content_type);
  if (entry.api_key) headers.string("X-API-Key", *entry.api_key);
  if (entry.internal_key) headers.string("X-Internal-Key", *entry.internal_key);
  if (entry.authorization) headers.string("Authorization", *entry.authorization);
  json.add("headers", std::move(headers));
  const std::string& body = vectors && !entry.whole.empty() ? entry.whole : entry.body;
  if (body.empty())
    json.null("body");
  else
    json.add("body", json_or_string(body));
  json.integer("in_flight", static_cast<std::int64_t>(entry.in_flight));
  if (entry.finished) {
    json.integer("status", entry.status).number("ms", entry.milliseconds);
    if (entry.answer.empty())
      json.null("answer");
    else
      json.add("answer", json_or_string(entry.answer));
  } else {
    json.null("status");
  }
  if (entry.fault.empty())
    json.null("fault");
  else
    json.string("fault", entry.fault);
  return json.print();
}

std::string Ledger::lines(const Filter& filter) const {
  std::string text;
  for (const Entry& entry : entries_) {
    if (entry.sequence <= filter.since || !entry.path.starts_with(filter.path)) continue;
    text += line(entry, filter.vectors) + "\n";
  }
  return text;
}

void Ledger::clear() {
  // Calls still in flight are forgotten, too: their finish() finds nothing.
  entries_.clear();
  bytes_ = 0;
  in_flight_[0] = in_flight_[1] = 0;
  whole_kept_from_ = last_ + 1;
}

}  // namespace ryumem::sandbox
