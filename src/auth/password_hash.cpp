#include "auth/password_hash.h"

#include <crypt.h>
#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "auth/digest.h"
#include "core/check.h"

namespace dunlin::auth {

namespace {

constexpr unsigned long long passes = 2;
constexpr std::size_t memory_bytes = std::size_t{19} * 1024 * 1024;

constexpr std::string_view argon2id_prefix = "$argon2id$v=19$";
constexpr std::size_t argon2id_bytes_max = 256;
constexpr std::uint64_t memory_kib_max = 256 * 1024;
constexpr std::uint64_t work_kib_max = 1024 * 1024;  // memory times passes
constexpr std::uint64_t lanes_max = 16;

constexpr std::size_t bcrypt_bytes = 60;
constexpr std::size_t bcrypt_password_bytes_max = 72;
constexpr int bcrypt_cost_min = 4;
constexpr int bcrypt_cost_max = 14;

void start_sodium() {
    CHECK(sodium_init() >= 0);  // Does nothing when called again.
}

/// Takes `name` and a number from the front of `rest`.
std::optional<std::uint64_t> take_parameter(std::string_view& rest, std::string_view name) {
    if (!rest.starts_with(name)) return std::nullopt;
    rest.remove_prefix(name.size());
    std::uint64_t value = 0;
    const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (failure != std::errc()) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return value;
}

bool is_argon2id(std::string_view stored) {
    if (!stored.starts_with(argon2id_prefix) || stored.size() > argon2id_bytes_max ||
        stored.contains('\0')) {
        return false;
    }
    std::string_view rest = stored.substr(argon2id_prefix.size());
    const auto memory_kib = take_parameter(rest, "m=");
    const auto times = memory_kib ? take_parameter(rest, ",t=") : std::nullopt;
    const auto lanes = times ? take_parameter(rest, ",p=") : std::nullopt;
    return lanes && rest.starts_with('$') && *memory_kib <= memory_kib_max &&
           *times <= work_kib_max && *memory_kib * *times <= work_kib_max && *lanes <= lanes_max;
}

bool is_bcrypt(std::string_view stored) {
    if (stored.size() != bcrypt_bytes || stored[6] != '$') return false;
    if (!stored.starts_with("$2a$") && !stored.starts_with("$2b$") && !stored.starts_with("$2y$")) {
        return false;
    }
    int cost = 0;
    const auto [end, failure] = std::from_chars(stored.data() + 4, stored.data() + 6, cost);
    if (failure != std::errc() || end != stored.data() + 6) return false;
    if (cost < bcrypt_cost_min || cost > bcrypt_cost_max) return false;
    return std::ranges::all_of(stored.substr(7), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '/';
    });
}

bool verify_bcrypt(std::string_view password, const std::string& stored) {
    if (password.size() > bcrypt_password_bytes_max || password.contains('\0')) return false;
    auto work = std::make_unique<crypt_data>();  // 32 KiB: not for a stack
    std::string phrase(password);
    const char* made = crypt_r(phrase.c_str(), stored.c_str(), work.get());
    const bool same = made != nullptr && equal_in_constant_time(made, stored);
    sodium_memzero(phrase.data(), phrase.size());
    sodium_memzero(work.get(), sizeof(*work));
    return same;
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
    start_sodium();
    char hash[crypto_pwhash_STRBYTES] = {};
    if (crypto_pwhash_str_alg(hash, password.data(), password.size(), passes, memory_bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return std::unexpected(Error{ErrorCode::Unavailable, "not enough memory to hash a password",
                                     "53200", "", "Retry later."});
    }
    return std::string(hash);
}

bool verify_password(std::string_view password, std::string_view stored) {
    const std::string text(stored);  // Both libraries want it to end with a NUL.
    if (is_bcrypt(stored)) return verify_bcrypt(password, text);
    if (!is_argon2id(stored)) return false;
    start_sodium();
    return crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
}

bool is_password_hash(std::string_view stored) {
    return is_bcrypt(stored) || is_argon2id(stored);
}

bool needs_rehash(std::string_view stored) {
    if (!is_argon2id(stored)) return true;
    return crypto_pwhash_str_needs_rehash(std::string(stored).c_str(), passes, memory_bytes) != 0;
}

}  // namespace dunlin::auth
