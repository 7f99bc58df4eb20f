// The pipe that tells the workers when the supervisor is gone, however it went.
#pragma once

namespace ryumem {

/// Nothing is ever written to it. The write end is open in this process alone (close-on-exec), so
/// the moment this process dies every worker reads the end of the file.
class Lifeline {
 public:
  /// Throws Failure(Kind::system).
  Lifeline();
  ~Lifeline();
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;

  /// The end that workers inherit.
  int read_end() const { return ends_[0]; }

 private:
  int ends_[2];
};

}  // namespace ryumem
