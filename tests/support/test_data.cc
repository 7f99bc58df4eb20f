#include "tests/support/test_data.h"

namespace ryumem::test {

std::string test_data(const std::string& name) { return RYUMEM_TEST_DATA "/" + name; }

}  // namespace ryumem::test
