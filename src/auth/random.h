#pragma once

#include <cstddef>
#include <string>

namespace dunlin::auth {

/// Bytes that nobody can foretell (OpenSSL's generator, seeded by the kernel). Thread-safe. The
/// process ends when the kernel gives none: nothing here may go on with guessable ones.
std::string random_bytes(std::size_t count);

}  // namespace dunlin::auth
