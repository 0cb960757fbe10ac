#include "changes/commit_codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace dunlin::changes {

namespace {

using engine::RowChange;

bool same(const RowChange& left, const RowChange& right) {
    return left.table == right.table && left.kind == right.kind && left.old_row == right.old_row &&
           left.new_row == right.new_row && left.origin == right.origin;
}

std::vector<RowChange> sample() {
    const Row wide = {Value(),
                      Value(std::int64_t{0}),
                      Value(std::int64_t{-1}),
                      Value(std::numeric_limits<std::int64_t>::min()),
                      Value(std::numeric_limits<std::int64_t>::max()),
                      Value(0.5),
                      Value(-0.0),
                      Value(std::numeric_limits<double>::infinity()),
                      Value(""),
                      Value("text"),
                      Value(std::string(300, 'x')),
                      Value(Blob{std::string("\0\xff", 2)}),
                      Value(Blob{})};
    Row changed = wide;
    changed[9] = Value("other");
    changed[0] = Value(std::int64_t{64});
    return {
        {.table = "wide", .kind = ChangeKind::Insert, .new_row = wide, .origin = {"ann", "s1"}},
        {.table = "wide", .kind = ChangeKind::Update, .old_row = wide, .new_row = changed},
        {.table = "clinic.room",
         .kind = ChangeKind::Delete,
         .old_row = {Value("r1")},
         .origin = {"ann", "s1"}},
        {.table = "empty", .kind = ChangeKind::Insert},
        {.table = "wide",
         .kind = ChangeKind::Update,
         .old_row = {Value("a")},
         .new_row = {Value("a"), Value("a")}},
    };
}

}  // namespace

TEST(CommitCodec, EveryValueComesBackAsItWas) {
    const auto changes = sample();
    const auto decoded = decode_commit(encode_commit(changes));
    ASSERT_TRUE(decoded) << decoded.error().message;
    ASSERT_EQ(decoded->size(), changes.size());
    for (std::size_t i = 0; i < changes.size(); ++i)
        EXPECT_TRUE(same((*decoded)[i], changes[i])) << i;
    EXPECT_TRUE(std::signbit((*decoded)[0].new_row[6].real()));
    EXPECT_TRUE(decode_commit(encode_commit({}))->empty());
}

TEST(CommitCodec, UnchangedValuesAreNotRepeated) {
    const Row old_row = {Value(std::string(1'000, 'x')), Value(std::int64_t{1})};
    const Row new_row = {old_row[0], Value(std::int64_t{2})};
    const RowChange update{
        .table = "t", .kind = ChangeKind::Update, .old_row = old_row, .new_row = new_row};
    EXPECT_LT(encode_commit(std::span(&update, 1)).size(), 1'050u);
}

TEST(CommitCodec, TheBytesAreThoseOfTheDocument) {
    const RowChange changes[] = {
        {.table = "t",
         .kind = ChangeKind::Update,
         .old_row = {Value(std::int64_t{-2}), Value("a")},
         .new_row = {Value(1.0), Value("a")},
         .origin = {"u", ""}},
    };
    const std::string expected(
        "\x01"
        "\x01\x01t"
        "\x01\x01u\x00"
        "\x01"
        "\x02\x00\x00"
        "\x02\x01\x03\x03\x01"
        "a"
        "\x02\x02\x00\x00\x00\x00\x00\x00\xf0\x3f\x05",
        29);
    EXPECT_EQ(encode_commit(changes), expected);
}

TEST(CommitCodec, WhatIsDamagedIsRefused) {
    struct Case {
        const char* why;
        std::string bytes;
    };
    const std::string head("\x01\x01\x01t\x01\x00\x00", 7);  // version, table t, the unknown origin
    const Case cases[] = {
        {"empty", ""},
        {"unknown version", std::string("\x02\x00\x00\x00", 4)},
        {"bytes left over", std::string("\x01\x00\x00\x00\x00", 5)},
        {"more tables than bytes", std::string("\x01\xff\xff\xff\xff\x0f", 6)},
        {"varint with a needless byte", std::string("\x01\x80\x00\x00\x00", 5)},
        {"varint over 64 bits", "\x01" + std::string(9, '\xff') + "\x02"},
        {"varint over ten bytes", "\x01" + std::string(11, '\xff')},
        {"text longer than the payload", std::string("\x01\x01\x7ft", 4)},
        {"kind 0", head + std::string("\x01\x00\x00\x00\x00", 5)},
        {"kind 4", head + std::string("\x01\x04\x00\x00\x00", 5)},
        {"table out of range", head + std::string("\x01\x01\x01\x00\x00", 5)},
        {"origin out of range", head + std::string("\x01\x01\x00\x01\x00", 5)},
        {"unknown tag", head + std::string("\x01\x01\x00\x00\x01\x06", 6)},
        {"unchanged in an insert", head + std::string("\x01\x01\x00\x00\x01\x05", 6)},
        {"unchanged beyond the old row",
         head + std::string("\x01\x02\x00\x00\x01\x00\x02\x05\x05", 9)},
        {"real cut short", head + std::string("\x01\x01\x00\x00\x01\x02\x00\x00", 8)},
    };
    for (const Case& c : cases) EXPECT_FALSE(decode_commit(c.bytes)) << c.why;
}

TEST(CommitCodec, EveryPrefixAndEveryFlippedByteIsReadOrRefusedInOrder) {
    const std::string bytes = encode_commit(sample());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decode_commit(bytes.substr(0, size)));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string flipped = bytes;
            flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
            const auto decoded = decode_commit(flipped);
            if (decoded) EXPECT_EQ(decode_commit(encode_commit(*decoded))->size(), decoded->size());
        }
    }
}

}  // namespace dunlin::changes
