// Whether a process may leave its memory to a file when it dies. Ours has keys and texts in it.
#pragma once

namespace ryumem {

/// No core is written, also none by a program that the kernel hands them to.
void forbid_cores() noexcept;

}  // namespace ryumem
