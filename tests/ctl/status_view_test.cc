#include "ctl/status_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/json.h"
#include "ctl/status_text.h"
#include "ctl/top_frame.h"

namespace ryumem {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// In the words of docs/status-json.md.
constexpr const char* kStatus = R"({"version":"0.1.0","host":"db1","pid":42,"uptime_s":7500.5,
  "ready":false,"reasons":["circuit server: status 403"],"draining":false,
  "queue":{"pending":3,"processing":2,"delayed":null,"dead":1,"untold":1,"oldest_pending_s":12.5},
  "jobs":{"claimed":10,"in_hand":2,"completed":5,"delayed":1,"buried":1,"given_back":0},
  "workers":[{"slot":0,"pid":77,"state":"ready","age_s":70.2,"heartbeat_age_s":0.4,
    "memory_bytes":31000000,"starts":2,"jobs_done":5,"jobs_in_hand":2,
    "steps":{"extract_entities":1,"complete":1},
    "jobs":[{"id":"j-1","step":"complete","age_s":3.5,"step_age_s":0.1},
            {"id":"j-2","step":"extract_entities","age_s":9,"step_age_s":8}]},
   {"slot":1,"pid":null,"state":"stopped","age_s":null,"heartbeat_age_s":null,"memory_bytes":null,
    "starts":1,"jobs_done":0,"jobs_in_hand":0,"steps":{},"jobs":[]}],
  "circuits":[{"dependency":"server","state":"open","reason":"status 403","next_probe_s":4}],
  "spend":{"tokens_in":1200,"tokens_out":34},
  "paused":[{"what":"all","by":"ada@db1","at":1763900000000,"why":"moving"}],
  "dead":[{"id":"d-1","kind":"rejected","cause":"422\u001b[2J","at":1763900000.5}]})";

TEST(StatusView, IsReadFromWhatASupervisorTells) {
  const StatusView view = read_status(kStatus);
  EXPECT_TRUE(view.live);
  EXPECT_EQ(view.host, "db1");
  EXPECT_EQ(view.queue.at("pending"), 3);
  EXPECT_EQ(view.queue.count("delayed"), 0u);
  EXPECT_EQ(view.oldest_pending, 12.5);
  EXPECT_EQ(view.workers.at(0).doing, "1 extract_entities, 1 complete");
  EXPECT_EQ(view.workers.at(1).pid, std::nullopt);
  EXPECT_EQ(view.work.at(0).id, "j-2");
  EXPECT_EQ(view.pauses.at(0).by, "ada@db1");
  EXPECT_EQ(view.dead.at(0).kind, "rejected");
}

TEST(StatusView, OfAnotherVersionLacksWhatThatDoesNotTell) {
  const StatusView view = read_status(R"({"workers":[],"queue":7,"circuits":{},"more":1})");
  EXPECT_TRUE(view.queue.empty());
  EXPECT_FALSE(view.ready);
  EXPECT_THROW(read_status("[]"), Failure);
  EXPECT_THROW(read_status("<html>"), Failure);
  EXPECT_THROW(read_status(R"({"pending":1})"), Failure);
}

TEST(StatusText, TellsAllOfIt) {
  const std::string text = status_as_text(read_status(kStatus));
  EXPECT_THAT(text, AllOf(HasSubstr("pending     3 (the oldest for 12 s)\n"),
                          HasSubstr("dead        1 (1 to be told)\n"),
                          HasSubstr("paused      all jobs are paused by ada@db1 since 2025-11-23T"),
                          HasSubstr("ready       no\n            circuit server: status 403\n"),
                          HasSubstr("circuit     server: open (status 403), next try in 4 s\n"),
                          HasSubstr("up 2 h 5 min\n")));
}

TEST(StatusText, AsJsonCarriesTheSupervisorsOwn) {
  StatusView view = read_status(kStatus);
  view.source = "http://127.0.0.1:1";
  const std::string json = status_as_json(view);
  const JsonDocument document = JsonDocument::parse(json);
  EXPECT_EQ(document.root()["source"].string(), "supervisor");
  EXPECT_EQ(document.root()["queue"]["pending"].integer(), 3);
  EXPECT_EQ(document.root()["supervisor"]["pid"].integer(), 42);
  EXPECT_EQ(document.root()["paused"].items().size(), 1u);
}

TEST(StatusText, ShowsTheFleetWhenThereIsMoreThanOneSupervisor) {
  StatusView view = read_status(kStatus);
  view.fleet.reserve(2);
  Member& here = view.fleet.emplace_back();
  here.host = "db1";
  EXPECT_THAT(status_as_text(view), Not(HasSubstr("SUPERVISOR ON")));
  Member& there = view.fleet.emplace_back();
  there.host = "db2";
  there.workers_ready = 7;
  there.workers_wanted = 8;
  there.heard = 34.5;
  here.name = view.name = "one";
  EXPECT_THAT(status_as_text(view),
              AllOf(HasSubstr("SUPERVISOR ON"), HasSubstr("db1 *"), HasSubstr("db2  "),
                    HasSubstr("7/8"), HasSubstr("silent for 34 s")));
}

TEST(StatusText, ShowsTheFleetThatRedisKnowsOf) {
  StatusView view;
  Member& member = view.fleet.emplace_back();
  member.host = "db2\x1b[2J";
  member.reason = "paused";
  const std::string text = status_as_text(view);
  EXPECT_THAT(text, AllOf(HasSubstr("db2"), HasSubstr("no: paused"), Not(HasSubstr("\x1b"))));
  const std::string json = status_as_json(view);
  const JsonDocument document = JsonDocument::parse(json);
  EXPECT_EQ(document.root()["fleet"].items().size(), 1u);
}

TEST(StatusText, SaysDurationsAndBytesShortly) {
  EXPECT_EQ(duration_text(59.9), "59 s");
  EXPECT_EQ(duration_text(61), "1 min");
  EXPECT_EQ(duration_text(7500), "2 h 5 min");
  EXPECT_EQ(duration_text(90000), "1 d 1 h");
  EXPECT_EQ(bytes_text(512'400), "512 kB");
  EXPECT_EQ(bytes_text(1'240'000'000), "1.2 GB");
}

TEST(SupervisorUrl, IsWhereItListensAsSeenFromThisHost) {
  const auto url = [](const char* listen) {
    Settings settings;
    settings.listen = listen;
    return supervisor_url(settings);
  };
  EXPECT_EQ(url("127.0.0.1:9464"), "http://127.0.0.1:9464");
  EXPECT_EQ(url("0.0.0.0:1"), "http://127.0.0.1:1");
  EXPECT_EQ(url("[::]:2"), "http://[::1]:2");
}

std::string text_of(const std::vector<Line>& lines) {
  std::string out;
  for (const Line& line : lines) {
    for (const Span& piece : line) out += piece.text;
    out += '\n';
  }
  return out;
}

TopFacts facts() {
  TopFacts facts;
  facts.now = read_status(kStatus);
  facts.now.source = "http://127.0.0.1:1";
  facts.clock = "12:00:00Z";
  facts.jobs_a_second = 2.5;
  return facts;
}

ScreenSize size_of(std::size_t columns, std::size_t rows) {
  ScreenSize size;
  size.columns = columns;
  size.rows = rows;
  return size;
}

TEST(TopFrame, ShowsAllOfItAndNoControlCharacters) {
  const std::string text = text_of(top_frame(facts(), size_of(120, 40)));
  EXPECT_THAT(text, AllOf(HasSubstr("ryumemd 0.1.0 on db1, pid 42"), HasSubstr("12:00:00Z"),
                          HasSubstr("2.5 settled a second"), HasSubstr("paused   all jobs"),
                          HasSubstr("j-2"), HasSubstr("d-1"), HasSubstr("q quits"),
                          Not(HasSubstr("\x1b"))));
}

TEST(TopFrame, FitsAnyScreen) {
  for (std::size_t rows : {0, 1, 2, 5, 8, 10, 14, 20, 30})
    EXPECT_EQ(top_frame(facts(), size_of(10, rows)).size(), std::max<std::size_t>(rows, 1));
}

TEST(TopFrame, SaysWhatCannotBeKnownWithoutASupervisor) {
  TopFacts facts;
  facts.now.queue["pending"] = 7;
  facts.now.no_answer = "http://127.0.0.1:1: connection refused";
  const std::string text = text_of(top_frame(facts, size_of(100, 20)));
  EXPECT_THAT(text, AllOf(HasSubstr("no supervisor answers"), HasSubstr("7 pending"),
                          HasSubstr("workers, circuits, spend: http://127.0.0.1:1")));
}

TEST(TopRate, IsOfOneSupervisorAndNeverNegative) {
  const StatusView before = read_status(kStatus);
  StatusView now = before;
  now.jobs["completed"] += 4;
  EXPECT_EQ(rate_between(before, now, 2), 2.0);
  EXPECT_EQ(rate_between(now, before, 2), std::nullopt);
  now.pid = 43;
  EXPECT_EQ(rate_between(before, now, 2), std::nullopt);
  EXPECT_EQ(rate_between(StatusView(), now, 2), std::nullopt);
}

}  // namespace
}  // namespace ryumem
