#include "auth/project_keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

#include "auth/base64url.h"
#include "auth/token.h"
#include "core/check.h"

namespace dunlin::auth {

namespace {

constexpr std::string_view development_secret =
    "super-secret-jwt-token-with-at-least-32-characters-long";
constexpr std::size_t secret_bytes_min = 32;

// The date the well-known development keys carry (2032); keys of a project use the same, since they
// are revoked by changing the secret, not by waiting.
constexpr std::int64_t keys_expire_at_s = 1983812996;

ProjectKeys keys_from(std::string secret, std::string_view issuer) {
    const auto key = [&](std::string_view role) {
        return sign_token(
            fmt::format(R"({{"iss":"{}","role":"{}","exp":{}}})", issuer, role, keys_expire_at_s),
            secret);
    };
    ProjectKeys keys;
    keys.anon_key = key("anon");
    keys.service_role_key = key("service_role");
    keys.secret = std::move(secret);
    return keys;
}

Error unavailable(std::string_view action, const std::filesystem::path& file) {
    return Error{ErrorCode::Unavailable,
                 fmt::format("cannot {} {}: {}", action, file.string(), std::strerror(errno))};
}

Result<std::string> create_secret(const std::filesystem::path& file) {
    std::array<unsigned char, 32> random{};
    CHECK(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
    std::string secret =
        encode_base64url({reinterpret_cast<const char*>(random.data()), random.size()});
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return std::unexpected(unavailable("create", file));
    const auto written = ::write(descriptor, secret.data(), secret.size());
    const bool kept = written == static_cast<ssize_t>(secret.size()) && ::fsync(descriptor) == 0;
    ::close(descriptor);
    if (!kept) return std::unexpected(unavailable("write", file));
    return secret;
}

}  // namespace

ProjectKeys development_keys() {
    return keys_from(std::string(development_secret), "supabase-demo");
}

Result<ProjectKeys> load_or_create_keys(const std::filesystem::path& data_folder) {
    std::error_code failure;
    std::filesystem::create_directories(data_folder, failure);
    const auto file = data_folder / "secret";
    if (!std::filesystem::exists(file, failure)) {
        auto secret = create_secret(file);
        if (!secret) return std::unexpected(secret.error());
        return keys_from(std::move(*secret), "dunlin");
    }
    std::ifstream stream(file, std::ios::binary);
    std::string secret{std::istreambuf_iterator<char>(stream), {}};
    while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
    if (!stream) return std::unexpected(unavailable("read", file));
    if (secret.size() < secret_bytes_min) {
        return std::unexpected(
            Error{ErrorCode::Unavailable,
                  fmt::format("{} holds {} characters; a secret needs at least {}", file.string(),
                              secret.size(), secret_bytes_min)});
    }
    return keys_from(std::move(secret), "dunlin");
}

}  // namespace dunlin::auth
