#include "common/net/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <vector>

#include "common/async/scope.h"
#include "common/async/timer.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_on_loop.h"
#include "tests/support/temp_dir.h"

namespace ryumem {
namespace {

using test::eventually;
using test::run_on_loop;
using testing::HasSubstr;

// A listener on 127.0.0.1 that keeps what it accepts.
class Peer {
 public:
  Peer()
      : listener_("127.0.0.1", 0, [this](Stream stream) {
          accepted_.push_back(std::make_unique<Stream>(std::move(stream)));
          arrived_.notify();
        }) {}

  int port() const { return listener_.port(); }

  Task<Stream> accept() {
    Cancel never;
    while (accepted_.empty()) co_await arrived_.wait(never);
    Stream stream = std::move(*accepted_.back());
    accepted_.pop_back();
    co_return stream;
  }

 private:
  std::vector<std::unique_ptr<Stream>> accepted_;
  Notice arrived_;
  Listener listener_;
};

// Both ends of a connection.
struct Pair {
  Peer peer;
  std::optional<Stream> near;
  std::optional<Stream> far;
  Cancel never;

  Pair() = default;
  Task<> open() {
    Stream connected = co_await Stream::connect_tcp("127.0.0.1", peer.port(), never);
    near.emplace(std::move(connected));
    Stream accepted = co_await peer.accept();
    far.emplace(std::move(accepted));
  }
};

Task<std::string> read_until_end(Stream& stream) {
  Cancel never;
  std::string all;
  for (;;) {
    const std::string bytes = co_await stream.read(never);
    if (bytes.empty()) co_return all;
    all += bytes;
  }
}

Task<std::string> failure_of(Task<std::string> task) {
  try {
    const std::string bytes = co_await std::move(task);
    co_return "no failure but " + std::to_string(bytes.size()) + " bytes";
  } catch (const Failure& failure) {
    co_return std::string(name(failure.kind())) + " " + failure.what();
  }
}

Task<std::string> failure_of(Task<> task) {
  try {
    co_await std::move(task);
  } catch (const Failure& failure) {
    co_return std::string(name(failure.kind())) + " " + failure.what();
  }
  co_return "no failure";
}

Task<> connect(std::string host, int port, Cancel& cancel) {
  const Stream stream = co_await Stream::connect_tcp(host, port, cancel);
}

TEST(Stream, CarriesBytesBothWays) {
  run_on_loop([]() -> Task<> {
    Pair pair;
    co_await pair.open();
    co_await pair.near->write("ping", pair.never);
    const std::string ping = co_await pair.far->read(pair.never);
    EXPECT_EQ(ping, "ping");
    co_await pair.far->write(std::string("po\0ng", 5), pair.never);
    const std::string pong = co_await pair.near->read(pair.never);
    EXPECT_EQ(pong, std::string("po\0ng", 5));
  }());
}

TEST(Stream, WritesNothingAtOnce) {
  run_on_loop([]() -> Task<> {
    Pair pair;
    co_await pair.open();
    co_await pair.near->write("", pair.never);
    co_await pair.near->write("x", pair.never);
    const std::string bytes = co_await pair.far->read(pair.never);
    EXPECT_EQ(bytes, "x");
  }());
}

TEST(Stream, SaysWhereAConnectionWasRefused) {
  run_on_loop([]() -> Task<> {
    Cancel never;
    const int port = test::free_port();
    const std::string what = co_await failure_of(connect("127.0.0.1", port, never));
    EXPECT_EQ(what,
              "transient 127.0.0.1:" + std::to_string(port) + ": connecting: connection refused");
  }());
}

TEST(Stream, FindsTheOneAddressOfANameThatListens) {
  run_on_loop([]() -> Task<> {
    Peer peer;  // on 127.0.0.1 only, while localhost may be ::1 first
    Cancel never;
    Stream near = co_await Stream::connect_tcp("localhost", peer.port(), never);
    co_await near.write("x", never);
    Stream far = co_await peer.accept();
    const std::string bytes = co_await far.read(never);
    EXPECT_EQ(bytes, "x");
  }());
}

TEST(Stream, SaysWhichNameHasNoAddress) {
  run_on_loop([]() -> Task<> {
    Cancel never;
    const std::string what = co_await failure_of(connect("no-such-host.invalid", 1, never));
    EXPECT_THAT(what, HasSubstr("transient cannot resolve host \"no-such-host.invalid\""));
    const std::string too_long = co_await failure_of(connect(std::string(5000, 'x'), 1, never));
    EXPECT_THAT(too_long, HasSubstr("transient cannot resolve host"));
  }());
}

TEST(Stream, ReadsTheRestAndThenTheEnd) {
  run_on_loop([]() -> Task<> {
    Pair pair;
    co_await pair.open();
    co_await pair.near->write("last words", pair.never);
    pair.near.reset();
    const std::string all = co_await read_until_end(*pair.far);
    EXPECT_EQ(all, "last words");
    const std::string again = co_await pair.far->read(pair.never);
    EXPECT_EQ(again, "");
  }());
}

TEST(Stream, ReportsAReset) {
  run_on_loop([]() -> Task<> {
    Pair pair;
    co_await pair.open();
    pair.near->reset();
    const std::string what = co_await failure_of(pair.far->read(pair.never));
    EXPECT_EQ(what, "transient client: reading: connection reset by peer");
    const std::string write = co_await failure_of(pair.far->write("x", pair.never));
    EXPECT_THAT(write, HasSubstr("transient client: writing: "));
  }());
}

TEST(Stream, ReportsWritingToAPeerThatHasGone) {
  run_on_loop([]() -> Task<> {
    Pair pair;
    co_await pair.open();
    pair.far->reset();
    std::string what = "no failure";
    for (int i = 0; i < 1000 && what == "no failure"; ++i)
      what = co_await failure_of(pair.near->write(std::string(100'000, 'x'), pair.never));
    EXPECT_THAT(what, HasSubstr("writing: "));
  }());
}

Task<> write_all(std::optional<Stream>& stream, std::string bytes) {
  Cancel never;
  co_await stream->write(std::move(bytes), never);
}

Task<> read_exactly(std::optional<Stream>& stream, std::size_t size, std::string& into) {
  Cancel never;
  while (into.size() < size) {
    const std::string bytes = co_await stream->read(never);
    if (bytes.empty()) co_return;
    into += bytes;
  }
}

TEST(Stream, CarriesMuchBothWaysAtTheSameTime) {
  run_on_loop(
      []() -> Task<> {
        Pair pair;
        co_await pair.open();
        std::string there;
        std::string back;
        for (int i = 0; there.size() < 16'000'000; ++i) {
          there += "there " + std::to_string(i);
          back += "and back " + std::to_string(i);
        }
        std::string got_there;
        std::string got_back;
        Scope scope;
        scope.spawn(write_all(pair.near, there));
        scope.spawn(write_all(pair.far, back));
        scope.spawn(read_exactly(pair.far, there.size(), got_there));
        scope.spawn(read_exactly(pair.near, back.size(), got_back));
        co_await scope.join();
        EXPECT_TRUE(got_there == there);
        EXPECT_TRUE(got_back == back);
      }(),
      Seconds(40));
}

// Ends `stream` in a later turn.
Task<> end_later(std::optional<Stream>& stream, bool with_reset) {
  Cancel never;
  co_await Sleep(Millis(5), never);
  if (with_reset)
    stream->reset();
  else
    stream->close();
}

TEST(Stream, CloseWakesItsReaderWithAFailure) {
  run_on_loop([]() -> Task<> {
    for (const bool with_reset : {false, true}) {
      Pair pair;
      co_await pair.open();
      Scope scope;
      scope.spawn(end_later(pair.near, with_reset));
      const std::string what = co_await failure_of(pair.near->read(pair.never));
      EXPECT_THAT(what, HasSubstr("transient 127.0.0.1:"));
      co_await scope.join();
      const std::string again = co_await failure_of(pair.near->read(pair.never));
      EXPECT_THAT(again, HasSubstr("transient"));
      const std::string write = co_await failure_of(pair.near->write("x", pair.never));
      EXPECT_THAT(write, HasSubstr("transient"));
      pair.near->close();  // again: nothing happens
    }
  }());
}

TEST(Stream, CloseWakesAWriterThatThePeerDoesNotRead) {
  run_on_loop([]() -> Task<> {
    Pair pair;
    co_await pair.open();
    Scope scope;
    scope.spawn(end_later(pair.near, false));
    const std::string what =
        co_await failure_of(pair.near->write(std::string(64'000'000, 'x'), pair.never));
    EXPECT_THAT(what, HasSubstr("writing: "));
    co_await scope.join();
  }());
}

TEST(Stream, CloseIsSeenByThePeerAsTheEnd) {
  run_on_loop([]() -> Task<> {
    Pair pair;
    co_await pair.open();
    pair.near->close();
    const std::string rest = co_await read_until_end(*pair.far);
    EXPECT_EQ(rest, "");
  }());
}

Task<> cancel_later(Cancel& cancel) {
  Cancel never;
  co_await Sleep(Millis(5), never);
  cancel.request(Failure(Kind::stopping, "enough"));
}

TEST(Stream, CanBeReadAfterACancelledRead) {
  run_on_loop([]() -> Task<> {
    Pair pair;
    co_await pair.open();
    Cancel cancel;
    Scope scope;
    scope.spawn(cancel_later(cancel));
    const std::string what = co_await failure_of(pair.near->read(cancel));
    EXPECT_EQ(what, "stopping enough");
    co_await scope.join();
    co_await pair.far->write("still here", pair.never);
    const std::string bytes = co_await pair.near->read(pair.never);
    EXPECT_EQ(bytes, "still here");
  }());
}

TEST(Stream, CancelledWriteThrowsTheReasonAndTheStreamCanBeDropped) {
  run_on_loop([]() -> Task<> {
    Pair pair;
    co_await pair.open();
    Cancel cancel;
    Scope scope;
    scope.spawn(cancel_later(cancel));
    const std::string what =
        co_await failure_of(pair.near->write(std::string(64'000'000, 'x'), cancel));
    EXPECT_EQ(what, "stopping enough");
    co_await scope.join();
    pair.near.reset();
  }());
}

TEST(Stream, DoesNothingWhenCancelledBefore) {
  run_on_loop([]() -> Task<> {
    Pair pair;
    co_await pair.open();
    Cancel cancel;
    cancel.request(Failure(Kind::stopping, "enough"));
    const std::string connected = co_await failure_of(connect("127.0.0.1", 1, cancel));
    const std::string read = co_await failure_of(pair.near->read(cancel));
    const std::string written = co_await failure_of(pair.near->write("x", cancel));
    EXPECT_EQ(connected, "stopping enough");
    EXPECT_EQ(read, "stopping enough");
    EXPECT_EQ(written, "stopping enough");
  }());
}

// Listens and never accepts; once its queue is full, the kernel leaves a SYN without an answer.
class BlackHole {
 public:
  BlackHole() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd_, generic, length) != 0 || listen(fd_, 0) != 0 ||
        getsockname(fd_, generic, &length) != 0)
      throw Failure(Kind::system, "cannot listen");
    port_ = ntohs(address.sin_port);
    for (int& filler : fillers_) {
      filler = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      (void)::connect(filler, generic, length);
    }
  }
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;
  ~BlackHole() {
    for (const int filler : fillers_) ::close(filler);
    ::close(fd_);
  }
  int port() const { return port_; }

 private:
  int fd_;
  int fillers_[4] = {};
  int port_ = 0;
};

TEST(Stream, ConnectingToWhatNeverAnswersCanBeCancelled) {
  run_on_loop([]() -> Task<> {
    const BlackHole hole;
    Cancel cancel;
    const Deadline deadline(cancel, Millis(100), Failure(Kind::transient, "no answer in time"));
    const auto from = Monotonic::now();
    const std::string what = co_await failure_of(connect("127.0.0.1", hole.port(), cancel));
    EXPECT_EQ(what, "transient no answer in time");
    EXPECT_GE(Monotonic::now() - from, Millis(90));
  }());
}

TEST(Stream, ResolvingCanBeCancelled) {
  run_on_loop([]() -> Task<> {
    Cancel cancel;
    Scope scope;
    std::string what;
    const auto attempt = [](Cancel& its_cancel, std::string& into) -> Task<> {
      into = co_await failure_of(connect("no-such-host.invalid", 1, its_cancel));
    };
    for (int i = 0; i < 8; ++i) scope.spawn(attempt(cancel, what));
    cancel.request(Failure(Kind::stopping, "enough"));
    co_await scope.join();
    EXPECT_EQ(what, "stopping enough");
  }());
}

TEST(Loop, WaitsAtItsEndForANameLookupThatNobodyWantsAnyMore) {
  Cancel cancel;
  const auto leave = [](Cancel& its_cancel) -> Task<> {
    Scope scope;
    const auto attempt = [](Cancel& inner) -> Task<> {
      const std::string what = co_await failure_of(connect("no-such-host.invalid", 1, inner));
      EXPECT_EQ(what, "stopping enough");
    };
    for (int i = 0; i < 8; ++i) scope.spawn(attempt(its_cancel));
    Cancel never;
    co_await Sleep(Millis(0), never);
    its_cancel.request(Failure(Kind::stopping, "enough"));
    co_await scope.join();
  };
  run_on_loop(leave(cancel));  // aborts if the loop cannot be closed
}

TEST(Stream, SpeaksToUnixSockets) {
  const test::RedisServer server;
  const std::string path = server.socket_path();
  const auto ping = [](const std::string& socket) -> Task<> {
    Cancel never;
    Stream stream = co_await Stream::connect_unix(socket, never);
    co_await stream.write("PING\r\n", never);
    const std::string pong = co_await stream.read(never);
    EXPECT_EQ(pong, "+PONG\r\n");
    stream.reset();  // which a Unix socket does not know: it closes
    const std::string what = co_await failure_of(stream.read(never));
    EXPECT_THAT(what, HasSubstr("transient " + socket));
  };
  run_on_loop(ping(path));
}

TEST(Stream, SaysWhichUnixSocketIsNotThere) {
  run_on_loop([]() -> Task<> {
    Cancel never;
    const auto connect_to = [](std::string path, Cancel& cancel) -> Task<> {
      const Stream stream = co_await Stream::connect_unix(path, cancel);
    };
    const std::string what = co_await failure_of(connect_to("/nowhere/socket", never));
    EXPECT_EQ(what, "transient /nowhere/socket: connecting: no such file or directory");
  }());
}

TEST(Listener, SaysWhichAddressItCannotHave) {
  run_on_loop([]() -> Task<> {
    const Peer peer;
    const auto ignore = [](Stream) {};
    try {
      const Listener taken("127.0.0.1", peer.port(), ignore);
      ADD_FAILURE() << "two listen on one port";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), Kind::system);
      EXPECT_THAT(failure.what(), HasSubstr("127.0.0.1:" + std::to_string(peer.port())));
      EXPECT_THAT(failure.what(), HasSubstr("address already in use"));
    }
    EXPECT_THROW(Listener("not an address", 0, ignore), Failure);
    co_return;
  }());
}

TEST(Listener, ListensOnIpv6Too) {
  run_on_loop([]() -> Task<> {
    std::unique_ptr<Listener> listener;
    std::optional<Stream> accepted;
    try {
      listener = std::make_unique<Listener>(
          "::1", 0, [&accepted](Stream stream) { accepted.emplace(std::move(stream)); });
    } catch (const Failure&) {
      co_return;  // a machine without IPv6
    }
    Cancel never;
    const Stream near = co_await Stream::connect_tcp("::1", listener->port(), never);
    const std::function<bool()> arrived = [&accepted] { return accepted.has_value(); };
    co_await eventually("the connection", Seconds(5), arrived);
  }());
}

}  // namespace
}  // namespace ryumem
