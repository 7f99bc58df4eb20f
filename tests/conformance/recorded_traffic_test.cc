// The jobs that the peers were recorded with, worked on by ryumem-worker: it must call the server
// as the Python worker did. The model says what the recorded one must have said, and the server
// answers what it answered.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/common/queue/redis_state.h"
#include "tests/conformance/recording.h"
#include "tests/worker/canonical_json.h"
#include "tests/worker/processes.h"

namespace ryumem {
namespace {

using test::canonical;
using test::kPatience;
using test::Recorded;

// "works_at" as a model would write it: "Works At".
std::string spoken(std::string text) {
  bool begins = true;
  for (char& c : text) {
    c = static_cast<char>(begins ? std::toupper(static_cast<unsigned char>(c))
                                 : std::tolower(static_cast<unsigned char>(c)));
    begins = c == '_';
    if (begins) c = ' ';
  }
  return text;
}

std::string json_string(const std::string& text) {
  const std::string array = JsonBuilder::array().push_string(text).print();
  return array.substr(1, array.size() - 2);
}

// What a model must say, and how it must embed, for these callbacks to follow.
class Script {
 public:
  void add(const std::string& content, const std::vector<const Recorded*>& callbacks) {
    std::map<std::string, std::string> names;
    std::string entities;
    std::string relationships;
    for (const Recorded* callback : callbacks) {
      if (callback->is("/entities/")) {
        const std::string name = callback->text("name");
        const std::string type = callback->text("entity_type");
        names[std::string(*callback->json.root()["response"]["uuid"].string())] = name;
        entities +=
            fmt::format(R"({}{{"entity":{},"entity_type":{}}})", entities.empty() ? "" : ",",
                        json_string(spoken(name)), json_string(spoken(type)));
        embed(name + " (" + type + ")", callback->numbers("name_embedding"));
      } else if (callback->is("/relationships/")) {
        relationships +=
            fmt::format(R"({}{{"source":{},"relationship":{},"destination":{},"fact":{}}})",
                        relationships.empty() ? "" : ",",
                        json_string(spoken(names.at(callback->text("source_entity_uuid")))),
                        json_string(spoken(callback->text("relation_type"))),
                        json_string(spoken(names.at(callback->text("target_entity_uuid")))),
                        json_string(callback->text("fact")));
        embed(callback->text("fact"), callback->numbers("fact_embedding"));
      }
    }
    chat_ += fmt::format(
        R"({0}{{"contains":{1},"question":"entities","answer":{{"entities":[{2}]}}}},)"
        R"({{"contains":{1},"question":"relationships","answer":{{"relationships":[{3}]}}}})",
        chat_.empty() ? "" : ",", json_string(content), entities, relationships);
  }
  std::string json() const {
    return "{\"chat\":[" + chat_ + "],\"embeddings\":{" + embeddings_ + "}}";
  }

 private:
  void embed(const std::string& text, const std::string& vector) {
    if (!seen_.insert(text).second) return;
    embeddings_ += (embeddings_.empty() ? "" : ",") + json_string(text) + ":" + vector;
  }
  std::set<std::string> seen_;
  std::string chat_;
  std::string embeddings_;
};

// Rules that make the sandbox's server answer each call as the recorded one did.
std::string recorded_answers(const test::Callbacks& callbacks) {
  std::string rules;
  std::set<std::string> seen;
  for (const Recorded& callback : callbacks) {
    std::string key = callback.path();
    std::string contains = "{";
    for (const char* member : {"name", "fact", "job_id"})
      if (callback.body().has(member))
        contains = fmt::format("\"{}\":{}", member, json_string(callback.text(member)));
    if (!seen.insert(key + contains).second) continue;
    const std::size_t at = callback.line.find("\"response\": ") + 12;
    const std::string answer = callback.line.substr(at, callback.line.rfind('}') - at);
    rules += fmt::format(R"({}{{"path":{},"contains":{},"status":200,"body":{}}})",
                         rules.empty() ? "" : ",", json_string(key), json_string(contains),
                         json_string(answer));
  }
  return rules;
}

// What a callback is about: its place in the comparison, as those of one kind come in any order.
std::string subject(const Recorded& callback) {
  return callback.path() + " " + callback.text("name") + callback.text("fact");
}

// A path's rank in a job: entities before relationships before the end.
int rank(const Recorded& callback) {
  if (callback.is("/entities/")) return 0;
  return callback.is("/relationships/") ? 1 : 2;
}

std::map<std::string, const Recorded*> by_subject(const std::vector<const Recorded*>& callbacks) {
  std::map<std::string, const Recorded*> out;
  for (const Recorded* callback : callbacks) {
    EXPECT_EQ(out.count(subject(*callback)), 0u) << subject(*callback);
    out[subject(*callback)] = callback;
  }
  return out;
}

void expect_same(const std::vector<const Recorded*>& ours,
                 const std::vector<const Recorded*>& theirs) {
  int last = 0;
  for (const Recorded* callback : ours) {
    EXPECT_GE(rank(*callback), last) << callback->line;
    last = rank(*callback);
  }
  EXPECT_EQ(ours.size(), theirs.size());
  const std::map<std::string, const Recorded*> found = by_subject(ours);
  for (const auto& [what, recorded] : by_subject(theirs)) {
    SCOPED_TRACE(what);
    const auto at = found.find(what);
    ASSERT_NE(at, found.end()) << "it was never made";
    const Recorded& made = *at->second;
    EXPECT_EQ(made.json.root()["method"].string(), recorded->json.root()["method"].string());
    EXPECT_EQ(made.path(), recorded->path());
    EXPECT_EQ(canonical(made.json.root()["headers"]), canonical(recorded->json.root()["headers"]));
    EXPECT_EQ(canonical(made.body()), canonical(recorded->body()));
    for (const char* vector : {"name_embedding", "fact_embedding"})
      EXPECT_EQ(made.numbers(vector), recorded->numbers(vector));
  }
}

class RecordedTraffic : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("RYUMEM_VECTORS") == nullptr)
      GTEST_SKIP() << "RYUMEM_VECTORS names no folder with a recording";
    jobs_ = test::recorded_lines("jobs.jsonl");
    recorded_ = test::parse_lines(test::recorded_lines("callbacks.jsonl"));
    ASSERT_FALSE(jobs_.empty());
    ASSERT_FALSE(recorded_.empty());
  }

  std::string id_of(const std::string& job) {
    const JsonDocument document = JsonDocument::parse(job);
    return std::string(document.root()["job_id"].string().value());
  }

  // Puts the jobs where they were, the newest on the left, and works on all of them.
  void replay(const std::vector<std::string>& settings) {
    const auto theirs = test::by_job(recorded_);
    Script script;
    for (const std::string& job : jobs_) {
      const JsonDocument document = JsonDocument::parse(job);
      const std::string id = id_of(job);
      ASSERT_EQ(theirs.count(id), 1u) << "the recording has no end of job " << id;
      script.add(std::string(document.root()["content"].string().value()), theirs.at(id));
      redis_.ask({"SET", "ryumem:job:" + id, job, "EX", "86400"});
      redis_.ask({"RPUSH", "ryumem:extraction_jobs", id});
    }
    sandbox_.control("POST", "/sandbox/script", script.json());
    sandbox_.inject(recorded_answers(recorded_));
    std::vector<std::string> environment = settings;
    environment.push_back("WORKER_INTERNAL_KEY=sekret");
    test::WorkerProcess worker(redis_, sandbox_, environment);
    const bool done = test::wait_until(kPatience, [&] {
      std::size_t ended = 0;
      for (const std::string& job : jobs_)
        ended += redis_.ask({"GET", "ryumem:job:" + id_of(job)}).find("\"completed\"") !=
                 std::string::npos;
      return ended == jobs_.size();
    });
    EXPECT_TRUE(done) << worker.process().err();
    worker.process().signal(SIGTERM);
    EXPECT_EQ(worker.process().wait(kPatience), 0);
    made_ = test::parse_lines(sandbox_.call_lines("/internal"));
  }

  std::vector<std::string> jobs_;
  test::Callbacks recorded_;
  test::Callbacks made_;
  test::RedisServer redis_;
  test::SandboxProcess sandbox_{"sekret"};
};

TEST_F(RecordedTraffic, IsMadeAgainJobByJobFieldByField) {
  replay({"RYUMEM_WORKER_CONCURRENCY=1"});
  const auto theirs = test::by_job(recorded_);
  const auto ours = test::by_job(made_);
  EXPECT_EQ(ours.size(), jobs_.size());
  for (const auto& [id, callbacks] : theirs) {
    SCOPED_TRACE("job " + id);
    ASSERT_EQ(ours.count(id), 1u);
    expect_same(ours.at(id), callbacks);
  }
  // The jobs were taken in the order in which the peer took them.
  std::vector<std::string> their_order;
  std::vector<std::string> our_order;
  for (const Recorded& callback : recorded_)
    if (callback.is("/extraction-complete")) their_order.push_back(callback.text("job_id"));
  for (const Recorded& callback : made_)
    if (callback.is("/extraction-complete")) our_order.push_back(callback.text("job_id"));
  EXPECT_EQ(our_order, their_order);
}

TEST_F(RecordedTraffic, IsTheSameInAllWithManyJobsAtOnce) {
  replay({});
  std::multiset<std::string> theirs;
  std::multiset<std::string> ours;
  for (const Recorded& callback : recorded_)
    theirs.insert(callback.path() + canonical(callback.json.root()["headers"]) +
                  canonical(callback.body()));
  for (const Recorded& callback : made_)
    ours.insert(callback.path() + canonical(callback.json.root()["headers"]) +
                canonical(callback.body()));
  EXPECT_EQ(ours, theirs);
}

TEST_F(RecordedTraffic, LeavesRedisAsThePeerWouldHaveLeftIt) {
  replay({});
  std::vector<std::string> wanted;
  for (const std::string& job : jobs_)
    wanted.push_back("ryumem:job:" + id_of(job) + " string " +
                     replace_all(job, "\"status\": \"pending\"", "\"status\": \"completed\"") +
                     " for an hour");
  std::sort(wanted.begin(), wanted.end());
  EXPECT_EQ(test::state_of_jobs(redis_), wanted);
}

}  // namespace
}  // namespace ryumem
