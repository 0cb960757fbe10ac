#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.h"

namespace dunlin::auth {

enum class Existing : std::uint8_t { Refuse, Replace };

/// Writes a file that only its owner may read (mode 0600), whole or not at all: a temporary file
/// beside it, fsync, a new name, fsync of the folder. Blocks. Fails with Unavailable when the disk
/// refuses, and when there is such a file already and `existing` says Refuse.
Result<void> write_private_file(const std::filesystem::path& file, std::string_view content,
                                Existing existing);

/// The content of a file. Fails with Unavailable when it cannot be read or is over `bytes_max`.
Result<std::string> read_file(const std::filesystem::path& file, std::size_t bytes_max);

}  // namespace dunlin::auth
