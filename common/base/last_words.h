// What a process says when a signal ends it for a bug, or somebody has told it to abort since it
// hangs: the signal and its stack, on stderr, before the kernel has its way.
#pragma once

namespace ryumem {

/// From now on ABRT, SEGV, BUS, FPE and ILL write a line "WHO[PID]: signal 6, the stack:" and the
/// frames, then kill as they would have. A handler that is there already (a sanitizer's) stays. The
/// stack's addresses are for addr2line; functions of the program itself also have their names.
/// `who` must live as long as the process.
void leave_last_words(const char* who);

}  // namespace ryumem
