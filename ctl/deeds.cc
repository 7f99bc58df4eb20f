#include "ctl/deeds.h"

#include <fmt/format.h>

#include <cstdint>

#include "common/base/json_build.h"
#include "ctl/print.h"

namespace ryumem {

void Deeds::note(const std::string& id, const std::string& why_not) {
  if (why_not.empty()) {
    done_.push_back(id);
    return;
  }
  not_done_.emplace_back(id, why_not);
  fmt::print(stderr, "ryumemctl: {}: {}\n", one_line(id, kIdLength), why_not);
}

int Deeds::report(bool json, const char* done, const char* thing, const char* what) const {
  const int code = not_done_.empty() ? 0 : 1;
  if (!json) {
    fmt::print("{} {}\n", counted(static_cast<std::int64_t>(done_.size()), thing), what);
    return code;
  }
  JsonBuilder ids = JsonBuilder::array();
  for (const std::string& id : done_) ids.push_string(well_formed(id));
  JsonBuilder failures = JsonBuilder::array();
  for (const auto& [id, why] : not_done_) {
    JsonBuilder entry = JsonBuilder::object();
    entry.string("id", well_formed(id)).string("why", why);
    failures.push(std::move(entry));
  }
  JsonBuilder whole = JsonBuilder::object();
  whole.add(done, std::move(ids)).add("not_done", std::move(failures));
  fmt::print("{}\n", whole.print());
  return code;
}

}  // namespace ryumem
