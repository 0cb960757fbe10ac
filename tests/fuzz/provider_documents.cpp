// Feeds bytes to everything that reads what identity providers, or strangers in their name, have
// written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/base64url.h"
#include "auth/id_token.h"
#include "auth/issuer_documents.h"
#include "auth/json_members.h"
#include "auth/jwk.h"
#include "auth/oauth_requests.h"
#include "auth/provider_profile.h"
#include "core/check.h"

using namespace dunlin::auth;

namespace {

void read_token(std::string_view text) {
    const auto token = parse_id_token(text);
    if (!token) return;
    // A token has one spelling only.
    CHECK(token->signed_text + "." + encode_base64url(token->signature) == text);
    const IdTokenRules rules{.issuers = {"https://id.example", "https://ms.example/{tenantid}"},
                             .audiences = {"clinic"},
                             .nonce_rule = NonceRule::Ignored,
                             .now_s = 1'800'000'000};
    if (check_claims(*token, rules)) CHECK(is_expected_issuer(*token, rules));
}

void read_claims(std::string_view text) {
    const auto claims = parse_json_object(text);
    if (!claims || text_member(*claims, "sub").empty()) return;
    for (const char* name : {"google", "apple", "azure"}) {
        const auto settings = make_provider_settings({.name = name, .client_ids = {"clinic"}});
        auto profile = profile_from_claims(*settings, *claims);
        CHECK(!profile.email_verified || !profile.email.empty());
        add_apple_name(profile, text);
        CHECK(profile.subject == text_member(*claims, "sub"));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    read_token(text);
    read_claims(text);
    if (const auto keys = parse_jwk_set(text)) {
        for (const PublicKey& key : *keys) CHECK(!key.verifies(text, text));
    }
    if (const auto endpoints = parse_discovery("https://id.example", text)) {
        CHECK(is_provider_url(endpoints->token) && is_provider_url(endpoints->jwks));
    }
    if (const auto tokens = parse_token_answer({.status = 200, .body = std::string(text)})) {
        CHECK(!tokens->access_token.empty());
    }
    static_cast<void>(profile_from_github("https://api.github.com", text, text));
    static_cast<void>(profile_from_github("https://api.github.com", R"({"id":1})", text));
    return 0;
}
