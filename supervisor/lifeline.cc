#include "supervisor/lifeline.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "common/base/failure.h"

namespace ryumem {

Lifeline::Lifeline() {
  if (pipe2(ends_, O_CLOEXEC) != 0)
    throw Failure(Kind::system,
                  std::string("cannot make the workers' lifeline: ") + std::strerror(errno));
}

Lifeline::~Lifeline() {
  close(ends_[0]);
  close(ends_[1]);
}

}  // namespace ryumem
