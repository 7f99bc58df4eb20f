#include "worker/llm/vectors.h"

#include "common/base/json_slice.h"

namespace ryumem {

Vectors read_vectors(std::string answer) {
  auto document = std::make_shared<std::string>(std::move(answer));
  Vectors vectors;
  for (const NumberArray& vector : number_arrays(*document, "vectors", ""))
    vectors.emplace_back(document, vector.text);
  return vectors;
}

}  // namespace ryumem
