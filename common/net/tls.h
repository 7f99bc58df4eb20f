// TLS over a socket, by OpenSSL on memory buffers: OpenSSL never sees the socket, and the loop
// never waits for OpenSSL (decision record 0021).
#pragma once

#include <memory>
#include <string>

#include "common/async/sync.h"
#include "common/net/byte_stream.h"
#include "common/net/stream.h"

namespace ryumem {

/// The files a TLS client needs; empty: the system's authorities, no certificate of our own.
struct TlsFiles {
  std::string authorities;  // PEM, instead of the system's
  std::string certificate;  // PEM, ours with its chain, if the server wants to know who we are
  std::string key;          // PEM, of the certificate

  TlsFiles() = default;
};

/// The client's end of a TLS connection. The server's certificate is always verified, against the
/// authorities and against the name that was asked for.
class TlsStream final : public ByteStream {
 public:
  /// Shakes hands over `socket`. `host`: the name or address that the certificate must be for. The
  /// files are read anew each time, so that a renewed certificate needs no restart. The caller
  /// brings the deadline by `cancel`: a peer that speaks no TLS may say nothing at all.
  /// Throws Failure(Kind::transient) that names the reason.
  static Task<std::unique_ptr<ByteStream>> connect(Stream socket, TlsFiles files, std::string host,
                                                   Cancel& cancel);

  Task<std::string> read(Cancel& cancel) override;
  Task<> write(std::string bytes, Cancel& cancel) override;
  void close() noexcept override { socket_.close(); }

 private:
  struct Session;  // OpenSSL's, kept out of this header
  struct FreeSession {
    void operator()(Session* session) const;
  };

  TlsStream(Stream socket, const TlsFiles& files, const std::string& host);
  Task<> shake_hands(Cancel& cancel);
  Task<> receive(Cancel& cancel);
  Task<> send_pending(Cancel& cancel);

  Stream socket_;
  std::string host_;
  std::unique_ptr<Session, FreeSession> session_;
  // Reading may have something to send (an answer to a new key) while a writer sends.
  Semaphore sending_{1};
};

}  // namespace ryumem
