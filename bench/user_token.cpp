#include "user_token.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string_view>

namespace dunlin::bench {

namespace {

constexpr std::string_view secret = "super-secret-jwt-token-with-at-least-32-characters-long";

/// Without padding (RFC 7515 appendix C).
std::string base64url(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    while (text.ends_with('=')) text.pop_back();
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

}  // namespace

std::string user_id(std::size_t number) {
    return fmt::format("{:08x}-0000-4000-8000-000000000000", number);
}

std::string user_token(std::size_t number) {
    const std::string claims = fmt::format(
        R"({{"sub":"{}","role":"authenticated","aud":"authenticated","exp":4102444800}})",
        user_id(number));
    const std::string text = base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url(claims);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    return text + "." + base64url({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace dunlin::bench
