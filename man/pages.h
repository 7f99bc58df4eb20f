// The parts of the manual pages that are made from what the programs say of themselves; the rest is
// written by hand in manual/pages/*.in, which name a part as "@part@" on a line of its own.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/ops/metrics.h"
#include "common/ops/options.h"
#include "man/verbs.h"

namespace ryumem {

/// The options as ryumemd(8) lists them: by their flags, under the headings of the table.
std::string options_as_flags(const std::vector<Option>& table);
/// As ryumemd.conf(5) lists them.
std::string options_as_lines(const std::vector<Option>& table);
/// As ryumem-worker(8) lists them: by their variables, with the default.
std::string options_as_variables(const std::vector<Option>& table);
/// The verbs of ryumemctl(1), each a subsection.
std::string verbs_as_sections(const std::vector<VerbPage>& verbs);

/// The metrics of ryumem-metrics(7), each group a subsection.
std::string metrics_as_sections(const std::vector<MetricFacts>& metrics);

/// The template with its "@name@" lines replaced. Throws Failure(Kind::internal) for a name that is
/// not in `parts`.
std::string fill_page(std::string_view page, const std::map<std::string, std::string>& parts);

}  // namespace ryumem
