#include "sql/mirror.h"

#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class MirrorTest : public SqlFixture {
protected:
    void SetUp() override {
        SqlFixture::SetUp();
        ASSERT_EQ(outcome("create table images (id int primary key, alt text, n int); "
                          "create table album (id int primary key, image int references images, "
                          "other int, alt text, size int)"),
                  "");
    }
};

}  // namespace

TEST(Mirror, ADirectiveIsReadStrictly) {
    struct Case {
        const char* why;
        const char* comment;
        bool read;
        MirrorText expected;
    };
    const Case cases[] = {
        {"plain",
         "dunlin: mirrors images.alt via image_id",
         true,
         {"", "images", "alt", "image_id"}},
        {"a schema",
         "dunlin: mirrors media.images.alt via image",
         true,
         {"media", "images", "alt", "image"}},
        {"quoted names, folded others",
         "dunlin: mirrors \"My Images\".ALT via \"a \"\"b\"",
         true,
         {"", "My Images", "alt", "a \"b"}},
        {"blanks do not matter",
         "dunlin:mirrors  images . alt\n via image",
         true,
         {"", "images", "alt", "image"}},
        {"an ordinary comment", "mirrors images.alt via image", false, {}},
        {"no key", "dunlin: mirrors images.alt", false, {}},
        {"no column", "dunlin: mirrors images via image", false, {}},
        {"too many names", "dunlin: mirrors a.b.c.d via e", false, {}},
        {"something behind", "dunlin: mirrors images.alt via image now", false, {}},
        {"an open quote", "dunlin: mirrors images.\"alt via image", false, {}},
        {"another word", "dunlin: copies images.alt via image", false, {}},
        {"a sign", "dunlin: mirrors images.alt via image;", false, {}},
    };
    for (const Case& c : cases) {
        const auto read = parse_mirror(c.comment);
        ASSERT_EQ(read.has_value(), c.read) << c.why;
        if (!read) continue;
        EXPECT_EQ(read->schema, c.expected.schema) << c.why;
        EXPECT_EQ(read->table, c.expected.table) << c.why;
        EXPECT_EQ(read->column, c.expected.column) << c.why;
        EXPECT_EQ(read->via, c.expected.via) << c.why;
    }
}

TEST_F(MirrorTest, WhatCannotBeMirroredIsRefused) {
    struct Case {
        const char* why;
        const char* text;
        const char* sqlstate;
    };
    const Case cases[] = {
        {"a directive that is none", "comment on column album.alt is 'dunlin: mirror images.alt'",
         "42601"},
        {"no such table", "comment on column album.alt is 'dunlin: mirrors nosuch.alt via image'",
         "42P01"},
        {"no such column", "comment on column album.alt is 'dunlin: mirrors images.x via image'",
         "42703"},
        {"no such key", "comment on column album.alt is 'dunlin: mirrors images.alt via x'",
         "42703"},
        {"no foreign key", "comment on column album.alt is 'dunlin: mirrors images.alt via other'",
         "42830"},
        {"another type", "comment on column album.size is 'dunlin: mirrors images.alt via image'",
         "42804"},
        {"the key itself", "comment on column album.id is 'dunlin: mirrors images.n via image'",
         "0A000"},
        {"a change after which it is none",
         "comment on column album.alt is 'dunlin: mirrors images.alt via image'; "
         "alter table images drop column alt",
         "42703"},
    };
    for (const Case& c : cases) {
        const auto done = migrate(c.text);
        ASSERT_FALSE(done) << c.why;
        EXPECT_EQ(done.error().sqlstate, c.sqlstate) << c.why << ": " << done.error().message;
    }
}

TEST_F(MirrorTest, RowsThatAreThereAreMadeEqual) {
    ASSERT_EQ(outcome("insert into images values (1, 'one'), (2, null), (3, null); "
                      "insert into album (id, image, alt) values (10, 1, 'x'), (11, 1, null), "
                      "(12, 2, 'given'), (13, 2, 'later'), (14, null, 'alone'); "
                      "comment on column album.alt is 'dunlin: mirrors images.alt via image'"),
              "");
    EXPECT_EQ(outcome("create table seen (text text check (text = "
                      "'one,one,given,given,alone')); "
                      "insert into seen select (select alt from album where id = 10) || ',' || "
                      "(select alt from album where id = 11) || ',' || "
                      "(select alt from album where id = 12) || ',' || "
                      "(select alt from album where id = 13) || ',' || "
                      "(select alt from album where id = 14)"),
              "");
    EXPECT_EQ(outcome("comment on column album.alt is null; "
                      "create index album_alt_mirror_idx on album (alt)"),
              "")
        << "its index is gone with it";
}

}  // namespace dunlin::sql
