#include "ctl/read_text.h"

#include <fstream>
#include <iostream>
#include <iterator>

#include "common/base/failure.h"

namespace ryumem {

std::string read_text(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Failure(Kind::usage, file + ": cannot be read");
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

}  // namespace ryumem
