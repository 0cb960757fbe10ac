#include "auth/key_set.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "auth/digest.h"
#include "auth/jws.h"
#include "auth/token.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

std::unexpected<TokenRefusal> no_key(TokenFault fault, const char* details) {
    return std::unexpected(TokenRefusal{fault, "No suitable key or wrong key type", details});
}

bool proves(const SigningKey& key, std::int64_t now_s) {
    return key.state != KeyState::VerifyOnly || now_s < key.verify_until_s;
}

}  // namespace

std::string KeySet::sign(std::string_view claims) const {
    const SigningKey* key = in_state(KeyState::InUse);
    if (key == nullptr) return sign_token(claims, secret);
    // A kid is base64url: nothing in it needs escaping.
    const std::string header = fmt::format(R"({{"alg":"{}","kid":"{}","typ":"JWT"}})",
                                           algorithm_name(key->pair.algorithm()), key->kid);
    std::string input = jws_signing_input(header, claims);
    const std::string signature = key->pair.sign(input);
    return jws_token(std::move(input), signature);
}

TokenResult<ProvedClaims> KeySet::verify(std::string_view token, std::int64_t now_s) const {
    const auto jws = parse_jws(token);
    if (!jws) return std::unexpected(jws.error());
    const SigningKey* key = jws->kid ? find(*jws->kid, now_s) : nullptr;
    const std::string_view pinned =
        key != nullptr ? algorithm_name(key->pair.algorithm()) : std::string_view("HS256");
    if ((jws->kid && key == nullptr) || jws->algorithm != pinned) {
        return no_key(TokenFault::KeyUnknown, "No suitable key was found to decode the JWT");
    }
    const bool proved = key != nullptr ? key->pair.verify(jws->signed_part, jws->signature)
                                       : equal_in_constant_time(
                                             jws->signature, hmac_sha256(jws->signed_part, secret));
    if (!proved) {
        return no_key(TokenFault::SignatureWrong, "None of the keys was able to decode the JWT");
    }
    auto claims = read_claims(*jws);
    if (!claims) return std::unexpected(claims.error());
    return ProvedClaims{std::move(*claims), key != nullptr ? key->verify_until_s : 0};
}

std::string KeySet::jwks(std::int64_t now_s) const {
    json::array list;
    for (const auto& key : keys) {
        if (!proves(key, now_s)) continue;
        json::object jwk = key.pair.public_jwk();
        jwk["kid"] = key.kid;
        jwk["alg"] = algorithm_name(key.pair.algorithm());
        jwk["use"] = "sig";
        jwk["key_ops"] = json::array{"verify"};
        list.push_back(std::move(jwk));
    }
    return json::serialize(json::object{{"keys", std::move(list)}});
}

const SigningKey* KeySet::find(std::string_view kid, std::int64_t now_s) const {
    for (const auto& key : keys) {
        if (key.kid == kid && proves(key, now_s)) return &key;
    }
    return nullptr;
}

const SigningKey* KeySet::in_state(KeyState state) const {
    for (const auto& key : keys) {
        if (key.state == state) return &key;
    }
    return nullptr;
}

}  // namespace dunlin::auth
