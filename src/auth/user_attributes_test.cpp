#include "auth/user_attributes.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace dunlin::auth {

namespace {

constexpr std::int64_t hour_us = 3'600'000'000;
constexpr const char* bcrypt = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

std::string refusal(UserAttributes attributes) {
    const auto normal = normal_attributes(std::move(attributes));
    return normal ? "" : normal.error().sqlstate + ": " + normal.error().message;
}

}  // namespace

TEST(UserAttributes, DurationsAreNumbersWithUnits) {
    struct Case {
        const char* why;
        const char* text;
        std::optional<std::int64_t> us;
    };
    const Case cases[] = {
        {"a day", "24h", 24 * hour_us},
        {"parts add up", "1h30m", 5'400'000'000},
        {"fractions", "1.5h", 5'400'000'000},
        {"milliseconds are not minutes", "300ms", 300'000},
        {"a hundred years, as the documentation of upstream bans for good", "876000h",
         876'000 * hour_us},
        {"zero is a duration", "0s", 0},
        {"nothing", "", std::nullopt},
        {"no unit", "24", std::nullopt},
        {"no number", "h", std::nullopt},
        {"upstream has no days", "1d", std::nullopt},
        {"into the past", "-24h", std::nullopt},
        {"white space", "24 h", std::nullopt},
        {"two points", "1.2.3h", std::nullopt},
        {"rest", "24hours", std::nullopt},
        {"none is not a duration but its absence", "none", std::nullopt},
        {"more than fits", "99999999999999999999999999h", std::nullopt},
        {"more than fits, in parts", "2000000h1s", std::nullopt},
    };
    for (const Case& c : cases) EXPECT_EQ(parse_duration(c.text), c.us) << c.why;
}

TEST(UserAttributes, RefusesWhatNoAccountCanHave) {
    struct Case {
        const char* why;
        UserAttributes attributes;
        const char* refusal;
    };
    const Case cases[] = {
        {"nothing is fine", {}, ""},
        {"no address",
         {.email = "nobody"},
         "validation_failed: Unable to validate email address: invalid format"},
        {"no number",
         {.phone = "12"},
         "validation_failed: Invalid phone number format (E.164 required)"},
        {"both",
         {.password = "a long one", .password_hash = bcrypt},
         "validation_failed: Only a password or a password hash should be provided"},
        {"a hash that would take minutes to check",
         {.password_hash = "$2a$31$" + std::string(53, 'a')},
         "validation_failed: password_hash must be a bcrypt hash of a cost up to 14, or an "
         "Argon2id hash in PHC form of up to 256 MiB"},
        {"a hash of bcrypt", {.password_hash = bcrypt}, ""},
        {"a role that no token may have",
         {.role = "postgres"},
         "validation_failed: role must be authenticated, anon or service_role"},
        {"no UUID", {.id = "7"}, "validation_failed: ID must conform to the uuid v4 format"},
        {"nobody's",
         {.id = "00000000-0000-0000-0000-000000000000"},
         "validation_failed: ID cannot be a nil uuid"},
        {"lifted", {.ban_duration = "none"}, ""},
        {"no duration",
         {.ban_duration = "forever"},
         "validation_failed: invalid format for ban duration: \"none\", or numbers with the units "
         "h, m, s, as in \"24h\" or \"1h30m\", of at most 2000000h"},
    };
    for (const Case& c : cases) EXPECT_EQ(refusal(c.attributes), c.refusal) << c.why;
    const auto normal = normal_attributes({.id = "AAAAAAAA-0000-4000-8000-00000000000F",
                                           .email = "Ann@Example.ORG",
                                           .phone = "+49 151 1234567"});
    ASSERT_TRUE(normal);
    EXPECT_EQ(normal->id, "aaaaaaaa-0000-4000-8000-00000000000f");
    EXPECT_EQ(normal->email, "ann@example.org");
    EXPECT_EQ(normal->phone, "491511234567");
}

TEST(UserAttributes, TokensFollowWhatTheyCarry) {
    constexpr std::int64_t now_us = 1'800'000'000'000'000;
    const boost::json::object manager{{"role", "manager"}};
    struct Case {
        const char* why;
        UserAttributes attributes;
        bool claims_changed;
    };
    const Case cases[] = {
        {"nothing", {}, false},
        {"the same role", {.role = "authenticated"}, false},
        {"another role", {.role = "anon"}, true},
        {"app_metadata is in the token", {.app_metadata = manager}, true},
        {"removing what is not there", {.app_metadata = {{"role", nullptr}}}, false},
        {"user_metadata decides nothing", {.user_metadata = manager}, false},
        {"a ban ends sessions instead", {.ban_duration = "24h"}, false},
    };
    for (const Case& c : cases) {
        User user{.id = "1"};
        apply_attributes(user, c.attributes, "", now_us);
        EXPECT_EQ(user.claims_changed_at.has_value(), c.claims_changed) << c.why;
    }
}

TEST(UserAttributes, ChangesWhatIsGivenAndNothingElse) {
    constexpr std::int64_t now_us = 1'800'000'000'000'000;
    User user{.id = "1",
              .email = "old@example.org",
              .password_hash = "old",
              .new_email = "pending@example.org",
              .banned_until = now_us + 1,
              .is_anonymous = true};
    const User before = user;
    apply_attributes(user, {}, "", now_us);
    EXPECT_EQ(user.email, before.email);
    EXPECT_EQ(user.password_hash, "old");
    EXPECT_EQ(user.new_email, before.new_email);
    EXPECT_EQ(user.banned_until, before.banned_until);
    EXPECT_TRUE(user.is_anonymous) << "without a confirmed address nothing has changed";
    apply_attributes(
        user,
        {.id = "2", .email = "new@example.org", .ban_duration = "none", .email_confirm = true},
        "new", now_us);
    EXPECT_EQ(user.id, "1") << "an id is for life";
    EXPECT_EQ(user.email, "new@example.org");
    EXPECT_EQ(user.new_email, "") << "the change that was under way is over";
    EXPECT_EQ(user.email_confirmed_at, now_us);
    EXPECT_EQ(user.password_hash, "new");
    EXPECT_FALSE(user.banned_until);
    EXPECT_FALSE(user.is_anonymous);
}

TEST(UserAttributes, UuidsHaveOneForm) {
    struct Case {
        const char* why;
        const char* text;
        bool is;
    };
    const Case cases[] = {
        {"as we make them", "0b9b2f0a-6f0e-4f4e-8a4e-000000000001", true},
        {"upper case", "0B9B2F0A-6F0E-4F4E-8A4E-000000000001", true},
        {"empty", "", false},
        {"a path", "../../etc/passwd/../../../../../../..", false},
        {"braces", "{0b9b2f0a-6f0e-4f4e-8a4e-00000000000}", false},
        {"no dashes", "0b9b2f0a06f0e04f4e08a4e0000000000001", false},
        {"another letter", "0b9b2f0a-6f0e-4f4e-8a4e-00000000000g", false},
    };
    for (const Case& c : cases) EXPECT_EQ(is_uuid(c.text), c.is) << c.why;
}

}  // namespace dunlin::auth
