// The parts of the status page as they were compiled in from supervisor/page.
#pragma once

#include <string_view>

namespace ryumem {

/// "page.html", "page.css" or "page.js"; empty for any other name.
std::string_view page_source(std::string_view name);

}  // namespace ryumem
