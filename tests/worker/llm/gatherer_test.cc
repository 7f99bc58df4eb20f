#include "worker/llm/gatherer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/common/queue/failure_of.h"
#include "tests/support/eventually.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::eventually;
using test::failure_of;
using test::run_on_loop;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Texts = std::vector<std::string>;

std::string joined(const Texts& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : " ") + text;
  return out;
}

// A model that gives each text itself in brackets, and fails as it is told to.
struct Model {
  Texts requests;              // the texts of each, joined
  std::size_t most = 1000;     // texts in a request; too_long above
  std::optional<Failure> bad;  // for a request that holds a text with a '!'
  int failures = 0;            // transient ones, before anything works
  bool held = false;           // requests wait
  int given_up = 0;            // requests that were cancelled
  Notice released;

  Task<VectorsByText> send(const Cargo& cargo, Cancel& cancel) {
    const Texts& texts = cargo.texts;
    requests.push_back(joined(texts));
    try {
      while (held) co_await released.wait(cancel);
    } catch (const Failure&) {
      ++given_up;
      throw;
    }
    if (failures > 0) {
      --failures;
      throw Failure(Kind::transient, "busy");
    }
    if (texts.size() > most) throw Failure(Kind::too_long, "too many");
    VectorsByText vectors;
    for (const std::string& text : texts) {
      if (bad && text.find('!') != text.npos) throw *bad;
      vectors[text] = std::make_shared<const std::string>("[" + text + "]");
    }
    co_return vectors;
  }
  void release() {
    held = false;
    released.notify();
  }
};

struct Party {
  Scoreboard board = Scoreboard::create(1);
  Circuits circuits{board.slot(0)};
  Model model;
  Gatherer gatherer;
  Cancel cancel;
  Texts answers;  // of each job, in the order of their ends
  Scope jobs;

  explicit Party(std::size_t texts = 64, Millis wait = Millis(20), int tries = 3)
      : gatherer(limits(texts, wait), RetryPolicy(tries, Millis(1), Millis(5)), circuits.embedding,
                 board.slot(0),
                 [this](const Cargo& cargo, Cancel& its) { return model.send(cargo, its); }) {}

  static GatherLimits limits(std::size_t texts, Millis wait) {
    GatherLimits limits;
    limits.texts = texts;
    limits.wait = wait;
    return limits;
  }
  Task<> one(Texts texts, Cancel* its) {
    std::string outcome;
    try {
      const std::vector<VectorText> vectors = co_await gatherer.vectors_of("acme", texts, *its);
      for (const VectorText& vector : vectors) outcome += *vector;
    } catch (const Failure& failure) {
      outcome = joined(texts) + ": " + std::string(name(failure.kind()));
    }
    answers.push_back(outcome);
  }
  void start(Texts texts) { jobs.spawn(one(std::move(texts), &cancel)); }
  void start(Texts texts, Cancel& its) { jobs.spawn(one(std::move(texts), &its)); }
};

TEST(Gatherer, SendsTheTextsOfManyJobsInOneRequest) {
  run_on_loop([]() -> Task<> {
    Party party;
    for (int i = 0; i < 20; ++i) party.start({"a" + std::to_string(i), "b" + std::to_string(i)});
    co_await party.jobs.join();
    EXPECT_THAT(party.model.requests, SizeIs(1));
    EXPECT_THAT(party.answers, SizeIs(20));
    EXPECT_THAT(party.answers, testing::Contains("[a7][b7]"));
    EXPECT_EQ(party.board.slot(0).calls_gathered.load(), 19u);
  }());
}

TEST(Gatherer, SendsATextOfTwoJobsOnce) {
  run_on_loop([]() -> Task<> {
    Party party;
    party.start({"same", "one"});
    party.start({"two", "same"});
    co_await party.jobs.join();
    EXPECT_THAT(party.model.requests, ElementsAre("same one two"));
    EXPECT_THAT(party.answers, ElementsAre("[same][one]", "[two][same]"));
  }());
}

TEST(Gatherer, KeepsAJobsTextsTogether) {
  run_on_loop([]() -> Task<> {
    Party party(4);
    party.start({"a", "b", "c"});
    party.start({"d", "e"});
    party.start({"f", "g"});
    co_await party.jobs.join();
    EXPECT_THAT(party.model.requests, ElementsAre("a b c", "d e f g"));
  }());
}

TEST(Gatherer, DoesNotWaitOnceARequestIsFull) {
  run_on_loop([]() -> Task<> {
    Party party(2, Seconds(3600));
    party.start({"a", "b"});
    co_await party.jobs.join();
    EXPECT_THAT(party.answers, ElementsAre("[a][b]"));
  }());
}

TEST(Gatherer, SaysHowMuchFitsIntoARequest) {
  run_on_loop([]() -> Task<> {
    GatherLimits limits;
    limits.texts = 3;
    limits.tokens = 100;
    Party party;
    Gatherer gatherer(limits, RetryPolicy(1, Millis(1), Millis(1)), party.circuits.embedding,
                      party.board.slot(0), nullptr);
    const Texts texts = {"a", "b", "c", "d", std::string(1000, 'x'), "e", std::string(190, 'x')};
    EXPECT_EQ(gatherer.fitting(texts, 0), 3u);
    EXPECT_EQ(gatherer.fitting(texts, 3), 1u);
    EXPECT_EQ(gatherer.fitting(texts, 4), 1u) << "what is too much by itself goes out by itself";
    EXPECT_EQ(gatherer.fitting(texts, 5), 2u);
    EXPECT_EQ(gatherer.fitting(texts, 7), 0u);
    co_return;
  }());
}

TEST(Gatherer, TriesASharedRequestAgainOnceForAll) {
  run_on_loop([]() -> Task<> {
    Party party;
    party.model.failures = 2;
    for (const char* text : {"a", "b", "c"}) party.start({text});
    co_await party.jobs.join();
    EXPECT_THAT(party.model.requests, ElementsAre("a b c", "a b c", "a b c"));
    EXPECT_THAT(party.answers, ElementsAre("[a]", "[b]", "[c]"));
  }());
}

TEST(Gatherer, SharesAFailureThatIsNobodysOwn) {
  run_on_loop([]() -> Task<> {
    Party party;
    party.model.failures = 100;
    for (const char* text : {"a", "b", "c"}) party.start({text});
    co_await party.jobs.join();
    EXPECT_THAT(party.model.requests, SizeIs(3)) << "one series of tries, not one for each job";
    EXPECT_THAT(party.answers, ElementsAre("a: transient", "b: transient", "c: transient"));
  }());
}

TEST(Gatherer, FailsOnlyTheJobWhoseTextTheModelRefuses) {
  for (const Kind kind : {Kind::rejected, Kind::refused, Kind::bad_answer})
    run_on_loop([](Kind bad) -> Task<> {
      Party party;
      party.model.bad = Failure(bad, "one of them");
      for (const char* text : {"a", "b", "c!", "d", "e", "f", "g", "h"})
        party.start({text, std::string("2") + text});
      co_await party.jobs.join();
      EXPECT_THAT(party.answers, testing::UnorderedElementsAre(
                                     "[a][2a]", "[b][2b]", "[d][2d]", "[e][2e]", "[f][2f]",
                                     "[g][2g]", "[h][2h]", "c! 2c!: " + std::string(name(bad))));
      EXPECT_LE(party.model.requests.size(), 7u);
      EXPECT_EQ(party.model.requests.back(), "e 2e f 2f g 2g h 2h");
    }(kind));
}

TEST(Gatherer, DoesNotDivideWhatBelongsToOneJobUnlessThatHelps) {
  run_on_loop([]() -> Task<> {
    Party party;
    party.model.bad = Failure(Kind::rejected, "one of them");
    party.start({"a", "b!", "c"});
    co_await party.jobs.join();
    EXPECT_THAT(party.model.requests, ElementsAre("a b! c"));
    EXPECT_THAT(party.answers, ElementsAre("a b! c: rejected"));
  }());
}

TEST(Gatherer, HalvesWhatIsTooMuchForOneRequest) {
  run_on_loop([]() -> Task<> {
    Party party;
    party.model.most = 2;
    party.start({"a", "b", "c", "d", "e"});
    co_await party.jobs.join();
    EXPECT_THAT(party.answers, ElementsAre("[a][b][c][d][e]"));
    EXPECT_THAT(party.model.requests, ElementsAre("a b c d e", "a b", "c d e", "c", "d e"));
  }());
}

TEST(Gatherer, FailsOnlyTheJobWithTheTextThatIsTooLongByItself) {
  run_on_loop([]() -> Task<> {
    Party party;
    party.model.bad = Failure(Kind::too_long, "8192 tokens");
    party.start({"a", "b!", "c", "d"});
    party.start({"e"});
    co_await party.jobs.join();
    EXPECT_THAT(party.answers, testing::UnorderedElementsAre("a b! c d: too_long", "[e]"));
    for (const std::string& request : party.model.requests)
      EXPECT_NE(request, "c d") << "nothing more is paid for a job that has failed";
  }());
}

TEST(Gatherer, GoesOnForTheOthersWhenAJobIsCancelled) {
  run_on_loop([]() -> Task<> {
    Party party;
    Cancel mine;
    party.model.held = true;
    party.start({"a"}, mine);
    party.start({"b"});
    const std::function<bool()> sent = [&] { return party.model.requests.size() == 1; };
    co_await eventually("the request is sent", Seconds(10), sent);
    mine.request(Failure(Kind::lease_lost, "others have it"));
    const std::function<bool()> left = [&] { return party.answers.size() == 1; };
    co_await eventually("the job has ended", Seconds(10), left);
    EXPECT_EQ(party.model.given_up, 0);
    party.model.release();
    co_await party.jobs.join();
    EXPECT_THAT(party.answers, ElementsAre("a: lease_lost", "[b]"));
    EXPECT_THAT(party.model.requests, ElementsAre("a b"));
  }());
}

TEST(Gatherer, GivesARequestUpWhenNobodyWaitsForIt) {
  run_on_loop([]() -> Task<> {
    Party party;
    party.model.held = true;
    party.start({"a"});
    party.start({"b"});
    const std::function<bool()> sent = [&] { return party.model.requests.size() == 1; };
    co_await eventually("the request is sent", Seconds(10), sent);
    party.cancel.request(Failure(Kind::stopping, "the end"));
    co_await party.jobs.join();
    EXPECT_EQ(party.model.given_up, 1);
    EXPECT_THAT(party.answers, ElementsAre("a: stopping", "b: stopping"));
  }());
}

TEST(Gatherer, AsksNothingForAJobThatIsCancelledWhileItGathers) {
  run_on_loop([]() -> Task<> {
    Party party(64, Seconds(3600));
    Cancel mine;
    party.start({"a"}, mine);
    const std::function<bool()> begun = [&] { return party.jobs.running() == 1; };
    co_await eventually("it gathers", Seconds(10), begun);
    mine.request(Failure(Kind::stopping, "the end"));
    co_await party.jobs.join();
    EXPECT_THAT(party.model.requests, IsEmpty());
    // Who comes next has a request of his own, which is not given up with that one.
    Party next(1);
    next.start({"b"});
    co_await next.jobs.join();
    EXPECT_THAT(next.answers, ElementsAre("[b]"));
  }());
}

TEST(Gatherer, LetsNobodyJoinARequestThatWasGivenUp) {
  run_on_loop([]() -> Task<> {
    Party party(2, Seconds(3600));
    Cancel mine;
    party.start({"a"}, mine);
    const std::function<bool()> none = [&] { return party.jobs.running() == 0; };
    mine.request(Failure(Kind::lease_lost, "others have it"));
    co_await eventually("it has left", Seconds(10), none);
    party.start({"b", "c"});
    co_await party.jobs.join();
    EXPECT_THAT(party.answers, ElementsAre("a: lease_lost", "[b][c]"));
  }());
}

Task<> refuse() {
  throw Failure(Kind::lease_lost, "no longer ours");
  co_return;
}
Task<> allow() { co_return; }

TEST(Gatherer, AsksEachJobForPermissionBeforeEveryTry) {
  run_on_loop([]() -> Task<> {
    Party party;
    Cancel mine;
    int asked = 0;
    mine.set_permission([&asked] { return ++asked < 2 ? allow() : refuse(); });
    party.model.failures = 1;
    party.start({"a"}, mine);
    party.start({"b"});
    co_await party.jobs.join();
    EXPECT_THAT(party.model.requests, ElementsAre("a b", "b"));
    EXPECT_THAT(party.answers, ElementsAre("a: lease_lost", "[b]"));
  }());
}

TEST(Gatherer, IsStoppedByAnOpenCircuitLikeAnyCall) {
  run_on_loop([]() -> Task<> {
    Party party;
    party.model.bad = Failure(Kind::outage, "refused key");
    party.start({"a!"});
    party.start({"b"});
    co_await party.jobs.join();
    EXPECT_THAT(party.answers, ElementsAre("a!: outage", "b: outage"));
    party.start({"c"});
    co_await party.jobs.join();
    EXPECT_EQ(party.answers.back(), "c: unreachable");
    EXPECT_THAT(party.model.requests, ElementsAre("a! b"));
  }());
}

}  // namespace
}  // namespace ryumem
