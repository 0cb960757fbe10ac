#include "auth/apple_secret.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "auth/jws.h"
#include "auth/key_pair.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::int64_t lifetime_s = 300;

}  // namespace

Result<std::string> apple_client_secret(const AppleKey& key, std::string_view client_id,
                                        std::int64_t now_s) {
    const auto pair = KeyPair::from_pem(KeyAlgorithm::ES256, key.private_key_pem);
    if (!pair) {
        return std::unexpected(Error{ErrorCode::InvalidInput,
                                     "Apple's private key is not a P-256 key in PEM (PKCS #8)"});
    }
    const json::object header = {{"alg", "ES256"}, {"kid", key.key_id}};
    const json::object claims = {{"iss", key.team_id},
                                 {"iat", now_s},
                                 {"exp", now_s + lifetime_s},
                                 {"aud", "https://appleid.apple.com"},
                                 {"sub", client_id}};
    const std::string input = jws_signing_input(json::serialize(header), json::serialize(claims));
    return jws_token(input, pair->sign(input));
}

}  // namespace dunlin::auth
