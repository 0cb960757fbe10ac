#include "auth/refresh_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>

#include "auth/base64url.h"
#include "core/check.h"

namespace dunlin::auth {

namespace {

constexpr std::size_t id_bytes = 16;
constexpr std::size_t generation_bytes = 8;
constexpr std::size_t proof_bytes = 16;
constexpr std::string_view hex_digits = "0123456789abcdef";

/// A UUID's bytes; nothing when it is none in lower case.
std::string packed_id(std::string_view id) {
    std::string bytes;
    std::string digits;
    for (const char c : id) {
        if (c != '-') digits.push_back(c);
    }
    CHECK(digits.size() == 2 * id_bytes);
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const auto high = hex_digits.find(digits[i]);
        const auto low = hex_digits.find(digits[i + 1]);
        CHECK(high != hex_digits.npos && low != hex_digits.npos);
        bytes.push_back(static_cast<char>(high << 4 | low));
    }
    return bytes;
}

std::string printed_id(std::string_view bytes) {
    std::string id;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) id.push_back('-');
        const auto byte = static_cast<unsigned char>(bytes[i]);
        id.push_back(hex_digits[byte >> 4]);
        id.push_back(hex_digits[byte & 15]);
    }
    return id;
}

std::string claim_of(std::string_view session_id, std::int64_t generation) {
    std::string claim = packed_id(session_id);
    for (int shift = 56; shift >= 0; shift -= 8) {
        claim.push_back(static_cast<char>(generation >> shift & 255));
    }
    return claim;
}

std::string proof_of(std::string_view claim, std::string_view secret,
                     std::string_view session_key) {
    std::string key(secret);
    key.push_back('\0');
    key += session_key;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
               reinterpret_cast<const unsigned char*>(claim.data()), claim.size(), digest.data(),
               &size) != nullptr);
    OPENSSL_cleanse(key.data(), key.size());
    return {reinterpret_cast<const char*>(digest.data()), proof_bytes};
}

}  // namespace

std::string new_refresh_key() {
    std::array<unsigned char, 32> random{};
    CHECK(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
    return encode_base64url({reinterpret_cast<const char*>(random.data()), random.size()});
}

std::string make_refresh_token(std::string_view secret, std::string_view session_key,
                               std::string_view session_id, std::int64_t generation) {
    const std::string claim = claim_of(session_id, generation);
    return encode_base64url(claim + proof_of(claim, secret, session_key));
}

std::optional<RefreshToken> parse_refresh_token(std::string_view text) {
    constexpr std::size_t size = id_bytes + generation_bytes + proof_bytes;
    if (text.size() > 2 * size) return std::nullopt;
    const auto bytes = decode_base64url(text);
    if (!bytes || bytes->size() != size) return std::nullopt;
    RefreshToken token{.session_id = printed_id(std::string_view(*bytes).substr(0, id_bytes)),
                       .proof = bytes->substr(id_bytes + generation_bytes)};
    std::uint64_t generation = 0;
    for (std::size_t i = 0; i < generation_bytes; ++i) {
        generation = generation << 8 | static_cast<unsigned char>((*bytes)[id_bytes + i]);
    }
    token.generation = static_cast<std::int64_t>(generation);
    return token;
}

bool is_genuine(const RefreshToken& token, std::string_view secret, std::string_view session_key) {
    const std::string proof =
        proof_of(claim_of(token.session_id, token.generation), secret, session_key);
    return CRYPTO_memcmp(proof.data(), token.proof.data(), proof_bytes) == 0;
}

}  // namespace dunlin::auth
