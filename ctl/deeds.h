// What was done for each of many jobs, and what could not be done and why.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ryumem {

class Deeds {
 public:
  /// `why_not` is empty if it was done. A failure is said on standard error at once.
  void note(const std::string& id, const std::string& why_not);

  /// Prints {"DONE":[ids],"not_done":[{"id","why"}]}, or "2 THINGs WHAT", e.g. done "dropped",
  /// thing "dead job", what "dropped". Gives the exit code: 1 if something was not done.
  int report(bool json, const char* done, const char* thing, const char* what) const;

 private:
  std::vector<std::string> done_;
  std::vector<std::pair<std::string, std::string>> not_done_;
};

}  // namespace ryumem
