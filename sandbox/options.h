// The sandbox's own few flags.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sandbox/means.h"
#include "sandbox/rate_limit.h"

namespace ryumem::sandbox {

struct Options {
  std::string host = "127.0.0.1";
  int port = 8000;           // 0 takes a free one
  bool server_face = true;   // stands in for the Ryumem server
  bool model_face = true;    // stands in for a model
  std::string internal_key;  // empty: any caller may use the server's face
  std::size_t dimensions = 768;
  Manners manners;        // of the model's face, until they are set otherwise
  std::string port_file;  // empty: none
  RateLimits rates;       // of the model
  bool die_with_parent = false;
  bool help = false;
  bool version = false;
};

/// Reads the arguments after the program's name. Throws Failure(Kind::usage) for an unknown option
/// or an impossible value, naming it and what would be right.
Options parse_options(const std::vector<std::string>& arguments);

/// The text of --help.
std::string usage_text();

}  // namespace ryumem::sandbox
