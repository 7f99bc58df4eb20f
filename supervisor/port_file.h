// The port that was taken, told to whoever asked for a free one.
#pragma once

#include <string>

namespace ryumem {

/// Writes the port as a line of text to `path`. A reader sees the whole line or no file: it is
/// written beside and renamed. Throws Failure(Kind::configuration) naming the file and the reason.
void write_port_file(const std::string& path, int port);

}  // namespace ryumem
