// Files that tests read: golden ones, tables, the project's own documents.
#pragma once

#include <string>

namespace ryumem::test {

/// The path of a file under tests/; "../README.md" is the project's.
std::string test_data(const std::string& name);

}  // namespace ryumem::test
