#include "common/ops/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ryumem {
namespace {

using testing::ElementsAre;

TEST(Difference, TellsWhatTakesEffectAndWhatWaitsForARestartAndNoSecret) {
  const Settings before =
      read_partial_configuration({"--config=", "--concurrency=8", "--listen=127.0.0.1:1"}, {})
          .settings;
  const Settings after =
      read_partial_configuration({"--config=", "--concurrency=16", "--listen=127.0.0.1:2"},
                                 {{"WORKER_INTERNAL_KEY", "k"}})
          .settings;
  const Difference changed = difference(before, after);
  EXPECT_THAT(changed.now, ElementsAre("concurrency: 8 -> 16", "internal-key: another one"));
  EXPECT_THAT(changed.at_restart, ElementsAre("listen: 127.0.0.1:1 -> 127.0.0.1:2"));
}

TEST(Difference, OfTheSameSettingsIsNone) {
  const Settings settings = read_partial_configuration({"--config="}, {}).settings;
  EXPECT_TRUE(difference(settings, settings).none());
}

}  // namespace
}  // namespace ryumem
