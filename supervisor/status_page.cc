#include "supervisor/status_page.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <string>

#include "common/base/text.h"
#include "supervisor/page_source.h"

namespace ryumem {
namespace {

// As a Content-Security-Policy names a text: "'sha256-…'".
std::string digest_source(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 64> base64{};
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return fmt::format("'sha256-{}'", std::string_view(reinterpret_cast<char*>(base64.data()),
                                                     static_cast<std::size_t>(length)));
}

std::string make_page() {
  std::string page = replace_all(page_source("page.html"), "@STYLE@", page_source("page.css"));
  return replace_all(page, "@SCRIPT@", page_source("page.js"));
}

// Only what is in the page itself may style it or run, and it may ask only us.
std::string make_policy() {
  return fmt::format(
      "default-src 'none'; script-src {}; style-src {}; img-src data:; connect-src 'self'; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      digest_source(page_source("page.js")), digest_source(page_source("page.css")));
}

}  // namespace

HttpAnswer status_page() {
  static const std::string page = make_page();
  static const std::string policy = make_policy();
  HttpAnswer answer(200, page, "text/html; charset=utf-8");
  answer.with("Content-Security-Policy", policy).with("Referrer-Policy", "no-referrer");
  return answer;
}

}  // namespace ryumem
