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
        {"the page behind the last full one", 3, 0, 3, "*/3", 206},
        {"past the end", 4, 0, 3, "*/3", 416},
        {"past the end of nothing", 1, 0, 0, "*/0", 416},
        {"limit zero", 0, 0, 3, "*/3", 206},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(content_range(c.offset, c.count, c.total), c.range) << c.why;
        const auto status = range_status(c.offset, c.count, c.total);
        EXPECT_EQ(status ? *status : http_status(status.error().code), c.status) << c.why;
    }
}

namespace {

http::Request asking(std::string range, http::Method method = http::Method::Get) {
    http::Request request;
    request.method = method;
    request.headers.emplace_back("Range", std::move(range));
    return request;
}

}  // namespace

TEST(RowRange, HeaderNarrowsTheQuery) {
    using Count = std::optional<std::uint64_t>;
    struct Case {
        const char* why;
        const char* header;
        Count limit, offset;  // of the query string
        Count limit_then, offset_then;
    };
    const Case cases[] = {
        {"both ends", "5-9", {}, {}, 5, 5},
        {"open end", "5-", {}, {}, {}, 5},
        {"not ours", "bytes=0-5", {}, {}, {}, {}},
        {"nonsense", "a-b", {}, {}, {}, {}},
        {"half of one", "1-b", {}, {}, {}, {}},
        {"absent", "", {}, {}, {}, {}},
        {"a limit ends sooner", "2-9", 4, {}, 2, 2},
        {"an offset begins later", "2-9", {}, 5, 5, 5},
        {"rows of both", "2-9", 5, 6, 4, 6},
        {"an open end and a limit", "1-", 3, {}, 2, 1},
        {"no limit stays none", "1-2", 0, {}, 0, {}},
        {"more than counts", "1-99999999999999999999", {}, {}, {}, 1},
        {"a limit of all", "1-", UINT64_MAX, 5, {UINT64_MAX}, 5},
    };
    for (const Case& c : cases) {
        query::RestQuery query{.limit = c.limit, .offset = c.offset};
        EXPECT_TRUE(apply_range_header(asking(c.header), query)) << c.why;
        EXPECT_EQ(query.limit, c.limit_then) << c.why;
        EXPECT_EQ(query.offset, c.offset_then) << c.why;
    }
}

TEST(RowRange, OnlyGetHasOne) {
    for (const auto method : {http::Method::Head, http::Method::Post, http::Method::Patch}) {
        query::RestQuery query;
        EXPECT_TRUE(apply_range_header(asking("9-5", method), query));
        EXPECT_EQ(query.offset, std::nullopt);
    }
}

TEST(RowRange, HeaderMustLeaveRows) {
    struct Case {
        const char* why;
        const char* header;
        std::optional<std::uint64_t> limit;
    };
    const Case cases[] = {{"it runs backwards", "9-5", {}}, {"the limit ends before it", "5-9", 3}};
    for (const Case& c : cases) {
        query::RestQuery query{.limit = c.limit};
        const auto refused = apply_range_header(asking(c.header), query);
        ASSERT_FALSE(refused) << c.why;
        EXPECT_EQ(refused.error().sqlstate, "PGRST103") << c.why;
    }
}

TEST(Preferences, HonoursWhatTheActionKnows) {
    struct Case {
        const char* why;
        const char* header;
        Action action;
        const char* applied;
    };
    const Case cases[] = {
        {"in PostgREST's order, unknown ones left out",
         "return=representation, count=exact,missing=default, odd, x=y", Action::Create,
         "missing=default, return=representation, count=exact"},
        {"the first one counts", "return=minimal, return=representation", Action::Create,
         "return=minimal"},
        {"a read returns rows anyway", "return=representation, count=planned", Action::Read,
         "count=planned"},
        {"upsert", "resolution=merge-duplicates", Action::Create, "resolution=merge-duplicates"},
        {"nothing to resolve in an update", "resolution=merge-duplicates", Action::Update, ""},
        {"transaction", "tx=rollback, handling=lenient", Action::Delete,
         "tx=rollback, handling=lenient"},
        {"a bound with strict", "handling=strict, max-affected=5", Action::Update,
         "handling=strict, max-affected=5"},
        {"no bound without", "max-affected=5", Action::Update, ""},
        {"an insert has no bound", "handling=strict, max-affected=5", Action::Create,
         "handling=strict"},
        {"times are printed in UTC", "timezone=UTC", Action::Read, "timezone=UTC"},
        {"and in no other zone", "timezone=America/Lima", Action::Read, ""},
        {"bad value", "return=sideways", Action::Create, ""},
    };
    for (const Case& c : cases) {
        const auto preferences = Preferences::parse(c.header);
        ASSERT_TRUE(preferences) << c.why;
        EXPECT_EQ(preferences->applied(c.action), c.applied) << c.why;
    }
}

TEST(Preferences, StrictHandlingRefusesWhatIsUnknown) {
    const auto refused = Preferences::parse("odd, handling=strict,count=exact, max-affected=x");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().sqlstate, "PGRST122");
    EXPECT_EQ(refused.error().message, "Invalid preferences given with handling=strict");
    EXPECT_EQ(refused.error().details, "Invalid preferences: odd, max-affected=x");
    EXPECT_EQ(Preferences::parse("handling=strict, timezone=America/Lima").error().details,
              "Invalid preferences: timezone=America/Lima");
    EXPECT_EQ(Preferences::parse("handling=strict, max-affected=7")->strict_affected_max(), 7u);
    EXPECT_EQ(Preferences::parse("max-affected=7")->strict_affected_max(), std::nullopt);
}

TEST(MediaType, PicksTheBestItCanGive) {
    struct Case {
        const char* why;
        const char* accept;
        const char* type;  // "" when refused
    };
    const Case cases[] = {
        {"absent", "", "application/json; charset=utf-8"},
        {"the client's default", "*/*", "application/json; charset=utf-8"},
        {"single()", "application/vnd.pgrst.object+json",
         "application/vnd.pgrst.object+json; charset=utf-8"},
        {"the old name", "application/vnd.pgrst.object",
         "application/vnd.pgrst.object+json; charset=utf-8"},
        {"second choice", "text/html, application/json;q=0.9", "application/json; charset=utf-8"},
        {"the highest q", "application/json;q=0.5, text/csv;q=0.9", "text/csv; charset=utf-8"},
        {"q of zero is a refusal", "application/json;q=0", ""},
        {"an array is JSON", "application/vnd.pgrst.array+json", "application/json; charset=utf-8"},
        {"without nulls", "application/vnd.pgrst.array+json;nulls=stripped",
         "application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8"},
        {"one without nulls", "application/vnd.pgrst.object+json; nulls=stripped",
         "application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8"},
        {"no geometry", "application/geo+json", ""},
        {"plan", "application/vnd.pgrst.plan",
         "application/vnd.pgrst.plan+text; for=\"application/json\"; charset=utf-8"},
        {"plan of a CSV with options",
         "application/vnd.pgrst.plan+json; for=\"text/csv\"; options=verbose|analyze|odd",
         "application/vnd.pgrst.plan+json; for=\"text/csv\"; options=analyze|verbose; "
         "charset=utf-8"},
        {"plan of what cannot be given", "application/vnd.pgrst.plan;for=\"text/html\"", ""},
    };
    for (const Case& c : cases) {
        const auto media = accepted_media(c.accept, Plans::Allowed);
        EXPECT_EQ(media ? media->content_type() : "", c.type) << c.why;
    }
    const auto refused = accepted_media("text/html, application/geo+json", Plans::Refused);
    EXPECT_EQ(refused.error().message,
              "None of these media types are available: text/html, application/geo+json");
    EXPECT_EQ(refused.error().sqlstate, "PGRST107");
    EXPECT_FALSE(accepted_media("application/vnd.pgrst.plan", Plans::Refused));
}

}  // namespace dunlin::api
