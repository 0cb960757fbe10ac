#pragma once

namespace dunlin {

/// Prints the broken assumption and aborts.
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace dunlin

/// Our own bugs: stays on in release, never reachable from input.
#define CHECK(expression) \
    ((expression) ? static_cast<void>(0) : ::dunlin::check_failed(#expression, __FILE__, __LINE__))

/// As CHECK, for costly assumptions: debug builds only.
#ifdef NDEBUG
#define DCHECK(expression) static_cast<void>(0)
#else
#define DCHECK(expression) CHECK(expression)
#endif
