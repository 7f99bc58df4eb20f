// Walks the table of transitions in docs/job-states.md: every row has its case, every case its row,
// every script a row; and each case is run against a real Redis.
#include <filesystem>
#include <map>
#include <set>

#include "common/base/text.h"
#include "tests/common/queue/states.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_data.h"

namespace ryumem::test {
namespace {

using testing::IsEmpty;

const std::string kDocument = test::test_data("../docs/job-states.md");
const std::string kScripts = test::test_data("../common/queue/scripts");

// Parts of others, and the operator's tools (audit_test.cc and the tests of ryumemctl).
const std::set<std::string> kNoTransitions = {
    "prelude",   "audit_one", "dead_drop",   "dead_list",  "dead_retry", "dead_show",
    "jobs_list", "job_show",  "job_cancel",  "job_hasten", "pause",      "resume",
    "pauses",    "spend",     "spent_today", "lane",       "fleet",      "circuits"};

std::string cell_text(std::string_view cell) {
  return replace_all(std::string(trim(cell)), "`", "");
}

// The cells of the first table below a heading, without its two head lines.
std::vector<Lines> table_below(const std::string& heading) {
  std::vector<Lines> rows;
  bool below = false;
  bool inside = false;
  for (const std::string& line : split(read_file(kDocument), '\n')) {
    if (line.rfind("## ", 0) == 0) below = line == heading;
    if (!below) continue;
    if (line.rfind("|", 0) != 0) {
      if (inside) break;
      continue;
    }
    inside = true;
    Lines cells;
    for (const std::string& cell : split(line, '|')) cells.push_back(cell_text(cell));
    rows.push_back(Lines(cells.begin() + 1, cells.end() - 1));
  }
  if (rows.size() < 3) throw Failure(Kind::internal, "no table below " + heading);
  return std::vector<Lines>(rows.begin() + 2, rows.end());
}

// "script/function" of each row, with its guard.
std::multimap<std::string, std::string> documented() {
  std::multimap<std::string, std::string> found;
  for (const Lines& row : table_below("## Transitions")) {
    EXPECT_EQ(row.size(), 5u) << row.front();
    if (row.size() == 5) found.emplace(row[1] + "/" + row[2], row[3]);
  }
  return found;
}

TEST(States, EveryRowHasOneCaseAndEveryCaseARow) {
  std::multiset<std::string> rows;
  for (const auto& [name, guard] : documented())
    rows.insert(name + (guard == "–" ? "" : ", guarded"));
  std::multiset<std::string> cases;
  for (const Transition& at : transitions())
    cases.insert(std::string(at.script) + "/" + at.function +
                 (at.broken == nullptr ? "" : ", guarded"));
  EXPECT_EQ(cases, rows);
  EXPECT_EQ(std::set<std::string>(rows.begin(), rows.end()).size(), rows.size());
}

TEST(States, EveryScriptHasARow) {
  std::set<std::string> scripts;
  for (const auto& entry : std::filesystem::directory_iterator(kScripts))
    if (entry.path().extension() == ".lua") scripts.insert(entry.path().stem());
  std::set<std::string> known = kNoTransitions;
  for (const auto& [name, guard] : documented()) known.insert(name.substr(0, name.find('/')));
  EXPECT_EQ(scripts, known);
}

// What is in Redis now, against the table of keys: name and type.
void expect_documented_keys(RedisServer& server) {
  static const std::map<std::string, std::string> kTypes = {
      {"list", "list"}, {"string", "string"}, {"hash", "hash"}, {"sorted set", "zset"}};
  std::map<std::string, std::string> types;
  for (const Lines& row : table_below("## Keys"))
    types[replace_all(row.at(0), "{day}", "{id}")] = kTypes.at(row.at(1));
  for (const std::string& line : state_of(server)) {
    const Lines words = split(line, ' ');
    std::string name = words[0].substr(std::string("ryumem:").size());
    if (const std::size_t colon = name.find(':'); colon != std::string::npos)
      name = name.substr(0, colon) + ":{id}";
    EXPECT_EQ(types.count(name), 1u) << line;
    // The one that is of another type is a job that cannot be read.
    if (line == "ryumem:job:b hash {x=1}") continue;
    EXPECT_EQ(words[1], types[name]) << line;
  }
}

class StateTransition : public testing::TestWithParam<Transition> {};

TEST_P(StateTransition, IsAsTheTableSays) {
  RedisServer server;
  with_queue(server, GetParam().works);
  expect_documented_keys(server);
}

class GuardedTransition : public testing::TestWithParam<Transition> {};

TEST_P(GuardedTransition, WritesNothingOfAJobWhenItsGuardIsBroken) {
  RedisServer server;
  with_queue(server, GetParam().broken);
  expect_documented_keys(server);
}

std::vector<Transition> guarded() {
  std::vector<Transition> found;
  for (const Transition& at : transitions())
    if (at.broken != nullptr) found.push_back(at);
  return found;
}

std::string function_of(const testing::TestParamInfo<Transition>& info) {
  return info.param.function;
}

INSTANTIATE_TEST_SUITE_P(Each, StateTransition, testing::ValuesIn(transitions()), function_of);
INSTANTIATE_TEST_SUITE_P(Each, GuardedTransition, testing::ValuesIn(guarded()), function_of);

}  // namespace
}  // namespace ryumem::test
