#pragma once

#include <string>

namespace dunlin::io {

/// Names the calling thread for debuggers and /proc; at most 15 bytes are kept.
void name_thread(std::string name);

}  // namespace dunlin::io
