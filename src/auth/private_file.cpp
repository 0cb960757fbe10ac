#include "auth/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "auth/digest.h"
#include "auth/random.h"

namespace dunlin::auth {

namespace {

namespace fs = std::filesystem;

std::unexpected<Error> unavailable(std::string_view action, const fs::path& file) {
    return std::unexpected(
        Error{ErrorCode::Unavailable,
              fmt::format("cannot {} {}: {}", action, file.string(), std::strerror(errno))});
}

bool write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const auto written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

Result<void> write_new(const fs::path& file, std::string_view content) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return unavailable("create", file);
    const bool kept = write_all(descriptor, content) && ::fsync(descriptor) == 0;
    ::close(descriptor);
    if (!kept) return unavailable("write", file);
    return {};
}

Result<void> sync_folder(const fs::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return unavailable("open", folder);
    const bool synced = ::fsync(descriptor) == 0;
    ::close(descriptor);
    if (!synced) return unavailable("write", folder);
    return {};
}

/// link() refuses a name that is taken, rename() replaces it; both are one step for other readers.
bool give_name(const fs::path& from, const fs::path& to, Existing existing) {
    if (existing == Existing::Replace) return ::rename(from.c_str(), to.c_str()) == 0;
    return ::link(from.c_str(), to.c_str()) == 0 && ::unlink(from.c_str()) == 0;
}

}  // namespace

Result<void> create_private_folder(const fs::path& folder) {
    std::error_code failure;
    const bool made = fs::create_directories(folder, failure);
    if (made && !failure) fs::permissions(folder, fs::perms::owner_all, failure);
    if (!failure) return {};
    return std::unexpected(
        Error{ErrorCode::Unavailable,
              fmt::format("cannot create {}: {}", folder.string(), failure.message())});
}

Result<void> write_private_file(const fs::path& file, std::string_view content, Existing existing) {
    fs::path temporary = file;
    temporary += "." + to_hex(random_bytes(8));
    auto written = write_new(temporary, content);
    if (written && !give_name(temporary, file, existing)) written = unavailable("create", file);
    if (!written) {
        ::unlink(temporary.c_str());
        return written;
    }
    return sync_folder(file.has_parent_path() ? file.parent_path() : fs::path("."));
}

FileStamp stamp_of(const fs::path& file) {
    struct stat found = {};
    if (::stat(file.c_str(), &found) != 0) return {};
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    return {.inode = found.st_ino,
            .modified_ns = found.st_mtim.tv_sec * ns_per_s + found.st_mtim.tv_nsec,
            .bytes = found.st_size};
}

Result<std::string> read_file(const fs::path& file, std::size_t bytes_max) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return unavailable("read", file);
    std::string content(bytes_max + 1, '\0');
    stream.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (stream.bad()) return unavailable("read", file);
    content.resize(static_cast<std::size_t>(stream.gcount()));
    if (content.size() <= bytes_max) return content;
    return std::unexpected(Error{ErrorCode::Unavailable, fmt::format("{} is larger than {} bytes",
                                                                     file.string(), bytes_max)});
}

}  // namespace dunlin::auth
