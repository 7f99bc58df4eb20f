// Embeddings on their way from the model to the server: as text, never as numbers.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ryumem {

/// An embedding as the text of its numbers. It shares the reply it was cut from; it is never turned
/// into numbers on its way to the server.
class Vector {
 public:
  Vector(std::shared_ptr<const std::string> document, std::string_view text)
      : document_(std::move(document)), text_(text) {}
  /// "[0.12,-0.4,…]"
  std::string_view text() const { return text_; }

 private:
  std::shared_ptr<const std::string> document_;
  std::string_view text_;
};

using Vectors = std::vector<Vector>;

/// The vectors in what Embedder::embed gave. Throws Failure(Kind::bad_answer).
Vectors read_vectors(std::string answer);

}  // namespace ryumem
