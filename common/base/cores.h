// Whether a process may leave its memory to a file when it dies. Ours has keys and texts in it.
#pragma once

namespace ryumem {

/// `cores`: it may, as large as the system allows. Else no core is written, also none by a program
/// that the kernel hands them to. False: it was to, and the system allows none (LimitCORE=,
/// ulimit -Hc).
bool allow_cores(bool cores) noexcept;

}  // namespace ryumem
