#include <gtest/gtest.h>

#include "api/media_type.h"
#include "api/preferences.h"
#include "api/row_range.h"

namespace dunlin::api {

TEST(RowRange, IsPrintedAndJudgedAsPostgrestDoes) {
    struct Case {
        const char* why;
        std::uint64_t offset, count;
        std::optional<std::uint64_t> total;
        const char* range;
        int status;
    };
    const Case cases[] = {
        {"no count asked", 0, 25, std::nullopt, "0-24/*", 200},
        {"part of a known total", 0, 25, 3573, "0-24/3573", 206},
        {"everything", 0, 3, 3, "0-2/3", 200},
        {"nothing there", 0, 0, 0, "*/0", 200},
        {"nothing there, not counted", 0, 0, std::nullopt, "*/*", 200},
        {"past the end", 10, 0, 3, "*/3", 416},
        {"limit zero", 0, 0, 3, "*/3", 206},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(content_range(c.offset, c.count, c.total), c.range) << c.why;
        const auto status = range_status(c.offset, c.count, c.total);
        EXPECT_EQ(status ? *status : http_status(status.error().code), c.status) << c.why;
    }
}

TEST(RowRange, HeaderNarrowsTheQuery) {
    struct Case {
        const char* why;
        const char* header;
        std::optional<std::uint64_t> limit, offset;
    };
    const Case cases[] = {
        {"both ends", "5-9", 5, 5},
        {"open end", "5-", std::nullopt, 5},
        {"not ours", "bytes=0-5", std::nullopt, std::nullopt},
        {"nonsense", "a-b", std::nullopt, std::nullopt},
        {"absent", "", std::nullopt, std::nullopt},
    };
    for (const Case& c : cases) {
        query::RestQuery query;
        apply_range_header(c.header, query);
        EXPECT_EQ(query.limit, c.limit) << c.why;
        EXPECT_EQ(query.offset, c.offset) << c.why;
    }
}

TEST(Preferences, KnowsItsWordsAndIgnoresOthers) {
    const auto preferences =
        Preferences::parse("return=representation, count=exact,missing=default, odd, x=y");
    ASSERT_TRUE(preferences);
    EXPECT_EQ(preferences->returning, Return::Representation);
    EXPECT_TRUE(preferences->count);
    EXPECT_EQ(preferences->applied(), "missing=default, return=representation, count=exact");
    EXPECT_EQ(Preferences::parse("return=sideways")->applied(), "");
}

TEST(Preferences, RefusesWhatItMustNotIgnore) {
    EXPECT_EQ(Preferences::parse("tx=rollback").error().message,
              "Prefer: tx=rollback is not supported");
    EXPECT_EQ(Preferences::parse("handling=strict, max-affected=1").error().sqlstate, "0A000");
}

TEST(MediaType, PicksTheFirstItCanGive) {
    struct Case {
        const char* why;
        const char* accept;
        int status;
        Shape shape;
    };
    const Case cases[] = {
        {"absent", "", 200, Shape::Array},
        {"the client's default", "*/*", 200, Shape::Array},
        {"single()", "application/vnd.pgrst.object+json", 200, Shape::SingleObject},
        {"second choice", "text/html, application/json;q=0.9", 200, Shape::Array},
        {"CSV comes later", "text/csv", 406, Shape::Array},
        {"stripped nulls come later", "application/vnd.pgrst.array+json;nulls=stripped", 406,
         Shape::Array},
    };
    for (const Case& c : cases) {
        const auto shape = accepted_shape(c.accept);
        EXPECT_EQ(shape ? 200 : http_status(shape.error().code), c.status) << c.why;
        if (shape) EXPECT_EQ(*shape, c.shape) << c.why;
    }
}

}  // namespace dunlin::api
