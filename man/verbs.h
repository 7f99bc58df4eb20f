// What `ryumemctl --help` says, taken apart: the tool's verbs describe themselves there, and the
// manual page and the completions are made of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ryumem {

/// One way to call a verb: "ryumemctl jobs ls [--state STATE] …".
struct Usage {
  std::string line;
  std::string act;  // "ls", or empty
  struct Flag {
    std::string name;   // "--state"
    std::string value;  // "STATE", or empty
    Flag() = default;
  };
  std::vector<Flag> flags;
  std::vector<std::string> operands;  // what else it takes: "FILE", "ID"; in small letters as it is
  Usage() = default;
};

/// A remark on it: prose, or what one word of the usage means.
struct Remark {
  std::string of;  // "--url URL", or empty
  std::string text;
  Remark() = default;
};

/// Usages that belong together, and what is said of them.
struct Paragraph {
  std::vector<Usage> usages;
  std::vector<Remark> remarks;
  Paragraph() = default;
};

struct VerbPage {
  std::string name;
  std::vector<Paragraph> paragraphs;
  VerbPage() = default;

  /// The first sentence of what is said of it.
  std::string summary() const;
};

/// Throws Failure(Kind::internal) if the help is not of the form that is known here.
std::vector<VerbPage> read_verbs(std::string_view help);

}  // namespace ryumem
