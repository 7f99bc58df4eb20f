#include "common/net/loopback.h"

#include <curl/curl.h>

#include <memory>

#include "common/base/text.h"

namespace ryumem {

bool is_loopback(const std::string& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parts(curl_url(), curl_url_cleanup);
  char* found = nullptr;
  if (curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return false;
  if (curl_url_get(parts.get(), CURLUPART_HOST, &found, 0) != CURLUE_OK) return false;
  const std::string host = lower(found);
  curl_free(found);
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos);
}

}  // namespace ryumem
