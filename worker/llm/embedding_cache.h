// Vectors that have been paid for, kept in case their text comes again. Names come again and again:
// the same people and places are in many episodes.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ryumem {

/// A vector as the text of its numbers, shared by whoever uses it: "[0.12,-0.4,…]".
using VectorText = std::shared_ptr<const std::string>;

/// A cache belongs to one model and one length of vectors; the key is the text. Its memory is
/// bounded: what was used longest ago goes first.
class EmbeddingCache {
 public:
  /// `most_bytes`: of texts and vectors and what they cost beside; 0 keeps nothing.
  explicit EmbeddingCache(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// The text's vector, which counts as used now; nothing if it is not here.
  VectorText find(std::string_view text);
  /// A text that is here already only counts as used.
  void keep(std::string_view text, VectorText vector);

  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return places_.size(); }

 private:
  struct Entry {
    std::string text;
    VectorText vector;
    Entry(std::string_view the_text, VectorText the_vector)
        : text(the_text), vector(std::move(the_vector)) {}
    std::size_t bytes() const;
  };
  using Place = std::list<Entry>::iterator;

  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;                            // the one used last is the first
  std::unordered_map<std::string_view, Place> places_;  // by the entry's own text
};

}  // namespace ryumem
