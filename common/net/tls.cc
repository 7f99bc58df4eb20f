#include "common/net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

#include "common/base/failure.h"

namespace ryumem {
namespace {

// OpenSSL's own words for what went wrong last in this thread.
std::string reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  const char* words = ERR_reason_error_string(code);
  if (words != nullptr) return words;
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

[[noreturn]] void refuse(const std::string& what) {
  throw Failure(Kind::transient, "TLS: " + what);
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

void load(SSL_CTX* context, const TlsFiles& files) {
  if (files.authorities.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1)
      refuse("the system's certificate authorities cannot be read: " + reason());
  } else if (SSL_CTX_load_verify_file(context, files.authorities.c_str()) != 1) {
    refuse("the authorities in " + files.authorities + " cannot be read: " + reason());
  }
  if (files.certificate.empty()) return;
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
    refuse("the certificate in " + files.certificate + " cannot be read: " + reason());
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    refuse("the key in " + files.key + " cannot be read: " + reason());
  if (SSL_CTX_check_private_key(context) != 1)
    refuse("the key in " + files.key + " is not that of " + files.certificate);
}

}  // namespace

struct TlsStream::Session {
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
  BIO* in = nullptr;   // what came from the socket; belongs to `ssl`
  BIO* out = nullptr;  // what has to go there; belongs to `ssl`

  Session(const TlsFiles& files, const std::string& host) {
    ERR_clear_error();
    context = SSL_CTX_new(TLS_client_method());
    if (context == nullptr) refuse(reason());
    try {
      SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
      load(context, files);
      open(host);
    } catch (...) {
      free();
      throw;
    }
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { free(); }

  void open(const std::string& host) {
    ssl = SSL_new(context);
    if (ssl == nullptr) refuse(reason());
    in = BIO_new(BIO_s_mem());
    out = BIO_new(BIO_s_mem());
    if (in == nullptr || out == nullptr) throw std::bad_alloc();
    BIO_set_mem_eof_return(in, -1);  // nothing there yet, rather than the end
    SSL_set_bio(ssl, in, out);
    SSL_set_connect_state(ssl);
    const bool named = is_address(host)
                           ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1
                           : SSL_set1_host(ssl, host.c_str()) == 1 &&
                                 SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
    if (!named) refuse("\"" + host + "\" is no name for a certificate");
  }

  void free() {
    SSL_free(ssl);
    SSL_CTX_free(context);
  }

  // What has to go to the socket, out of OpenSSL's hands.
  std::string take_outgoing() {
    std::string bytes(BIO_ctrl_pending(out), '\0');
    if (!bytes.empty()) BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }
};

void TlsStream::FreeSession::operator()(Session* session) const { delete session; }

TlsStream::TlsStream(Stream socket, const TlsFiles& files, const std::string& host)
    : socket_(std::move(socket)), host_(host), session_(new Session(files, host)) {}

Task<std::unique_ptr<ByteStream>> TlsStream::connect(Stream socket, TlsFiles files,
                                                     std::string host, Cancel& cancel) {
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(socket), files, host));
  co_await stream->shake_hands(cancel);
  co_return std::unique_ptr<ByteStream>(std::move(stream));
}

Task<> TlsStream::shake_hands(Cancel& cancel) {
  for (;;) {
    ERR_clear_error();
    const int done = SSL_do_handshake(session_->ssl);
    const int why = SSL_get_error(session_->ssl, done);
    // Also when it failed: the alert tells the server why.
    co_await send_pending(cancel);
    if (done == 1) co_return;
    if (why != SSL_ERROR_WANT_READ) {
      const long verdict = SSL_get_verify_result(session_->ssl);
      if (verdict != X509_V_OK)
        refuse("the certificate of " + host_ +
               " is not trusted: " + X509_verify_cert_error_string(verdict));
      refuse("no agreement with " + host_ + ": " + reason());
    }
    co_await receive(cancel);
  }
}

// More bytes from the socket into OpenSSL's hands.
Task<> TlsStream::receive(Cancel& cancel) {
  std::string bytes = co_await socket_.read(cancel);
  if (bytes.empty()) refuse(host_ + " closed the connection");
  if (BIO_write(session_->in, bytes.data(), static_cast<int>(bytes.size())) <= 0)
    throw std::bad_alloc();
}

Task<> TlsStream::send_pending(Cancel& cancel) {
  const Permit permit = co_await sending_.acquire(cancel);
  std::string bytes = session_->take_outgoing();
  if (!bytes.empty()) co_await socket_.write(std::move(bytes), cancel);
}

Task<std::string> TlsStream::read(Cancel& cancel) {
  constexpr std::size_t kRecord = 16 * 1024;
  for (;;) {
    std::string plain;
    int count = 0;
    ERR_clear_error();
    do {
      const std::size_t before = plain.size();
      plain.resize(before + kRecord);
      count = SSL_read(session_->ssl, plain.data() + before, static_cast<int>(kRecord));
      plain.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
    } while (count > 0);
    const int why = SSL_get_error(session_->ssl, count);
    if (BIO_ctrl_pending(session_->out) > 0) co_await send_pending(cancel);
    if (!plain.empty()) co_return plain;
    if (why == SSL_ERROR_ZERO_RETURN) co_return std::string();
    if (why != SSL_ERROR_WANT_READ) refuse("reading from " + host_ + ": " + reason());
    co_await receive(cancel);
  }
}

Task<> TlsStream::write(std::string bytes, Cancel& cancel) {
  ERR_clear_error();
  std::size_t written = 0;
  // Memory takes everything at once, so there is nothing to wait for but the socket.
  if (!bytes.empty() && SSL_write_ex(session_->ssl, bytes.data(), bytes.size(), &written) != 1)
    refuse("writing to " + host_ + ": " + reason());
  co_await send_pending(cancel);
}

}  // namespace ryumem
