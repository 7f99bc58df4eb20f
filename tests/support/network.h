// Hosts of a test's own: network namespaces, wired to this one.
#pragma once

#include <unistd.h>

#include <string>
#include <vector>

#include "common/base/clock.h"
#include "tests/support/child_process.h"

namespace ryumem::test {

/// Runs `ip` with these words; false if it fails.
inline bool ip(std::vector<std::string> words) {
  words.insert(words.begin(), "ip");
  ChildProcess process(words);
  return process.wait(Seconds(20)) == 0;
}

/// A host in a network namespace, with a wire to ours. Where that cannot be had (it takes root),
/// there() is false.
class OtherHost {
 public:
  /// `number` tells the hosts of a test apart: 1, 2…
  explicit OtherHost(int number)
      : name_("ry" + std::to_string(getpid()) + "-" + std::to_string(number)),
        network_("10.213." + std::to_string(getpid() % 64 * 4 + number) + ".") {
    there_ = ip({"netns", "add", name_}) &&
             ip({"link", "add", wire(), "type", "veth", "peer", "name", "eth0", "netns", name_}) &&
             ip({"address", "add", gateway() + "/24", "dev", wire()}) &&
             ip({"link", "set", wire(), "up"}) &&
             ip({"-n", name_, "address", "add", network_ + "2/24", "dev", "eth0"}) &&
             ip({"-n", name_, "link", "set", "lo", "up"}) &&
             ip({"-n", name_, "link", "set", "eth0", "up"}) &&
             ip({"-n", name_, "route", "add", "default", "via", gateway()});
  }
  ~OtherHost() {
    ip({"link", "delete", wire()});
    ip({"netns", "delete", name_});
  }
  OtherHost(const OtherHost&) = delete;
  OtherHost& operator=(const OtherHost&) = delete;

  bool there() const { return there_; }
  /// Our address on its wire, which other hosts reach as well.
  std::string gateway() const { return network_ + "1"; }
  /// A command that runs another one there.
  std::vector<std::string> prefix() const { return {"ip", "netns", "exec", name_}; }
  const std::string& name() const { return name_; }

 private:
  std::string wire() const { return "v" + name_.substr(2); }
  std::string name_;
  std::string network_;
  bool there_ = false;
};

}  // namespace ryumem::test
