#include "man/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/failure.h"
#include "common/base/text.h"
#include "man/mdoc.h"

namespace ryumem {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Pages, ListEveryOptionByFlagAndVariable) {
  const std::string text = options_as_flags(option_table());
  for (const Option& option : option_table()) {
    const std::string flag = option.secret ? std::string(option.name) + "-file" : option.name;
    EXPECT_THAT(text, HasSubstr(".It Fl \\-" + mdoc_escape(flag) + " Ar ")) << option.name;
    EXPECT_THAT(text, HasSubstr(std::string(".Ev ") + option.variable + " ")) << option.name;
  }
}

TEST(Pages, ListEveryOptionThatCanStandInAFile) {
  const std::string text = options_as_lines(option_table());
  for (const Option& option : option_table()) {
    const std::string line = ".It Ic " + mdoc_escape(option.name) + " No = ";
    if (option.section == Section::files)
      EXPECT_THAT(text, Not(HasSubstr(line))) << option.name;
    else
      EXPECT_THAT(text, HasSubstr(line)) << option.name;
  }
}

TEST(Pages, TellDefaultAndRange) {
  const std::string text = options_as_variables({option_called("workers")});
  EXPECT_THAT(text, HasSubstr(".It Ev RYUMEM_WORKER_PROCESSES\n"));
  EXPECT_THAT(text, HasSubstr(".Ql 2\\& .\n"));
  EXPECT_THAT(text, HasSubstr("From 1 to 256.\n"));
}

TEST(Pages, TellWhatWaitsForAStart) {
  EXPECT_THAT(options_as_lines({option_called("redis-url")}), HasSubstr("at the next start"));
  EXPECT_THAT(options_as_lines({option_called("workers")}), Not(HasSubstr("at the next start")));
}

TEST(Pages, ListEveryMetricWithItsLabels) {
  const std::string text = metrics_as_sections(metric_facts());
  for (const MetricFacts& metric : metric_facts()) {
    EXPECT_THAT(text, HasSubstr(".It Li " + metric.name + " Pq " + metric.type + "\n"));
    for (const auto& [label, values] : metric.labels)
      EXPECT_THAT(text, HasSubstr(".Va " + label + " ")) << metric.name;
  }
}

TEST(Pages, AreFilledByTheNamesOfTheirParts) {
  EXPECT_EQ(fill_page("a\n@part@\nb@c.d\n", {{"part", "x\ny\n"}}), "a\nx\ny\nb@c.d\n");
  EXPECT_THROW(fill_page("@missing@\n", {}), Failure);
}

TEST(Pages, ShowEachUsageOfAVerb) {
  const std::string text = verbs_as_sections(read_verbs(
      "Usage:\n  ryumemctl dead ls [--json]\n      The letters.\n  ryumemctl [VERB] --help\n"));
  EXPECT_EQ(text,
            ".Ss dead\n.Bl -item -compact -offset indent\n.It\nryumemctl dead ls [\\-\\-json]\n"
            ".El\n.Pp\nThe letters.\n");
}

}  // namespace
}  // namespace ryumem
