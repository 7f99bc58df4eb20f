// One request on the wire, as something to wait for. What may happen to it is bounded here: the
// bytes of its answer, the time for each part of it, and whom it is sent to.
#pragma once

#include <optional>
#include <string>

#include "common/async/timer.h"
#include "common/net/curl_multi.h"
#include "common/net/http_client.h"

namespace ryumem {

/// It lives in the frame of HttpClient::send(); all that it is given outlives it.
class CurlTransfer final : public Wait, public CurlMulti::Transfer {
 public:
  CurlTransfer(CurlMulti& multi, const HttpRequest& request, const std::string& ca_file,
               Cancel& cancel)
      : Wait(cancel), multi_(multi), request_(request), ca_file_(ca_file) {}
  ~CurlTransfer() override;

  /// The answer; throws what HttpClient::send() says.
  HttpReply await_resume();

  void finish(CURLcode code) noexcept override;

 private:
  void begin() override;
  void undo() noexcept override;
  void set_request();
  void set_limits();
  void set_trust();
  void set_route();
  Kind kind_of(CURLcode code) const;
  /// Ends it for a reason of ours.
  std::size_t give_up(std::string reason) noexcept;

  static int on_lookup(void*, void*, void* data) noexcept;
  static curl_socket_t on_open(void* data, curlsocktype, curl_sockaddr* address) noexcept;
  static int on_connected(void* data, char*, char*, int, int) noexcept;
  static std::size_t on_upload(char* room, std::size_t, std::size_t size, void* data) noexcept;
  static std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* data) noexcept;
  static std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* data) noexcept;

  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy_, option, value);
  }

  CurlMulti& multi_;
  const HttpRequest& request_;
  const std::string& ca_file_;
  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  CURLcode code_ = CURLE_OK;
  std::optional<Timer> lookup_;  // while the name is looked up
  std::size_t uploaded_ = 0;
  std::size_t header_bytes_ = 0;
  bool connected_ = false;
  bool answered_ = false;
  bool untrusted_ = false;
  long proxy_status_ = 0;  // of the proxy that was asked for a tunnel
  std::string reason_;     // why we ended it; empty if curl did
  char error_[CURL_ERROR_SIZE] = {};
  HttpReply reply_;
};

}  // namespace ryumem
