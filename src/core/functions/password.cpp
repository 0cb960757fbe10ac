#include <crypt.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/error.h"
#include "core/functions/arguments.h"

/// crypt() and gen_salt() of pgcrypto, with which seeds make accounts. Of its algorithms only
/// bcrypt: the others are broken.
namespace dunlin::functions {

namespace {

constexpr std::size_t password_bytes_max = 72;  // what bcrypt looks at
constexpr std::int64_t cost_default = 6;
constexpr std::int64_t cost_min = 4;
constexpr std::int64_t cost_max = 14;  // about a second; sign-in takes no more either
constexpr std::size_t salt_bytes = 29;

Outcome gen_salt(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    if (text_of(a[0]) != "bf") {
        return std::unexpected(sql_error("0A000", "gen_salt() knows no algorithm but 'bf'"));
    }
    const std::int64_t cost = a.size() > 1 ? a[1].integer() : cost_default;
    if (cost < cost_min || cost > cost_max) {
        return std::unexpected(sql_error("22023", "the cost of gen_salt('bf', …) is 4 to 14"));
    }
    std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> salt{};
    const char* made = crypt_gensalt_rn("$2a$", static_cast<unsigned long>(cost), nullptr, 0,
                                        salt.data(), static_cast<int>(salt.size()));
    if (made == nullptr) return std::unexpected(sql_error("58000", "no random numbers for a salt"));
    return Value(std::string_view(made));
}

/// `$2a$06$…`, as gen_salt() makes it, or a whole hash.
bool is_salt(std::string_view text) {
    const bool named =
        text.size() >= salt_bytes && !text.contains('\0') &&
        (text.starts_with("$2a$") || text.starts_with("$2b$") || text.starts_with("$2y$"));
    if (!named || text[4] < '0' || text[4] > '9' || text[5] < '0' || text[5] > '9') return false;
    const std::int64_t cost = (text[4] - '0') * 10 + (text[5] - '0');
    return cost >= cost_min && cost <= cost_max && text[6] == '$';
}

Outcome crypt_password(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string_view password = text_of(a[0]);
    if (!is_salt(text_of(a[1]))) {
        return std::unexpected(
            sql_error("22023", "crypt() needs a salt of gen_salt('bf') or a bcrypt hash"));
    }
    if (password.size() > password_bytes_max || password.contains('\0')) {
        return std::unexpected(sql_error("22023", "crypt() takes passwords of at most 72 bytes"));
    }
    auto work = std::make_unique<crypt_data>();  // 32 KiB: not for a stack
    const char* made =
        crypt_r(std::string(password).c_str(), std::string(text_of(a[1])).c_str(), work.get());
    if (made == nullptr || made[0] == '*') {
        return std::unexpected(sql_error("22023", "crypt() cannot read this salt"));
    }
    return Value(std::string_view(made));
}

constexpr ScalarFunction entries[] = {
    {"pg_crypt", 2, 2, true, crypt_password},
    {"pg_gen_salt", 1, 2, false, gen_salt},
};

}  // namespace

std::span<const ScalarFunction> password_functions() {
    return entries;
}

}  // namespace dunlin::functions
