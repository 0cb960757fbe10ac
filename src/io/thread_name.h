#pragma once

#include <string>

namespace dunlin::io {

/// Names the calling thread for debuggers and /proc; at most 15 bytes are kept.
void name_thread(std::string name);

/// The calling thread takes the processor only when the others leave it (nice 10).
void yield_to_others();

}  // namespace dunlin::io
