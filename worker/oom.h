// When memory runs out: this worker is the one to go, alone and with a reason in the log.
#pragma once

namespace ryumem {

/// Makes the kernel's out-of-memory killer prefer this process to its parent, whose value it has
/// inherited.
void go_before_the_supervisor();

/// Bounds this process' own memory (RLIMIT_DATA), if `megabytes` is not 0. From now on whoever asks
/// for more than there is ends the process with a line that says so: to go on without it would fail
/// every job in hand.
void bound_memory(int megabytes);

}  // namespace ryumem
