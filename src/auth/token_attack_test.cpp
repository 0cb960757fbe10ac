// What attackers do to tokens: every mutation of three honest ones, and the known tricks.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "auth/auth_fixture.h"
#include "auth/base64url.h"
#include "auth/digest.h"
#include "auth/jws.h"
#include "auth/token.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

const std::string claims = R"({"role":"service_role","sub":"ann"})";
const std::string secret(fixture_secret);

/// A project with an ES256 pair in use and an RS256 pair on standby; both prove.
struct AttackedProject : FixtureProject {
    AttackedProject() {
        EXPECT_TRUE(keys->add(KeyAlgorithm::ES256));
        EXPECT_TRUE(keys->rotate(3600));
        EXPECT_TRUE(keys->add(KeyAlgorithm::RS256));
        es256 = keys->current()->keys[0];
        rs256 = keys->current()->keys[1];
    }

    std::optional<SigningKey> es256, rs256;
};

std::string header_of(const SigningKey& key) {
    return fmt::format(R"({{"alg":"{}","kid":"{}","typ":"JWT"}})",
                       algorithm_name(key.pair.algorithm()), key.kid);
}

std::string signed_by(const KeyPair& pair, const std::string& header) {
    const std::string input = jws_signing_input(header, claims);
    return jws_token(input, pair.sign(input));
}

std::string signed_with(std::string_view hmac_secret, const std::string& header,
                        std::string_view payload = claims) {
    const std::string input = jws_signing_input(header, payload);
    return jws_token(input, hmac_sha256(input, hmac_secret));
}

std::string with_signature(const std::string& header, std::string_view signature) {
    return jws_token(jws_signing_input(header, claims), signature);
}

/// The public half as the texts that an attacker could take for a secret.
std::vector<std::string> public_forms(const SigningKey& key) {
    std::vector<std::string> forms;
    const std::string pem = key.pair.to_pem();
    BIO* in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    EVP_PKEY* pair = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
    BIO* out = BIO_new(BIO_s_mem());
    EXPECT_EQ(PEM_write_bio_PUBKEY(out, pair), 1);
    char* text = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(out, &text));
    forms.emplace_back(text, size);
    forms.emplace_back(text, size - 1);  // without the last newline
    unsigned char* der = nullptr;
    const int der_size = i2d_PUBKEY(pair, &der);
    forms.emplace_back(reinterpret_cast<const char*>(der), static_cast<std::size_t>(der_size));
    OPENSSL_free(der);
    BIO_free(out);
    EVP_PKEY_free(pair);
    BIO_free(in);
    forms.push_back(json::serialize(key.pair.public_jwk()));
    forms.push_back(key.kid);
    return forms;
}

}  // namespace

TEST(TokenAttack, EveryMutationOfAnHonestTokenIsRefused) {
    const AttackedProject project;
    const TokenVerifier verifier(*project.keys, project.clock);
    const std::string honest[] = {
        sign_token(claims, secret),
        project.keys->sign(claims),
        signed_by(project.rs256->pair, header_of(*project.rs256)),
    };
    constexpr std::string_view others = "A9_.= ";
    std::size_t refused = 0;
    const auto refuse = [&](const std::string& token, std::string_view how, std::size_t at) {
        ASSERT_FALSE(verifier.verify(token)) << how << " at " << at << ": " << token;
        ++refused;
    };
    for (const std::string& token : honest) {
        ASSERT_TRUE(verifier.verify(token)) << token;
        for (std::size_t at = 0; at < token.size(); ++at) {
            for (const char other : others) {
                if (token[at] == other) continue;
                std::string changed = token;
                changed[at] = other;
                refuse(changed, "changed", at);
            }
            refuse(token.substr(0, at), "cut", at);
            refuse(token.substr(at + 1), "begun", at);
            std::string flipped = token;
            flipped[at] = static_cast<char>(flipped[at] ^ 0x80);
            refuse(flipped, "bit flipped", at);
            std::string longer = token;
            refuse(longer.insert(at, 1, 'A'), "inserted", at);
        }
        refuse(token + "A", "appended", token.size());
        refuse(token + "=", "padded", token.size());
        refuse(token + "\n", "newline", token.size());
        refuse("Bearer " + token, "scheme", 0);
    }
    EXPECT_GE(refused, 5000u);
    EXPECT_TRUE(verifier.verify(honest[1])) << "and the honest ones still hold";
}

TEST(TokenAttack, NoPartOfOneTokenFitsAnother) {
    const AttackedProject project;
    const TokenVerifier verifier(*project.keys, project.clock);
    std::vector<std::string> parts[3];
    const std::string other = R"({"role":"anon"})";
    const std::string honest[] = {sign_token(claims, secret), sign_token(other, secret),
                                  project.keys->sign(claims), project.keys->sign(other),
                                  signed_by(project.rs256->pair, header_of(*project.rs256))};
    for (const std::string& token : honest) {
        const auto first = token.find('.');
        const auto second = token.find('.', first + 1);
        parts[0].push_back(token.substr(0, first));
        parts[1].push_back(token.substr(first + 1, second - first - 1));
        parts[2].push_back(token.substr(second + 1));
    }
    for (const auto& header : parts[0]) {
        for (const auto& payload : parts[1]) {
            for (const auto& signature : parts[2]) {
                const std::string token = header + "." + payload + "." + signature;
                const bool is_honest = std::ranges::find(honest, token) != std::end(honest);
                EXPECT_EQ(verifier.verify(token).has_value(), is_honest) << token;
            }
        }
    }
}

TEST(TokenAttack, TheHeaderChoosesNoAlgorithm) {
    const AttackedProject project;
    const TokenVerifier verifier(*project.keys, project.clock);
    const std::string algorithms[] = {R"("none")",    R"("None")",
                                      R"("NONE")",    R"("nOnE")",
                                      R"("")",        R"("hs256")",
                                      R"("HS384")",   R"("HS512")",
                                      R"("HS256 ")",  R"("RS384")",
                                      R"("RS1")",     R"("PS256")",
                                      R"("ES384")",   R"("ES512")",
                                      R"("ES256K")",  R"("EdDSA")",
                                      "null",         "256",
                                      R"(["HS256"])", R"({"alg":"HS256"})",
                                      R"("dir")",     R"("HS256\u0000")",
                                      R"("A128KW")"};
    const std::string kids[] = {"", R"(,"kid":")" + project.es256->kid + '"',
                                R"(,"kid":")" + project.rs256->kid + '"'};
    for (const std::string& algorithm : algorithms) {
        for (const std::string& kid : kids) {
            const std::string header = R"({"alg":)" + algorithm + kid + "}";
            EXPECT_FALSE(verifier.verify(with_signature(header, ""))) << header;
            EXPECT_FALSE(verifier.verify(signed_with(secret, header))) << header;
            EXPECT_FALSE(verifier.verify(signed_with("", header))) << header;
            EXPECT_FALSE(verifier.verify(signed_by(project.es256->pair, header))) << header;
            EXPECT_FALSE(verifier.verify(signed_by(project.rs256->pair, header))) << header;
        }
    }
}

TEST(TokenAttack, APublicKeyIsNoSecretAndASecretNoKeyPair) {
    const AttackedProject project;
    const TokenVerifier verifier(*project.keys, project.clock);
    const auto header = [](std::string_view algorithm, std::string_view kid) {
        return fmt::format(R"({{"alg":"{}","kid":"{}"}})", algorithm, kid);
    };
    for (const auto* key : {&*project.es256, &*project.rs256}) {
        auto secrets = public_forms(*key);
        secrets.push_back(secret);
        secrets.push_back(project.keys->jwks());
        for (const std::string& guess : secrets) {
            for (const char* algorithm : {"HS256", "RS256", "ES256"}) {
                EXPECT_FALSE(verifier.verify(signed_with(guess, header(algorithm, key->kid))));
            }
            if (guess == secret) continue;
            EXPECT_FALSE(verifier.verify(signed_with(guess, R"({"alg":"HS256"})")));
        }
    }
    const std::string es256 = header("ES256", project.es256->kid);
    EXPECT_TRUE(verifier.verify(signed_by(project.es256->pair, es256)));
    EXPECT_FALSE(verifier.verify(signed_by(project.rs256->pair, es256)));
    EXPECT_FALSE(
        verifier.verify(signed_by(project.es256->pair, header("ES256", project.rs256->kid))));
    EXPECT_FALSE(verifier.verify(signed_by(project.es256->pair, R"({"alg":"ES256"})")))
        << "a pair is found by its kid only";
}

TEST(TokenAttack, AHeaderBringsNoKeyAndLeadsNowhere) {
    const AttackedProject project;
    const TokenVerifier verifier(*project.keys, project.clock);
    const KeyPair mine = KeyPair::generate(KeyAlgorithm::ES256);
    const std::string jwk = json::serialize(mine.public_jwk());
    const std::string kid = project.es256->kid;
    const std::string headers[] = {
        R"({"alg":"ES256","jwk":)" + jwk + "}",
        R"({"alg":"ES256","kid":")" + kid + R"(","jwk":)" + jwk + "}",
        R"({"alg":"ES256","kid":")" + kid + R"(","jku":"http://127.0.0.1:1/jwks.json"})",
        R"({"alg":"ES256","kid":")" + kid + R"(","x5u":"http://127.0.0.1:1/c.pem"})",
        R"({"alg":"ES256","kid":")" + kid + R"(","x5c":["MIIB"]})",
    };
    for (const auto& header : headers) {
        EXPECT_FALSE(verifier.verify(signed_by(mine, header))) << header;
    }
    const std::string kids[] = {R"("../../../../dev/null")",
                                R"("/dev/null")",
                                R"("secret")",
                                R"("..\\secret")",
                                R"("' or '1'='1")",
                                R"("| cat secret")",
                                R"("")",
                                "null",
                                "0",
                                R"([")" + kid + R"("])",
                                R"({"a":1})",
                                '"' + kid + R"(\u0000")",
                                '"' + kid.substr(1) + '"',
                                '"' + kid + kid + '"',
                                "true",
                                '"' + std::string(4000, '.') + '"'};
    for (const auto& text : kids) {
        const std::string header = R"({"alg":"HS256","kid":)" + text + "}";
        EXPECT_FALSE(verifier.verify(signed_with("", header))) << header;
        EXPECT_FALSE(verifier.verify(signed_with(secret, header))) << header;
    }
    EXPECT_TRUE(verifier.verify(
        signed_with(secret, R"({"alg":"HS256","jku":"http://127.0.0.1:1/","x5u":"x","jwk":{}})")))
        << "with our signature they are only not looked at";
}

TEST(TokenAttack, AnHonestSignatureIsNotEnough) {
    const AttackedProject project;
    const TokenVerifier verifier(*project.keys, project.clock);
    struct Case {
        const char* why;
        std::string header;
        std::string payload;
    };
    const Case cases[] = {
        {"an extension we do not know", R"({"alg":"HS256","crit":["b64"],"b64":false})", claims},
        {"crit that names what we know", R"({"alg":"HS256","crit":["exp"],"exp":1})", claims},
        {"crit of nothing", R"({"alg":"HS256","crit":[]})", claims},
        {"crit null", R"({"alg":"HS256","crit":null})", claims},
        {"another type of token", R"({"alg":"HS256","typ":"dpop+jwt"})", claims},
        {"a type that is no text", R"({"alg":"HS256","typ":1})", claims},
        {"header no object", R"(["HS256"])", claims},
        {"header no JSON", R"({"alg":"HS256")", claims},
        {"header deeper than any",
         R"({"alg":"HS256","a":)" + std::string(50, '[') + std::string(50, ']') + "}", claims},
        {"claims no JSON", R"({"alg":"HS256"})", "role=service_role"},
        {"claims deeper than any", R"({"alg":"HS256"})",
         R"({"role":"anon","a":)" + std::string(500, '[') + std::string(500, ']') + "}"},
        {"claims with something after them", R"({"alg":"HS256"})", claims + "{}"},
        {"role as a list", R"({"alg":"HS256"})", R"({"role":["service_role"]})"},
        {"role in another case", R"({"alg":"HS256"})", R"({"role":"SERVICE_ROLE"})"},
        {"over 8 KiB", R"({"alg":"HS256"})",
         R"({"role":"anon","a":")" + std::string(8000, 'x') + R"("})"},
    };
    for (const Case& c : cases) {
        EXPECT_FALSE(verifier.verify(signed_with(secret, c.header, c.payload))) << c.why;
    }
    EXPECT_TRUE(verifier.verify(signed_with(secret, R"({"alg":"HS256","typ":"jwt"})")));
}

TEST(TokenAttack, EcdsaAndRsaSignaturesHaveOneForm) {
    const AttackedProject project;
    const TokenVerifier verifier(*project.keys, project.clock);
    const std::string es256 = header_of(*project.es256);
    const std::string rs256 = header_of(*project.rs256);
    const std::string input = jws_signing_input(rs256, claims);
    const std::string rsa = project.rs256->pair.sign(input);
    // The order of P-256 (SEC 2 section 2.4.2): zero in its arithmetic.
    const std::string n(
        "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
        "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51",
        32);
    struct Case {
        const char* why;
        std::string header;
        std::string signature;
    };
    const Case cases[] = {
        {"r and s zero, which some take for any message", es256, std::string(64, '\0')},
        {"r and s the order", es256, n + n},
        {"all ones", es256, std::string(64, '\xff')},
        {"no bytes", es256, ""},
        {"a byte short", es256, std::string(63, '\1')},
        {"a byte long", es256, std::string(65, '\1')},
        {"DER", es256, std::string("\x30\x06\x02\x01\x01\x02\x01\x01", 8)},
        {"RSA zero", rs256, std::string(256, '\0')},
        {"RSA one", rs256, std::string(255, '\0') + '\1'},
        {"RSA with a zero before it", rs256, '\0' + rsa},
        {"RSA cut", rs256, rsa.substr(1)},
        {"no bytes", rs256, ""},
        {"RSA of half the size", rs256, std::string(128, '\x55')},
    };
    for (const Case& c : cases) {
        EXPECT_FALSE(verifier.verify(with_signature(c.header, c.signature))) << c.why;
    }
    EXPECT_TRUE(verifier.verify(jws_token(input, rsa)));
}

}  // namespace dunlin::auth
