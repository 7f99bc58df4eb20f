#include "worker/quiet.h"

namespace ryumem {

Task<> Quiet::over(Cancel& cancel) {
  while (on_) co_await changed_.wait(cancel);
}

}  // namespace ryumem
