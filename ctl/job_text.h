// Jobs as they are printed: never the tenant's key, content only when asked for.
#pragma once

#include <string>

#include "ctl/job_book.h"

namespace ryumem {

/// A table with a head, and how to see what comes after it.
std::string jobs_as_text(const JobPage& page, const JobFilter& filter);
/// {"state", "total", "offset", "more", "jobs": [...]}
std::string jobs_as_json(const JobPage& page, const JobFilter& filter);

std::string job_as_text(const WholeJob& job, bool content);
std::string job_as_json(const WholeJob& job, bool content);

}  // namespace ryumem
