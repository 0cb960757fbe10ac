#include "auth/one_time.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>

#include "auth/base64url.h"
#include "auth/digest.h"
#include "auth/random.h"

namespace dunlin::auth {

namespace {

constexpr std::uint32_t code_count = 1'000'000;
constexpr std::size_t token_bytes = 32;
constexpr std::size_t refresh_token_bytes_min = 22;
constexpr std::size_t refresh_token_bytes_max = 128;

std::uint32_t random_number() {
    std::uint32_t number = 0;
    std::memcpy(&number, random_bytes(sizeof(number)).data(), sizeof(number));
    return number;
}

}  // namespace

std::string random_code() {
    // The numbers above the last whole million would make the low codes more likely.
    constexpr std::uint32_t bound = UINT32_MAX - UINT32_MAX % code_count;
    std::uint32_t number = random_number();
    while (number >= bound) number = random_number();
    return fmt::format("{:06}", number % code_count);
}

std::string random_token() {
    return encode_base64url(random_bytes(token_bytes));
}

bool is_refresh_token_form(std::string_view text) {
    return text.size() >= refresh_token_bytes_min && text.size() <= refresh_token_bytes_max &&
           is_base64url(text);
}

std::string token_hash(std::string_view secret, std::string_view subject, std::string_view code) {
    // The first words keep this apart from what else the secret signs (a JWT begins with "eyJ"),
    // the length keeps "ab"+"c" apart from "a"+"bc".
    return to_hex(
        hmac_sha256(fmt::format("one-time token\n{}:{}{}", subject.size(), subject, code), secret));
}

}  // namespace dunlin::auth
