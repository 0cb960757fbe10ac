#include "realtime/change_json.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "core/limits.h"
#include "realtime/test_support.h"

namespace dunlin::realtime {

namespace {

const Table notes = test::table("notes", {
                                             test::column("id", TypeKind::Int8),
                                             test::column("body", TypeKind::Text),
                                             test::column("done", TypeKind::Bool),
                                         });

Row row(std::int64_t id, std::string body) {
    return {Value(id), Value(std::move(body)), Value::boolean(true)};
}

TEST(ChangeJson, PrintsWhatTheClientExpects) {
    const std::string head = R"({"schema":"public","table":"notes","type":")";
    const std::string time =
        R"(","commit_timestamp":"2026-08-21T10:11:12.345Z","position":"5-7","commit":"5-9","columns":)";
    const std::string all = R"([{"name":"id","type":"int8"},{"name":"body","type":"text"},)"
                            R"({"name":"done","type":"bool"}])";
    const Projection some{0, 2};
    const std::string two = R"([{"name":"id","type":"int8"},{"name":"done","type":"bool"}])";
    const Change insert{.kind = ChangeKind::Insert, .new_row = row(1, "a\"b")};
    const Change update{.kind = ChangeKind::Update, .old_row = row(1, "a"), .new_row = row(2, "b")};
    const Change gone{.kind = ChangeKind::Delete, .old_row = row(1, "a")};
    struct Case {
        const char* why;
        const Change* change;
        ChangeKind seen;
        const Projection* projection;
        std::string expected;
    };
    const Case cases[] = {
        {"insert", &insert, ChangeKind::Insert, nullptr,
         head + "INSERT" + time + all +
             R"(,"record":{"id":1,"body":"a\"b","done":true},"errors":null})"},
        {"update has the old key", &update, ChangeKind::Update, nullptr,
         head + "UPDATE" + time + all +
             R"(,"record":{"id":2,"body":"b","done":true},"old_record":{"id":1},"errors":null})"},
        {"update that enters", &update, ChangeKind::Insert, nullptr,
         head + "INSERT" + time + all +
             R"(,"record":{"id":2,"body":"b","done":true},"errors":null})"},
        {"update that leaves", &update, ChangeKind::Delete, nullptr,
         head + "DELETE" + time + all + R"(,"old_record":{"id":1},"errors":null})"},
        {"delete", &gone, ChangeKind::Delete, nullptr,
         head + "DELETE" + time + all + R"(,"old_record":{"id":1},"errors":null})"},
        {"some columns", &insert, ChangeKind::Insert, &some,
         head + "INSERT" + time + two + R"(,"record":{"id":1,"done":true},"errors":null})"},
    };
    for (const Case& c : cases) {
        Change change = *c.change;
        change.commit_time_us = 1787307072345678;
        change.position = {5, 7};
        EXPECT_EQ(change_json(notes, c.projection, change, c.seen, {5, 9}), c.expected) << c.why;
    }
}

TEST(ChangeJson, LeavesLargeFieldsOutOfATooLargePayload) {
    const Change change{.kind = ChangeKind::Insert,
                        .new_row = row(1, std::string(limits::change_payload_bytes_max, 'x'))};
    const std::string text = change_json(notes, nullptr, change, ChangeKind::Insert, {});
    EXPECT_LT(text.size(), 1000U);
    EXPECT_TRUE(text.ends_with(
        R"("record":{"id":1,"done":true},"errors":["Error 413: Payload Too Large"]})"))
        << text;
}

TEST(ChangeJson, FormatsTimes) {
    EXPECT_EQ(format_timestamp(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(format_timestamp(-1), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(format_timestamp(951782400'000'000), "2000-02-29T00:00:00.000Z");
}

}  // namespace

}  // namespace dunlin::realtime
