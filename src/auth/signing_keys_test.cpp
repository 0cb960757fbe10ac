#include "auth/signing_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <iterator>
#include <thread>

#include "auth/auth_fixture.h"
#include "auth/base64url.h"
#include "auth/key_file.h"
#include "auth/token.h"

namespace dunlin::auth {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

constexpr std::string_view claims = R"({"role":"anon"})";

std::string header_of(const std::string& token) {
    return decode_base64url(token.substr(0, token.find('.'))).value_or("");
}

json::array public_keys(const SigningKeys& keys) {
    return json::parse(keys.jwks()).at("keys").as_array();
}

}  // namespace

TEST(SigningKeys, SignWithTheSecretUntilAPairIsInUse) {
    const FixtureProject project;
    EXPECT_EQ(project.keys->sign(claims), sign_token(claims, fixture_secret));
    EXPECT_EQ(project.keys->jwks(), R"({"keys":[]})") << "never the secret";
    EXPECT_FALSE(fs::exists(project.file())) << "nothing to keep";

    const auto kid = project.keys->add(KeyAlgorithm::ES256);
    ASSERT_TRUE(kid);
    EXPECT_EQ(project.keys->sign(claims), sign_token(claims, fixture_secret)) << "on standby";
    EXPECT_EQ(public_keys(*project.keys).size(), 1u) << "published before it is used";

    ASSERT_TRUE(project.keys->rotate(3600));
    const std::string token = project.keys->sign(claims);
    EXPECT_EQ(header_of(token), R"({"alg":"ES256","kid":")" + *kid + R"(","typ":"JWT"})");
    EXPECT_TRUE(project.keys->verify(token));
    EXPECT_TRUE(project.keys->verify(sign_token(claims, fixture_secret))) << "API keys stay valid";
}

TEST(SigningKeys, APairGivesWayToTheNextAndIsForgotten) {
    FixtureProject project;
    const auto first = project.keys->add(KeyAlgorithm::ES256);
    ASSERT_TRUE(first && project.keys->rotate(3600));
    const std::string old_token = project.keys->sign(claims);
    const auto second = project.keys->add(KeyAlgorithm::RS256);
    ASSERT_TRUE(second && project.keys->rotate(3600));
    EXPECT_TRUE(header_of(project.keys->sign(claims)).contains(*second));
    EXPECT_TRUE(project.keys->verify(old_token));
    EXPECT_EQ(public_keys(*project.keys).size(), 2u);

    project.clock.now_s += 3600 + 29;
    EXPECT_TRUE(project.keys->verify(old_token)) << "its tokens may be 30 s over their time";
    project.clock.now_s += 1;
    EXPECT_FALSE(project.keys->verify(old_token));
    EXPECT_EQ(public_keys(*project.keys).size(), 1u);
    ASSERT_TRUE(project.keys->add(KeyAlgorithm::ES256));
    EXPECT_EQ(project.keys->current()->find(*first, 0), nullptr) << "any change forgets it";
}

TEST(SigningKeys, RefuseChangesThatMakeNoSense) {
    FixtureProject project;
    EXPECT_EQ(project.keys->rotate(3600).error().code, ErrorCode::Conflict) << "nothing on standby";
    const auto kid = project.keys->add(KeyAlgorithm::ES256);
    ASSERT_TRUE(kid);
    EXPECT_EQ(project.keys->add(KeyAlgorithm::ES256).error().code, ErrorCode::Conflict);
    EXPECT_EQ(project.keys->remove("../x").error().code, ErrorCode::NotFound);
    ASSERT_TRUE(project.keys->rotate(3600));
    EXPECT_EQ(project.keys->remove(*kid).error().code, ErrorCode::Conflict) << "in use";

    for (std::size_t i = 1; i < signing_keys_max; ++i) {
        ASSERT_TRUE(project.keys->add(KeyAlgorithm::ES256)) << i;
        ASSERT_TRUE(project.keys->rotate(3600));
    }
    EXPECT_EQ(project.keys->add(KeyAlgorithm::ES256).error().code, ErrorCode::Conflict) << "full";
    ASSERT_TRUE(project.keys->remove(*kid));
    EXPECT_TRUE(project.keys->add(KeyAlgorithm::ES256));
}

TEST(SigningKeys, AreTheSameAfterARestart) {
    const FixtureProject project;
    ASSERT_TRUE(project.keys->add(KeyAlgorithm::RS256));
    ASSERT_TRUE(project.keys->rotate(3600));
    ASSERT_TRUE(project.keys->add(KeyAlgorithm::ES256));
    ASSERT_TRUE(project.keys->rotate(3600));
    ASSERT_TRUE(project.keys->add(KeyAlgorithm::ES256));
    const auto again = project.load();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->jwks(), project.keys->jwks());
    EXPECT_TRUE(again->verify(project.keys->sign(claims)));
    EXPECT_TRUE(project.keys->verify(again->sign(claims)));
    EXPECT_EQ(fs::status(project.file()).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(std::distance(fs::directory_iterator(project.folder.path()), {}), 1)
        << "no temporary file is left";
}

TEST(SigningKeys, RefuseAFileThatOthersMayReadOrThatHoldsNoKeys) {
    const FixtureProject project;
    ASSERT_TRUE(project.keys->add(KeyAlgorithm::ES256));
    const auto load = [&] {
        return SigningKeys::load(project.file(), std::string(fixture_secret), project.clock);
    };
    fs::permissions(project.file(), fs::perms::group_read, fs::perm_options::add);
    auto open = load();
    ASSERT_FALSE(open);
    EXPECT_TRUE(open.error().message.contains("can be read by others")) << open.error().message;
    fs::permissions(project.file(), fs::perms::group_read, fs::perm_options::remove);
    ASSERT_TRUE(load());
    std::ofstream(project.file()) << "{}";
    auto empty = load();
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code, ErrorCode::Unavailable);
    EXPECT_TRUE(empty.error().message.contains("signing_keys.json: unknown version"));
}

TEST(SigningKeys, SignAndProveWhileTheyChange) {
    const FixtureProject project;
    const TokenVerifier verifier(*project.keys, project.clock);
    std::atomic<bool> changing = true;
    std::atomic<int> refused = 0;
    const auto use = [&] {
        while (changing) {
            if (!verifier.verify(project.keys->sign(claims))) ++refused;
        }
    };
    std::thread users[] = {std::thread(use), std::thread(use)};
    for (std::size_t i = 0; i < signing_keys_max; ++i) {
        EXPECT_TRUE(project.keys->add(KeyAlgorithm::ES256));
        EXPECT_TRUE(project.keys->rotate(3600));
    }
    changing = false;
    for (auto& user : users) user.join();
    EXPECT_EQ(refused, 0) << "a pair that gives way still proves";
}

TEST(SigningKeys, KeepWhatTheyHaveWhenTheDiskRefuses) {
    const FixtureProject project;
    fs::remove_all(project.folder.path());
    const auto added = project.keys->add(KeyAlgorithm::ES256);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, ErrorCode::Unavailable);
    EXPECT_TRUE(project.keys->current()->keys.empty()) << "what is not kept does not sign";
}

TEST(SigningKeys, FollowWhatAnotherProcessWrites) {
    const FixtureProject project;
    const auto other = project.load();
    const auto reloaded = [&] { return other->reload().value_or(false); };
    EXPECT_FALSE(reloaded()) << "nothing is new";

    const auto first = project.keys->add(KeyAlgorithm::ES256);
    ASSERT_TRUE(first);
    EXPECT_TRUE(reloaded());
    EXPECT_FALSE(reloaded()) << "once is enough";
    EXPECT_EQ(other->jwks(), project.keys->jwks());

    ASSERT_TRUE(project.keys->rotate(3600));
    const std::string token = project.keys->sign(claims);
    const auto version = other->version();
    EXPECT_TRUE(reloaded());
    EXPECT_GT(other->version(), version) << "what was proved is proved anew";
    EXPECT_EQ(header_of(other->sign(claims)), header_of(token));

    ASSERT_TRUE(project.keys->add(KeyAlgorithm::ES256) && project.keys->rotate(3600));
    ASSERT_TRUE(project.keys->remove(*first));
    EXPECT_TRUE(other->verify(token)) << "until it is reloaded";
    EXPECT_TRUE(reloaded());
    EXPECT_FALSE(other->verify(token));
    EXPECT_TRUE(other->verify(sign_token(claims, fixture_secret))) << "the secret is none of them";
}

TEST(SigningKeys, KeepWhatTheyHaveWhenTheFileIsSpoiled) {
    const FixtureProject project;
    ASSERT_TRUE(project.keys->add(KeyAlgorithm::ES256) && project.keys->rotate(3600));
    const std::string token = project.keys->sign(claims);
    std::ofstream(project.file()) << "{}";
    const auto refused = project.keys->reload();
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().message.contains("signing_keys.json: unknown version"));
    EXPECT_EQ(project.keys->reload().value_or(true), false) << "told once";
    EXPECT_TRUE(project.keys->verify(token));
}

TEST(Jwks, HasThePublicPartsOnly) {
    const FixtureProject project;
    ASSERT_TRUE(project.keys->add(KeyAlgorithm::RS256));
    ASSERT_TRUE(project.keys->rotate(3600));
    ASSERT_TRUE(project.keys->add(KeyAlgorithm::ES256));
    const auto keys = public_keys(*project.keys);
    ASSERT_EQ(keys.size(), 2u);
    const auto names = [](const json::value& jwk) {
        std::vector<std::string> list;
        for (const auto& member : jwk.as_object()) list.emplace_back(member.key());
        std::ranges::sort(list);
        return list;
    };
    EXPECT_EQ(names(keys[0]),
              (std::vector<std::string>{"alg", "e", "key_ops", "kid", "kty", "n", "use"}));
    EXPECT_EQ(names(keys[1]),
              (std::vector<std::string>{"alg", "crv", "key_ops", "kid", "kty", "use", "x", "y"}));
    EXPECT_EQ(keys[0].at("e").as_string(), "AQAB");
    EXPECT_EQ(decode_base64url(keys[0].at("n").as_string())->size(), 256u);
    EXPECT_EQ(decode_base64url(keys[1].at("x").as_string())->size(), 32u);
    EXPECT_EQ(decode_base64url(keys[1].at("y").as_string())->size(), 32u);
}

}  // namespace dunlin::auth
