#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.h"

namespace dunlin::auth {

enum class Existing : std::uint8_t { Refuse, Replace };

/// Makes a folder, and those above it that are missing; a new one only its owner may enter (mode
/// 0700). Fails with Unavailable when the disk refuses.
Result<void> create_private_folder(const std::filesystem::path& folder);

/// Writes a file that only its owner may read (mode 0600), whole or not at all: a temporary file
/// beside it, fsync, a new name, fsync of the folder. Blocks. Fails with Unavailable when the disk
/// refuses, and when there is such a file already and `existing` says Refuse.
Result<void> write_private_file(const std::filesystem::path& file, std::string_view content,
                                Existing existing);

/// Tells one content of a file from another that write_private_file() gave it.
struct FileStamp {
    std::uint64_t inode = 0;
    std::int64_t modified_ns = 0;
    std::int64_t bytes = 0;

    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
/// All zero when there is no such file.
FileStamp stamp_of(const std::filesystem::path& file);

/// The content of a file. Fails with Unavailable when it cannot be read or is over `bytes_max`.
Result<std::string> read_file(const std::filesystem::path& file, std::size_t bytes_max);

}  // namespace dunlin::auth
