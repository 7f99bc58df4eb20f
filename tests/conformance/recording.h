// The recorded traffic of the peers: jobs as they lay in Redis, and the callbacks that the Python
// worker made of them. RYUMEM_VECTORS names the folder.
#pragma once

#include <cctype>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/json.h"
#include "common/base/text.h"
#include "tests/support/temp_dir.h"

namespace ryumem::test {

/// One line of callbacks.jsonl, or of the sandbox's ledger, which has the same members.
struct Recorded {
  std::string line;
  JsonDocument json;
  explicit Recorded(std::string text) : line(std::move(text)), json(JsonDocument::parse(line)) {}

  JsonValue body() const { return json.root()["body"]; }
  std::string path() const { return std::string(json.root()["path"].string().value_or("")); }
  bool is(std::string_view kind) const { return path().find(kind) != std::string::npos; }
  std::string text(const char* member) const {
    return std::string(body()[member].string().value_or(""));
  }
  /// The text of an array of numbers in the body, without its blanks; "" if there is none.
  std::string numbers(const std::string& member) const {
    const std::size_t key = line.find("\"" + member + "\":");
    if (key == std::string::npos) return "";
    const std::size_t from = line.find('[', key);
    return replace_all(line.substr(from, line.find(']', from) + 1 - from), " ", "");
  }
};

using Callbacks = std::vector<Recorded>;

/// The lines of a file of the recording; none if there is no recording.
inline std::vector<std::string> recorded_lines(const std::string& name) {
  std::vector<std::string> lines;
  const char* folder = std::getenv("RYUMEM_VECTORS");
  if (folder == nullptr) return lines;
  for (const std::string& line : split(read_file(std::string(folder) + "/" + name), '\n'))
    if (!trim(line).empty()) lines.push_back(line);
  return lines;
}

inline Callbacks parse_lines(const std::vector<std::string>& lines) {
  Callbacks out;
  for (const std::string& line : lines) out.emplace_back(line);
  return out;
}

/// The callbacks of each job, by its id. One job was worked on after the other, so whatever comes
/// before a completion belongs to it.
inline std::map<std::string, std::vector<const Recorded*>> by_job(const Callbacks& callbacks) {
  std::map<std::string, std::vector<const Recorded*>> jobs;
  std::vector<const Recorded*> open;
  for (const Recorded& callback : callbacks) {
    open.push_back(&callback);
    if (!callback.is("/extraction-complete")) continue;
    jobs[callback.text("job_id")] = std::move(open);
    open.clear();
  }
  if (!open.empty()) jobs["(without an end)"] = std::move(open);
  return jobs;
}

}  // namespace ryumem::test
