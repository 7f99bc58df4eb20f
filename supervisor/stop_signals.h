// The signals that ask us to stop, and which thread takes them.
#pragma once

namespace ryumem {

/// Has libuv begin the threads that look names up, on the current loop, so that none of them takes
/// a TERM or INT: only the main thread does, and it alone decides until when. To be called before
/// anything else gives libuv work to do.
void begin_threads();

/// The calling thread takes no TERM or INT any more.
void block_stop_signals();

}  // namespace ryumem
