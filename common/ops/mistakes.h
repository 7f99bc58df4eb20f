// Everything that is wrong with a command line, the environment and configuration files, gathered
// before anybody is told, so that nobody has to mend one mistake to hear of the next.
#pragma once

#include <string>
#include <vector>

#include "common/base/failure.h"

namespace ryumem {

class Mistakes {
 public:
  /// `what` begins with its place: "--workers: …", "ryumemd.conf:12: …".
  void add(Kind kind, std::string what);
  void add(const Failure& failure) { add(failure.kind(), failure.what()); }
  /// Something that works and should be mended all the same.
  void warn(std::string what) { warnings_.push_back(std::move(what)); }

  bool any() const { return !lines_.empty(); }
  const std::vector<std::string>& lines() const { return lines_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// Throws a Failure with all mistakes, a line each, of the first one's kind; a command line that
  /// is wrong goes before everything else.
  void throw_if_any() const;

 private:
  std::vector<std::string> lines_;
  std::vector<std::string> warnings_;
  Kind kind_ = Kind::configuration;
};

}  // namespace ryumem
