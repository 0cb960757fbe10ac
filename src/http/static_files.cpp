#include "http/static_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>

#include "http/ascii.h"

namespace dunlin::http {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t file_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t hash_length_min = 8;

constexpr std::array<std::pair<std::string_view, std::string_view>, 17> content_types = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json; charset=utf-8"},
    {".map", "application/json; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".webp", "image/webp"},
    {".avif", "image/avif"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
    {".wasm", "application/wasm"},
}};

std::string_view content_type_of(const fs::path& file) {
    const std::string extension = file.extension().string();
    for (const auto& [known, type] : content_types) {
        if (equal_ignoring_case(known, extension)) return type;
    }
    return "application/octet-stream";
}

/// `app-3f9a2c1b.js`, `index-CXfgdCkt.css`: the build gave the name a hash of the content, so it
/// never changes. Words and dates do change: a hash has letters and digits, or letters of both
/// cases.
bool has_hash(const fs::path& file) {
    const std::string stem = file.stem().string();
    const auto dash = stem.find_last_of("-.");
    if (dash == stem.npos || stem.size() - dash - 1 < hash_length_min) return false;
    const std::string_view word = std::string_view(stem).substr(dash + 1);
    const auto has = [&](auto is_one) {
        return std::any_of(word.begin(), word.end(), [&](char c) { return is_one(c); });
    };
    const bool lower = has([](char c) { return c >= 'a' && c <= 'z'; });
    const bool upper = has([](char c) { return c >= 'A' && c <= 'Z'; });
    const bool digit = has([](char c) { return c >= '0' && c <= '9'; });
    const bool other =
        has([](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_'; });
    return !other && ((digit && (lower || upper)) || (lower && upper));
}

std::string_view caching_of(const fs::path& file) {
    if (file.extension() == ".html") return "no-cache";
    return has_hash(file) ? "public, max-age=31536000, immutable" : "public, max-age=60";
}

/// Every segment is a plain name: nothing that climbs, hides or confuses.
bool is_plain(std::string_view path) {
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const auto segment = path.substr(0, path.find('/'));
        if (segment.starts_with('.') || segment.find('\\') != segment.npos) return false;
        path.remove_prefix(segment.size());
    }
    return true;
}

/// Whether the links of a file end below `base`, at a name that may be served.
bool is_served(const fs::path& base, const fs::path& file) {
    const auto [end, rest] = std::mismatch(base.begin(), base.end(), file.begin(), file.end());
    return end == base.end() && is_plain("/" + file.lexically_relative(base).generic_string());
}

/// The file that `path` names below `root`, or an empty path.
fs::path resolve(const fs::path& root, std::string_view path) {
    // The system would end the name at a NUL, behind every check of its extension.
    if (!is_plain(path) || path.find('\0') != path.npos) return {};
    std::error_code failure;
    const fs::path base = fs::canonical(root, failure);
    if (failure) return {};
    fs::path file = fs::weakly_canonical(base / fs::path(path).relative_path(), failure);
    if (!failure && fs::is_directory(file, failure)) file /= "index.html";
    if (failure || !fs::is_regular_file(file, failure)) return {};
    file = fs::canonical(file, failure);
    return !failure && is_served(base, file) ? file : fs::path();
}

/// Size and time of the last change (RFC 9110 section 8.8.3). Weak, because the plain and the
/// compressed form share it.
std::string tag_of(std::uintmax_t size, fs::file_time_type modified) {
    const auto time = std::chrono::file_clock::to_sys(modified).time_since_epoch();
    return fmt::format("W/\"{:x}-{:x}\"", size, static_cast<std::uint64_t>(time.count()));
}

/// RFC 9110 section 13.1.2: a list of tags, compared weakly. Our tags have no comma in them.
bool has_tag(std::string_view list, std::string_view tag) {
    if (trim(list) == "*") return true;
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        auto item = trim(list.substr(0, comma));
        if (item.starts_with("W/")) item.remove_prefix(2);
        if (item == tag.substr(2)) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

Response not_found() {
    return Response::error({ErrorCode::NotFound, "no such path"});
}

/// The first `size` bytes of the file: it may be growing. False when it cannot be read.
bool read(const fs::path& file, std::uintmax_t size, std::string& content) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return false;
    content.resize(size);
    stream.read(content.data(), static_cast<std::streamsize>(size));
    content.resize(static_cast<std::size_t>(stream.gcount()));
    return true;
}

Response serve(const fs::path& root, const Request& request) {
    const bool reads = request.method == Method::Get || request.method == Method::Head;
    const fs::path file = reads ? resolve(root, request.path) : fs::path();
    std::error_code failure;
    const auto size = file.empty() ? 0 : fs::file_size(file, failure);
    if (file.empty() || failure || size > file_bytes_max) return not_found();
    const auto modified = fs::last_write_time(file, failure);
    if (failure) return not_found();
    Response response;
    const std::string tag = tag_of(size, modified);
    response.set("ETag", tag);
    response.set("Cache-Control", std::string(caching_of(file)));
    response.set("X-Content-Type-Options", "nosniff");
    if (has_tag(request.header("if-none-match"), tag)) {
        response.status = 304;
        return response;
    }
    response.set("Content-Type", std::string(content_type_of(file)));
    if (!read(file, size, response.body)) return not_found();
    return response;
}

asio::awaitable<Response> answer(Response response) {
    co_return response;
}

}  // namespace

Handler static_files(fs::path root) {
    return
        [root = std::move(root)](const Request& request) { return answer(serve(root, request)); };
}

}  // namespace dunlin::http
