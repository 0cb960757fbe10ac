#include "auth/project_keys.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>
#include <utility>

#include "auth/base64url.h"
#include "auth/private_file.h"
#include "auth/random.h"
#include "auth/token.h"

namespace dunlin::auth {

namespace {

constexpr std::string_view development_secret =
    "super-secret-jwt-token-with-at-least-32-characters-long";
constexpr std::size_t secret_bytes_min = 32;
constexpr std::size_t secret_bytes_max = 4096;

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

}  // namespace

ProjectKeys development_keys() {
    return keys_from(std::string(development_secret), "supabase-demo");
}

Result<ProjectKeys> load_or_create_keys(const std::filesystem::path& data_folder) {
    const auto made = create_private_folder(data_folder);
    if (!made) return std::unexpected(made.error());
    std::error_code failure;
    const auto file = data_folder / "secret";
    if (!std::filesystem::exists(file, failure)) {
        std::string secret = encode_base64url(random_bytes(secret_bytes_min));
        const auto written = write_private_file(file, secret, Existing::Refuse);
        if (!written) return std::unexpected(written.error());
        return keys_from(std::move(secret), "dunlin");
    }
    auto secret = read_file(file, secret_bytes_max);
    if (!secret) return std::unexpected(secret.error());
    while (secret->ends_with('\n') || secret->ends_with('\r')) secret->pop_back();
    if (secret->size() < secret_bytes_min) {
        return std::unexpected(
            Error{ErrorCode::Unavailable,
                  fmt::format("{} holds {} characters; a secret needs at least {}", file.string(),
                              secret->size(), secret_bytes_min)});
    }
    return keys_from(std::move(*secret), "dunlin");
}

}  // namespace dunlin::auth
