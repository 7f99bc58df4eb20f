#include "common/net/curl_transfer.h"

#include <sys/socket.h>

#include <memory>
#include <new>

#include "common/base/failure.h"
#include "common/base/text.h"
#include "common/net/loopback.h"

namespace ryumem {
namespace {

// curl's upload buffer, which it allocates for each body above 64 kB; its default is 64 kB.
constexpr long kUploadBuffer = 16 * 1024;
// All headers of one answer together.
constexpr std::size_t kMostHeaderBytes = 64U << 10U;
constexpr long kProxyWantsPassword = 407;

// "http://host:port", for messages: neither path nor credentials.
std::string origin(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return excerpt(url, 80);
  const std::string authority =
      url.substr(scheme + 3, url.find_first_of("/?#", scheme + 3) - scheme - 3);
  return url.substr(0, scheme + 3) + excerpt(authority.substr(authority.rfind('@') + 1), 80);
}

}  // namespace

CurlTransfer::~CurlTransfer() {
  if (easy_ != nullptr) curl_easy_cleanup(easy_);
  curl_slist_free_all(headers_);
}

HttpReply CurlTransfer::await_resume() {
  Wait::await_resume();
  const std::string peer = origin(request_.url);
  // No server but a proxy says that, of its own.
  if (reply_.status == kProxyWantsPassword || proxy_status_ == kProxyWantsPassword)
    throw Failure(Kind::outage, peer +
                                    ": the proxy wants a user and a password; put them into its "
                                    "variable, http://USER:PASSWORD@HOST:PORT");
  if (code_ == CURLE_OK) return std::move(reply_);
  std::string reason = *error_ != '\0' ? error_ : curl_easy_strerror(code_);
  if (!reason_.empty()) reason = reason_;
  if (untrusted_) reason += "; if its authority is your own, name it by --ca-file";
  throw Failure(kind_of(code_), peer + ": " + reason);
}

Kind CurlTransfer::kind_of(CURLcode code) const {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
      // Curl's word for an unknown scheme, and for what is no HTTP at the other end.
      return answered_ ? Kind::transient : Kind::outage;
    case CURLE_URL_MALFORMAT:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return Kind::outage;  // an operator has to mend it; no job is to blame
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return Kind::unreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return connected_ ? Kind::transient : Kind::unreachable;
    case CURLE_WRITE_ERROR:  // a limit of ours
    case CURLE_BAD_CONTENT_ENCODING:
      return Kind::bad_answer;
    default:
      break;
  }
  // A proxy that makes no tunnel: it does not want to, or cannot.
  if (proxy_status_ >= 400) return proxy_status_ < 500 ? Kind::outage : Kind::unreachable;
  return Kind::transient;
}

void CurlTransfer::finish(CURLcode code) noexcept {
  lookup_.reset();
  code_ = code;
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  reply_.status = static_cast<int>(status);
  curl_easy_getinfo(easy_, CURLINFO_HTTP_CONNECTCODE, &proxy_status_);
  // OpenSSL's word on the chain of certificates; 1 if it was not asked, or the name is wrong.
  long verified = 0;
  curl_easy_getinfo(easy_, CURLINFO_SSL_VERIFYRESULT, &verified);
  untrusted_ = code == CURLE_PEER_FAILED_VERIFICATION && verified > 1;
  curl_off_t first_byte = 0;
  curl_easy_getinfo(easy_, CURLINFO_STARTTRANSFER_TIME_T, &first_byte);
  answered_ = first_byte > 0;
  curl_multi_remove_handle(multi_.handle(), easy_);
  wake();
}

std::size_t CurlTransfer::give_up(std::string reason) noexcept {
  reason_ = std::move(reason);
  return 0;
}

void CurlTransfer::begin() {
  easy_ = curl_easy_init();
  if (easy_ == nullptr) throw std::bad_alloc();
  set(CURLOPT_PRIVATE, static_cast<void*>(static_cast<CurlMulti::Transfer*>(this)));
  set(CURLOPT_ERRORBUFFER, error_);
  set_request();
  set_limits();
  set_trust();
  set_route();
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_HEADERFUNCTION, on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  curl_multi_add_handle(multi_.handle(), easy_);
}

void CurlTransfer::undo() noexcept {
  lookup_.reset();
  curl_multi_remove_handle(multi_.handle(), easy_);
}

void CurlTransfer::set_request() {
  for (const std::string& header : request_.headers)
    headers_ = curl_slist_append(headers_, header.c_str());
  headers_ = curl_slist_append(headers_, "Expect:");  // no round trip before a large body
  set(CURLOPT_URL, request_.url.c_str());
  set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  if (request_.method != "GET") {
    // By a callback that cannot go back to the start: curl would else send a request again by
    // itself when a kept connection turns out to be dead, and nobody knew how often.
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    set(CURLOPT_READFUNCTION, on_upload);
    set(CURLOPT_READDATA, static_cast<void*>(this));
  }
  set(CURLOPT_HTTPHEADER, headers_);
  // What curl can decode; what comes out of it is held against the limit, so that a small answer
  // cannot become a large one.
  set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
}

void CurlTransfer::set_limits() {
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  // Without it, giving up during a name lookup blocks the loop until the lookup's thread is done.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
  // Curl has no limit for the lookup alone; it says when one begins, and when it has an address.
  set(CURLOPT_RESOLVER_START_FUNCTION, on_lookup);
  set(CURLOPT_RESOLVER_START_DATA, static_cast<void*>(this));
  set(CURLOPT_OPENSOCKETFUNCTION, on_open);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(CURLOPT_PREREQFUNCTION, on_connected);
  set(CURLOPT_PREREQDATA, static_cast<void*>(this));
  set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
}

void CurlTransfer::set_trust() {
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  // Debian's default directory would be trusted beside the file. And with it curl reads all of its
  // certificates for each connection, 21 ms each; a file it keeps in memory.
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set(CURLOPT_PROXY_CAPATH, static_cast<char*>(nullptr));
  if (ca_file_.empty()) return;
  set(CURLOPT_CAINFO, ca_file_.c_str());
  set(CURLOPT_PROXY_CAINFO, ca_file_.c_str());
}

void CurlTransfer::set_route() {
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  // Who comes while a connection is being made waits to see whether it can be shared. Only HTTPS
  // says so in its handshake.
  set(CURLOPT_PIPEWAIT, request_.url.starts_with("https:") ? 1L : 0L);
  // Curl knows the usual variables. No proxy can reach what is on this host.
  if (is_loopback(request_.url)) set(CURLOPT_PROXY, "");
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

int CurlTransfer::on_lookup(void*, void*, void* data) noexcept {
  auto* self = static_cast<CurlTransfer*>(data);
  self->lookup_.emplace();
  self->lookup_->once(self->request_.lookup_timeout, [self] {
    self->give_up("its name was not found within " +
                  std::to_string(self->request_.lookup_timeout.count()) + " ms");
    self->finish(CURLE_OPERATION_TIMEDOUT);
  });
  return 0;
}

curl_socket_t CurlTransfer::on_open(void* data, curlsocktype, curl_sockaddr* address) noexcept {
  static_cast<CurlTransfer*>(data)->lookup_.reset();
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int CurlTransfer::on_connected(void* data, char*, char*, int, int) noexcept {
  static_cast<CurlTransfer*>(data)->connected_ = true;
  return CURL_PREREQFUNC_OK;
}

std::size_t CurlTransfer::on_upload(char* room, std::size_t, std::size_t size,
                                    void* data) noexcept {
  auto* self = static_cast<CurlTransfer*>(data);
  const std::size_t count = self->request_.body.copy(room, size, self->uploaded_);
  self->uploaded_ += count;
  return count;
}

std::size_t CurlTransfer::on_body(char* bytes, std::size_t, std::size_t count,
                                  void* data) noexcept {
  auto* self = static_cast<CurlTransfer*>(data);
  const std::size_t limit = self->request_.reply_limit;
  if (self->reply_.body.size() + count > limit)
    return self->give_up("the answer is larger than " + std::to_string(limit) + " bytes");
  self->reply_.body.append(bytes, count);
  return count;
}

std::size_t CurlTransfer::on_header(char* bytes, std::size_t, std::size_t count,
                                    void* data) noexcept {
  auto* self = static_cast<CurlTransfer*>(data);
  const std::string_view line(bytes, count);
  self->header_bytes_ += count;
  if (self->header_bytes_ > kMostHeaderBytes)
    return self->give_up("the answer's headers are larger than " +
                         std::to_string(kMostHeaderBytes) + " bytes");
  if (line.starts_with("HTTP/")) self->reply_.headers.clear();  // those of a 103 before it
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos)
    self->reply_.headers[lower(trim(line.substr(0, colon)))] = trim(line.substr(colon + 1));
  return count;
}

}  // namespace ryumem
