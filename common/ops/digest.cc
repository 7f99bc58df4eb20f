#include "common/ops/digest.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>

namespace ryumem {
namespace {
constexpr std::size_t kBytes = 4;
}  // namespace

std::string digest(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  std::string out;
  for (std::size_t i = 0; i < kBytes; ++i) out += fmt::format("{:02x}", hash.at(i));
  return out;
}

}  // namespace ryumem
