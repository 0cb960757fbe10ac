#include "auth/token_cache.h"

#include <gtest/gtest.h>

#include "auth/digest.h"

namespace dunlin::auth {

namespace {

ProvedToken token_of(std::string user) {
    return {.identity = {.role = Role::Authenticated, .user_id = std::move(user)},
            .valid_from_s = 100,
            .valid_until_s = 200,
            .proved_until_s = 180};
}

}  // namespace

TEST(TokenCache, ForgetsWhatNoLongerHolds) {
    struct Case {
        const char* why;
        std::uint64_t version;
        std::int64_t now_s;
        bool found;
    };
    const Case cases[] = {
        {"holds", 1, 150, true},
        {"from its first second", 1, 100, true},
        {"before it", 1, 99, false},
        {"to the last second of its key", 1, 179, true},
        {"its key has had its time", 1, 180, false},
        {"past exp", 1, 200, false},
        {"keys have changed", 2, 150, false},
        {"keys of before", 0, 150, false},
    };
    for (const Case& c : cases) {
        TokenCache cache;
        cache.insert(sha256("a"), 1, token_of("ann"));
        const auto found = cache.find(sha256("a"), c.version, c.now_s);
        EXPECT_EQ(found.has_value(), c.found) << c.why;
        EXPECT_EQ(cache.size(), c.found ? 1u : 0u) << c.why;
        EXPECT_FALSE(cache.find(sha256("b"), 1, 150)) << "another token";
    }
}

TEST(TokenCache, IsBoundedAndKeepsWhatIsUsed) {
    TokenCache cache;
    cache.insert(sha256("used"), 1, token_of("ann"));
    for (int i = 0; i < 50'000; ++i) {
        cache.insert(sha256(std::to_string(i)), 1, token_of(std::to_string(i)));
        ASSERT_LE(cache.size(), TokenCache::tokens_max);
        const auto found = cache.find(sha256("used"), 1, 150);
        ASSERT_TRUE(found) << "after " << i;
        ASSERT_EQ(found->user_id, "ann");
    }
    EXPECT_FALSE(cache.find(sha256("0"), 1, 150)) << "what nobody asks for leaves";
    EXPECT_TRUE(cache.find(sha256("49999"), 1, 150));
}

}  // namespace dunlin::auth
