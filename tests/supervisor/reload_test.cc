#include "supervisor/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/ops/option_value.h"

namespace ryumem {
namespace {

// Another value than the option has, of its own sort.
std::string another_value(const Settings& settings, const Option& option) {
  const std::string value = value_of(settings, option);
  if (!option.words.empty())
    return std::string(value == option.words[0] ? option.words[1] : option.words[0]);
  if (std::holds_alternative<bool Settings::*>(option.member))
    return value == "true" ? "false" : "true";
  if (std::holds_alternative<std::string Settings::*>(option.member)) return value + "x";
  return std::to_string(value == std::to_string(option.least) ? option.least + 1 : option.least);
}

TEST(TakeOver, TakesEachOptionThatTheTableLetsChangeAndKeepsEachThatWaitsForARestart) {
  const Settings running = read_partial_configuration({}, {{"RYUMEM_WORKER_CONFIG", ""}}).settings;
  int kept = 0;
  for (const Option& option : option_table()) {
    Settings read = running;
    const std::string changed = another_value(running, option);
    set_value(read, option, "test", changed);
    const Reload next = take_over(running, read);
    if (option.restart) {
      EXPECT_EQ(value_of(next.settings, option), value_of(running, option)) << option.name;
      EXPECT_THAT(next.held_back, testing::ElementsAre(option.variable)) << option.name;
      ++kept;
    } else {
      EXPECT_EQ(value_of(next.settings, option), changed) << option.name;
      EXPECT_THAT(next.held_back, testing::IsEmpty()) << option.name;
    }
  }
  EXPECT_GT(kept, 5);
}

TEST(TakeOver, ChangesNothingWhenNothingHasChanged) {
  const Settings running = read_partial_configuration({}, {{"RYUMEM_WORKER_CONFIG", ""}}).settings;
  const Reload next = take_over(running, running);
  EXPECT_EQ(to_environment(next.settings), to_environment(running));
  EXPECT_THAT(next.held_back, testing::IsEmpty());
}

}  // namespace
}  // namespace ryumem
