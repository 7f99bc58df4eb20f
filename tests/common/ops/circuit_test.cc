// What opens a circuit, what closes it, and how many jobs may be taken meanwhile.
#include "common/ops/circuit.h"

#include <gtest/gtest.h>

#include "tests/support/eventually.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::eventually;
using test::run_on_loop;

const Failure kOutage(Kind::outage, "the key is refused");
const Failure kUnreachable(Kind::unreachable, "nobody there");

struct Bench {
  Slot slot{};
  Circuits circuits{slot};

  CircuitState shown() const {
    return static_cast<CircuitState>(slot.of(Dependency::server).state.load());
  }
};

bool admits(Circuit& circuit) {
  try {
    circuit.admit();
    return true;
  } catch (const Failure&) {
    return false;
  }
}

// Waits until the pause of an opened circuit is over.
Task<> wait_for_probe(Circuit& circuit) {
  const std::function<bool()> due = [&circuit] { return !circuit.open(); };
  co_await eventually("a probe is due", Seconds(10), due);
}

TEST(Circuit, IsClosedAtFirstAndLetsEverythingPass) {
  Bench bench;
  EXPECT_TRUE(bench.circuits.server.closed());
  EXPECT_TRUE(admits(bench.circuits.server));
  EXPECT_EQ(bench.circuits.claimable(10, 64), 54u);
  EXPECT_EQ(bench.shown(), CircuitState::closed);
}

TEST(Circuit, OpensOnAnOutageAndOnSomebodyWhoCannotBeReached) {
  for (const Failure& failure : {kOutage, kUnreachable}) {
    Bench bench;
    bench.circuits.server.failed(failure);
    EXPECT_TRUE(bench.circuits.server.open()) << failure.what();
    EXPECT_FALSE(admits(bench.circuits.server));
    EXPECT_EQ(bench.circuits.claimable(0, 64), 0u);
    EXPECT_EQ(bench.shown(), CircuitState::open);
    EXPECT_EQ(bench.slot.of(Dependency::server).reason_text(), failure.what());
  }
}

TEST(Circuit, SaysInItsRefusalWhyItIsOpen) {
  Bench bench;
  bench.circuits.server.failed(kOutage);
  try {
    bench.circuits.server.admit();
    FAIL() << "it admitted a call";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), Kind::unreachable);
    EXPECT_NE(std::string(failure.what()).find("the key is refused"), std::string::npos);
  }
}

TEST(Circuit, StaysClosedForFailuresThatShowThatTheDependencyIsThere) {
  for (const Kind kind : {Kind::transient, Kind::bad_answer, Kind::refused, Kind::gone,
                          Kind::rejected, Kind::stopping, Kind::lease_lost}) {
    Bench bench;
    bench.circuits.server.failed(Failure(kind, "x"));
    EXPECT_TRUE(bench.circuits.server.closed()) << name(kind);
  }
}

TEST(Circuit, OfOneDependencyDoesNotCloseTheOthers) {
  Bench bench;
  bench.circuits.chat.failed(kOutage);
  EXPECT_TRUE(admits(bench.circuits.server));
  EXPECT_TRUE(admits(bench.circuits.embedding));
  EXPECT_FALSE(admits(bench.circuits.chat));
}

TEST(Circuit, LetsOneCanaryThroughWhenItsPauseIsOver) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    bench.circuits.server.failed(kUnreachable);
    co_await wait_for_probe(bench.circuits.server);
    EXPECT_TRUE(bench.circuits.probing());
    EXPECT_EQ(bench.circuits.claimable(0, 64), 1u);
    EXPECT_EQ(bench.circuits.claimable(1, 64), 0u);
    EXPECT_TRUE(admits(bench.circuits.server));
    EXPECT_EQ(bench.shown(), CircuitState::half_open);
  }());
}

TEST(Circuit, ClosesOnTheCanarysSuccessAndLetsJobsGrowByDoubling) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    bench.circuits.server.failed(kUnreachable);
    co_await wait_for_probe(bench.circuits.server);
    bench.circuits.server.succeeded();
    EXPECT_TRUE(bench.circuits.server.closed());
    EXPECT_EQ(bench.shown(), CircuitState::closed);
    EXPECT_EQ(bench.slot.of(Dependency::server).reason_text(), "");
    EXPECT_EQ(bench.circuits.claimable(0, 64), 2u);
    bench.circuits.job_completed();
    EXPECT_EQ(bench.circuits.claimable(0, 64), 4u);
    for (int i = 0; i < 20; ++i) bench.circuits.job_completed();
    EXPECT_EQ(bench.circuits.claimable(0, 64), 64u);
  }());
}

TEST(Circuit, OpensAgainWhenTheCanaryFailsEvenInPassing) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    bench.circuits.server.failed(kUnreachable);
    co_await wait_for_probe(bench.circuits.server);
    bench.circuits.server.failed(Failure(Kind::transient, "time-out"));
    EXPECT_TRUE(bench.circuits.server.open());
    EXPECT_EQ(bench.slot.of(Dependency::server).opened.load(), 2u);
  }());
}

TEST(Circuit, ClosesWhenTheCanaryIsRefusedForItsOwnSake) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    bench.circuits.server.failed(kUnreachable);
    co_await wait_for_probe(bench.circuits.server);
    bench.circuits.server.failed(Failure(Kind::rejected, "422"));
    EXPECT_TRUE(bench.circuits.server.closed());
  }());
}

TEST(Circuit, LearnsNothingFromACallThatWasNeverSent) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    const Failure unsent = Failure(Kind::rejected, "a line break").unsent().at("server");
    bench.circuits.server.failed(unsent);
    EXPECT_TRUE(bench.circuits.server.closed());
    bench.circuits.server.failed(kUnreachable);
    co_await wait_for_probe(bench.circuits.server);
    EXPECT_TRUE(admits(bench.circuits.server));
    bench.circuits.server.failed(unsent);
    EXPECT_EQ(bench.shown(), CircuitState::half_open);
    EXPECT_EQ(bench.circuits.claimable(0, 64), 1u);  // the next canary is still to come
  }());
}

TEST(Circuit, IsNotTouchedByStragglersWhileItIsOpen) {
  Bench bench;
  bench.circuits.server.failed(kUnreachable);
  const auto probe_at = bench.circuits.server.probe_at();
  bench.circuits.server.failed(kOutage);
  EXPECT_EQ(bench.circuits.server.probe_at(), probe_at);
}

TEST(Circuit, WaitsAsLongAsThePeerAsksForUpToAMinute) {
  Bench bench;
  bench.circuits.chat.failed(kOutage.with_retry_after(Seconds(40)));
  const auto left = *bench.circuits.chat.probe_at() - Monotonic::now();
  EXPECT_GT(left, Seconds(30));
  bench.circuits.server.failed(kOutage.with_retry_after(Seconds(4000)));
  EXPECT_LE(*bench.circuits.server.probe_at() - Monotonic::now(), Seconds(61));
}

TEST(Circuit, HasNewsForThoseWhoShareItWhenItIsRefusedNotWhenNobodyIsInReach) {
  Bench bench;
  bench.circuits.server.failed(kUnreachable);
  EXPECT_FALSE(bench.circuits.server.take_news().any());
  bench.circuits.chat.failed(kOutage.with_retry_after(Seconds(40)));
  const Circuit::News news = bench.circuits.chat.take_news();
  EXPECT_TRUE(news.failed);
  EXPECT_EQ(news.why, "the key is refused");
  EXPECT_EQ(news.least, Seconds(40));
  EXPECT_FALSE(bench.circuits.chat.take_news().any());
  bench.circuits.chat.keep_news(news);
  EXPECT_TRUE(bench.circuits.chat.take_news().failed);
}

TEST(Circuit, OpenForAllIsOpenHereUntilItIsClosedForAll) {
  Bench bench;
  bench.circuits.chat.opened_for_all("refused elsewhere", false, Seconds(9));
  EXPECT_TRUE(bench.circuits.chat.open());
  EXPECT_FALSE(admits(bench.circuits.chat));
  EXPECT_EQ(bench.slot.of(Dependency::chat_model).reason_text(), "refused elsewhere");
  // An answer from before says nothing, and is no news.
  bench.circuits.chat.succeeded();
  EXPECT_TRUE(bench.circuits.chat.open());
  EXPECT_FALSE(bench.circuits.chat.take_news().any());
  bench.circuits.chat.closed_for_all();
  EXPECT_TRUE(bench.circuits.chat.closed());
  EXPECT_EQ(bench.circuits.claimable(0, 64), 2u);
}

TEST(Circuit, ThatOnlyWeFoundOpenIsNotClosedForAll) {
  Bench bench;
  bench.circuits.chat.failed(kUnreachable);
  bench.circuits.chat.closed_for_all();
  EXPECT_TRUE(bench.circuits.chat.open());
}

TEST(Circuit, IsTriedAtOnceByTheOneWhoIsToTryAndItsSuccessIsNews) {
  Bench bench;
  bench.circuits.chat.opened_for_all("refused elsewhere", true, Millis(0));
  EXPECT_TRUE(bench.circuits.chat.idle_canary());
  EXPECT_EQ(bench.circuits.claimable(0, 64), 1u);
  EXPECT_TRUE(admits(bench.circuits.chat));
  EXPECT_FALSE(bench.circuits.chat.idle_canary());
  bench.circuits.chat.succeeded();
  EXPECT_TRUE(bench.circuits.chat.closed());
  EXPECT_TRUE(bench.circuits.chat.take_news().works);
}

TEST(Circuit, HasATryThatFoundNothingOutStillToMake) {
  Bench bench;
  bench.circuits.chat.opened_for_all("refused elsewhere", true, Millis(0));
  EXPECT_TRUE(admits(bench.circuits.chat));
  bench.circuits.chat.failed(Failure(Kind::lease_lost, "in other hands"));
  EXPECT_TRUE(bench.circuits.chat.idle_canary());
  // A job on its way to it is no idleness.
  bench.circuits.canary_began();
  EXPECT_FALSE(bench.circuits.chat.idle_canary());
  bench.circuits.canary_ended();
  EXPECT_TRUE(bench.circuits.chat.idle_canary());
}

// Refused here, and others get through: another opinion than ours is heard twice.
TEST(Circuit, KeepsToItselfWhatWorksForOthersTimeAndAgain) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    Circuit& chat = bench.circuits.chat;
    for (int i = 0; i < 2; ++i) {
      chat.failed(kOutage);
      EXPECT_TRUE(chat.take_news().failed);
      chat.opened_for_all("told by us", false, Millis(1000));
      chat.closed_for_all();
      EXPECT_TRUE(chat.closed());
    }
    chat.failed(kOutage);
    EXPECT_FALSE(chat.take_news().any());
    chat.closed_for_all();
    EXPECT_TRUE(chat.open()) << "it is out for us";
    co_await wait_for_probe(chat);
    EXPECT_TRUE(admits(chat));
    chat.succeeded();
    chat.failed(kOutage);
    EXPECT_TRUE(chat.take_news().failed) << "it had worked here";
  }());
}

TEST(Circuit, ForgetsNewsThatTimeHasOvertaken) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    Circuit& chat = bench.circuits.chat;
    chat.failed(kOutage);
    Circuit::News untold = chat.take_news();  // Redis is away
    co_await wait_for_probe(chat);
    chat.succeeded();
    chat.keep_news(std::move(untold));
    EXPECT_FALSE(chat.take_news().any());
  }());
}

TEST(Circuit, RestsAfterItsOwnFailureUntilItsPauseIsOver) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    bench.circuits.chat.failed(kUnreachable);
    EXPECT_TRUE(bench.circuits.chat.resting());
    co_await wait_for_probe(bench.circuits.chat);
    EXPECT_FALSE(bench.circuits.chat.resting());
  }());
}

TEST(Circuit, TellsThatItsTryWasInVainWhateverTheReason) {
  Bench bench;
  bench.circuits.chat.opened_for_all("refused elsewhere", true, Millis(0));
  EXPECT_TRUE(admits(bench.circuits.chat));
  bench.circuits.chat.failed(kUnreachable);
  // An older word of the others does not undo what they have not heard yet.
  bench.circuits.chat.opened_for_all("refused elsewhere", true, Millis(0));
  EXPECT_TRUE(bench.circuits.chat.open());
  const Circuit::News news = bench.circuits.chat.take_news();
  EXPECT_TRUE(news.failed);
  EXPECT_EQ(news.why, "nobody there");
}

TEST(Circuits, WakeWhoeverWaitsForAChangeWhenAProbeIsDue) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    Cancel never;
    bench.circuits.server.failed(kUnreachable);
    while (bench.circuits.claimable(0, 8) == 0)
      co_await bench.circuits.changed(never, Monotonic::now());
    EXPECT_TRUE(bench.circuits.probing());
  }());
}

Task<int> answer_of(int value) { co_return value; }
Task<int> failure_of(Failure failure) {
  throw failure;
  co_return 0;
}

TEST(Circuits, AreOpenedByACallThatGoesThroughThem) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    const auto works = [] { return answer_of(7); };
    const int value = co_await through<int>(bench.circuits.chat, works);
    EXPECT_EQ(value, 7);
    const auto breaks = [] { return failure_of(kUnreachable); };
    bool thrown = false;
    try {
      co_await through<int>(bench.circuits.chat, breaks);
    } catch (const Failure& failure) {
      thrown = failure.kind() == Kind::unreachable;
    }
    EXPECT_TRUE(thrown);
    EXPECT_TRUE(bench.circuits.chat.open());
  }());
}

}  // namespace
}  // namespace ryumem
