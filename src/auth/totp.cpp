#include "auth/totp.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "auth/base32.h"
#include "auth/digest.h"
#include "auth/random.h"
#include "core/check.h"

namespace dunlin::auth {

namespace {

constexpr std::size_t secret_bytes = 20;
constexpr std::int64_t step_s = 30;
constexpr std::uint32_t code_count = 1'000'000;

/// RFC 4226 section 5.3.
std::string code_of(std::string_view key, std::int64_t step) {
    std::array<unsigned char, 8> counter{};
    auto rest = static_cast<std::uint64_t>(step);
    for (std::size_t i = counter.size(); i-- > 0; rest >>= 8) {
        counter[i] = static_cast<unsigned char>(rest & 255);
    }
    std::array<unsigned char, 20> mac{};
    CHECK(HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), counter.data(), counter.size(),
               mac.data(), nullptr) != nullptr);
    const std::size_t offset = mac.back() & 15;
    std::uint32_t number = mac[offset] & 127;
    for (std::size_t i = 1; i < 4; ++i) number = number << 8 | mac[offset + i];
    return fmt::format("{:06}", number % code_count);
}

std::string encode_percent(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || std::string_view("-_.~").contains(c);
        if (unreserved)
            out.push_back(c);
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

}  // namespace

std::string new_totp_secret() {
    return encode_base32(random_bytes(secret_bytes));
}

std::string totp_code(std::string_view secret, std::int64_t step) {
    const auto key = decode_base32(secret);
    return key ? code_of(*key, step) : std::string();
}

std::optional<std::int64_t> verify_totp(std::string_view secret, std::string_view code,
                                        std::int64_t now_s) {
    const auto key = decode_base32(secret);
    if (!key) return std::nullopt;
    const std::int64_t now = now_s / step_s;
    std::optional<std::int64_t> matched;
    for (std::int64_t step = now - 1; step <= now + 1; ++step) {
        if (equal_in_constant_time(code_of(*key, step), code)) matched = step;
    }
    return matched;
}

std::string totp_uri(std::string_view issuer, std::string_view account, std::string_view secret) {
    const std::string name = encode_percent(issuer);
    return fmt::format("otpauth://totp/{}:{}?algorithm=SHA1&digits=6&issuer={}&period={}&secret={}",
                       name, encode_percent(account), name, step_s, secret);
}

}  // namespace dunlin::auth
