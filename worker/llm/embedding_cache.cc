#include "worker/llm/embedding_cache.h"

namespace ryumem {
namespace {

// What an entry costs beside its text and its vector: two nodes, two strings, a counter.
constexpr std::size_t kBeside = 256;

}  // namespace

std::size_t EmbeddingCache::Entry::bytes() const { return text.size() + vector->size() + kBeside; }

VectorText EmbeddingCache::find(std::string_view text) {
  const auto found = places_.find(text);
  if (found == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->vector;
}

void EmbeddingCache::keep(std::string_view text, VectorText vector) {
  if (find(text) != nullptr) return;
  Entry entry(text, std::move(vector));
  if (entry.bytes() > most_bytes_) return;
  bytes_ += entry.bytes();
  entries_.push_front(std::move(entry));
  places_[entries_.front().text] = entries_.begin();
  while (bytes_ > most_bytes_) {
    const Entry& oldest = entries_.back();
    bytes_ -= oldest.bytes();
    places_.erase(oldest.text);
    entries_.pop_back();
  }
}

}  // namespace ryumem
