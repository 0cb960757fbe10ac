#include "http/static_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

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
        if (known == extension) return type;
    }
    return "application/octet-stream";
}

/// `app-3f9a2c1b.js`: the build gave the name a hash of the content, so it never changes.
bool has_hash(const fs::path& file) {
    const std::string stem = file.stem().string();
    const auto dash = stem.find_last_of("-.");
    if (dash == stem.npos || stem.size() - dash - 1 < hash_length_min) return false;
    return std::all_of(stem.begin() + static_cast<std::ptrdiff_t>(dash) + 1, stem.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
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

/// The file that `path` names below `root`, or an empty path.
fs::path resolve(const fs::path& root, std::string_view path) {
    if (!is_plain(path)) return {};
    std::error_code failure;
    const fs::path base = fs::canonical(root, failure);
    if (failure) return {};
    fs::path file = fs::weakly_canonical(base / fs::path(path).relative_path(), failure);
    if (!failure && fs::is_directory(file, failure)) file /= "index.html";
    if (failure || !fs::is_regular_file(file, failure)) return {};
    file = fs::canonical(file, failure);
    const auto [end, unused] = std::mismatch(base.begin(), base.end(), file.begin(), file.end());
    return !failure && end == base.end() ? file : fs::path();
}

Response serve(const fs::path& root, const Request& request) {
    const bool reads = request.method == Method::Get || request.method == Method::Head;
    const fs::path file = reads ? resolve(root, request.path) : fs::path();
    std::error_code failure;
    const auto size = file.empty() ? 0 : fs::file_size(file, failure);
    if (file.empty() || failure || size > file_bytes_max) {
        return Response::error({ErrorCode::NotFound, "no such path"});
    }
    Response response;
    const auto modified = fs::last_write_time(file, failure).time_since_epoch().count();
    response.set("ETag", fmt::format("\"{:x}-{:x}\"", size, modified));
    response.set("Cache-Control", std::string(caching_of(file)));
    response.set("X-Content-Type-Options", "nosniff");
    if (request.header("if-none-match") == response.headers[0].second) {
        response.status = 304;
        return response;
    }
    response.set("Content-Type", std::string(content_type_of(file)));
    std::ifstream stream(file, std::ios::binary);
    response.body.assign(std::istreambuf_iterator<char>(stream), {});
    return response;
}

asio::awaitable<Response> answer(Response response) { co_return response; }

}  // namespace

Handler static_files(fs::path root) {
    return [root = std::move(root)](const Request& request) { return answer(serve(root, request)); };
}

}  // namespace dunlin::http
