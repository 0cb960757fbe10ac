#include "engine/sqlite/errors.h"

#include <gtest/gtest.h>

#include "engine/sqlite/database_fixture.h"

namespace dunlin::engine {

namespace {

Table people() {
    Table table{.name = "people"};
    table.columns = {{"id", {TypeKind::Int8}, true},
                     {"email", {TypeKind::Text}, true},
                     {"age", {TypeKind::Int4}}};
    table.primary_key = {"people_pkey", {0}};
    table.unique_keys = {{"one_person_per_email", {1}}};
    table.checks = {{"adult", "age >= 18"}};
    return table;
}

Table pets() {
    Table table{.schema = "clinic", .name = "pets"};
    table.columns = {{"id", {TypeKind::Int8}, true}, {"owner", {TypeKind::Int8}},
                     {"chip", {TypeKind::Text}},     {"country", {TypeKind::Text}},
                     {"vet", {TypeKind::Int8}},      {"late", {TypeKind::Int8}}};
    table.primary_key = {"pets_pkey", {0}};
    table.foreign_keys = {
        {"pet_has_owner", {1}, "public", "people", {"id"}},
        {"pet_has_vet",
         {4},
         "public",
         "people",
         {"id"},
         ForeignKeyAction::Restrict,
         ForeignKeyAction::Restrict},
        {"pet_is_late", {5}, "public", "people", {"id"}, {}, {}, true},
    };
    table.indexes = {{"one_chip_per_country", true, {2, 3}, ""}};
    return table;
}

const std::vector<std::string> tables = {
    "create table people (id integer primary key, email text not null, age integer, "
    "unique (email), constraint adult check (age >= 18)) strict",
    "create table \"clinic.pets\" (id integer primary key, owner integer references people (id), "
    "chip text, "
    "country text, vet integer references people (id) on delete restrict on update restrict, "
    "late integer references people (id) deferrable initially deferred) strict",
    "create unique index one_chip_per_country on \"clinic.pets\" (chip, country)",
    "create unique index \"clinic.lower_chip\" on \"clinic.pets\" (lower(chip) || owner)",
    "create table visits (pet integer, day text, primary key (pet, day)) strict, without rowid",
    "create table picky (id integer primary key) strict",
    "create trigger picky_trigger before insert on picky begin select raise(abort, 'not today'); "
    "end",
};
const std::vector<std::string> rows = {
    "insert into people values (1, 'ann@x', 30), (2, 'bob@x', 40), (3, 'eve@x', 50)",
    "insert into \"clinic.pets\" values (1, 1, 'c1', 'no', null, null), (2, null, null, null, 2, "
    "null)",
    "insert into visits values (1, 'mon')",
};

class ErrorsTest : public DatabaseFixture {
protected:
    ErrorsTest() {
        open(options());
        define(tables);
        define(rows);
    }
    void set_schema() {
        auto schema = std::make_shared<Schema>();
        schema->tables[{"public", "people"}] = people();
        schema->tables[{"clinic", "pets"}] = pets();
        engine_->set_schema(schema);
    }
};

struct Case {
    const char* why;
    Statement statement;
    Error expected;
};

}  // namespace

TEST_F(ErrorsTest, RefusalsAreInPostgresWordsAndNameTheConstraintsOfTheSchema) {
    set_schema();
    const Case cases[] = {
        {"primary key",
         {"insert into people values (?1, 'new@x', 20)", {Value(std::int64_t{1})}},
         sql_error("23505", "duplicate key value violates unique constraint \"people_pkey\"",
                   "Key (id)=(1) already exists.")},
        {"unique constraint, second row of three",
         {"insert into people values (8, 'h@x', 20), (9, 'eve@x', 20), (10, 'i@x', 20)"},
         sql_error("23505",
                   "duplicate key value violates unique constraint \"one_person_per_email\"",
                   "Key (email)=(eve@x) already exists.")},
        {"two rows of the statement itself",
         {"INSERT INTO people VALUES (8, 'h@x', 20), (9, 'h@x', 20)"},
         sql_error("23505",
                   "duplicate key value violates unique constraint \"one_person_per_email\"",
                   "Key (email)=(h@x) already exists.")},
        {"unique index over two columns",
         {"insert into \"clinic.pets\" values (5, 3, 'c1', 'no', null, null)"},
         sql_error("23505",
                   "duplicate key value violates unique constraint \"one_chip_per_country\"",
                   "Key (chip, country)=(c1, no) already exists.")},
        {"unique index over an expression",
         {"insert into \"clinic.pets\" values (5, 1, 'C1', 'se', null, null)"},
         sql_error("23505", "duplicate key value violates unique constraint \"lower_chip\"")},
        {"row in the way that may not be deleted: no values to show",
         {"insert into people values (7, 'bob@x', 20)"},
         sql_error("23505",
                   "duplicate key value violates unique constraint \"one_person_per_email\"")},
        {"update has no values to show",
         {"update people set email = 'ann@x' where id = 2"},
         sql_error("23505",
                   "duplicate key value violates unique constraint \"one_person_per_email\"")},
        {"table that is not in the schema",
         {"insert into visits values (1, 'mon')"},
         sql_error("23505", "duplicate key value violates unique constraint \"visits_pkey\"")},
        {"not null",
         {"insert into people (id, age) values (7, 20)"},
         sql_error(
             "23502",
             "null value in column \"email\" of relation \"people\" violates not-null constraint")},
        {"check",
         {"insert into people values (7, 'g@x', 17)"},
         sql_error("23514", "new row for relation \"people\" violates check constraint \"adult\"")},
        {"missing target",
         {"insert into \"clinic.pets\" (id, owner) values (7, 99)"},
         sql_error(
             "23503",
             "insert or update on table \"pets\" violates foreign key constraint \"pet_has_owner\"",
             "Key (owner)=(99) is not present in table \"people\".")},
        {"missing target, several rows",
         {"insert into \"clinic.pets\" (id, owner) values (7, 1), (8, 98)"},
         sql_error(
             "23503",
             "insert or update on table \"pets\" violates foreign key constraint \"pet_has_owner\"",
             "Key (owner)=(98) is not present in table \"people\".")},
        {"missing target of an update",
         {"update \"clinic.pets\" set owner = 97 where id = 1"},
         sql_error(
             "23503",
             "insert or update on table \"pets\" violates foreign key constraint \"pet_has_owner\"",
             "Key (owner)=(97) is not present in table \"people\".")},
        {"missing target, deferred to the end of the unit",
         {"insert into \"clinic.pets\" (id, late) values (7, 96)"},
         sql_error(
             "23503",
             "insert or update on table \"pets\" violates foreign key constraint \"pet_is_late\"",
             "Key (late)=(96) is not present in table \"people\".")},
        {"still referenced",
         {"delete from people where id = 1"},
         sql_error("23503",
                   "update or delete on table \"people\" violates foreign key constraint "
                   "\"pet_has_owner\" "
                   "on table \"pets\"",
                   "Key (id)=(1) is still referenced from table \"pets\".")},
        {"still referenced, restrict",
         {"delete from people where id = 2"},
         sql_error(
             "23503",
             "update or delete on table \"people\" violates foreign key constraint \"pet_has_vet\" "
             "on table \"pets\"",
             "Key (id)=(2) is still referenced from table \"pets\".")},
        {"key changed under a reference",
         {"update people set id = 11 where id = 1"},
         sql_error("23503",
                   "update or delete on table \"people\" violates foreign key constraint "
                   "\"pet_has_owner\" "
                   "on table \"pets\"",
                   "Key (id)=(1) is still referenced from table \"pets\".")},
        {"raise in a trigger", {"insert into picky values (1)"}, sql_error("P0001", "not today")},
        {"no such table",
         {"select * from missing"},
         sql_error("42P01", "relation \"missing\" does not exist")},
        {"no such column",
         {"select missing from people"},
         sql_error("42703", "column \"missing\" does not exist")},
        {"double quotes never make a text",
         {"select \"missing\" from people"},
         sql_error("42703", "column \"missing\" does not exist")},
        {"no such function",
         {"select missing(1)"},
         sql_error("42883", "function missing does not exist")},
        {"overflow",
         {"select sum(x) from (select 9223372036854775807 as x union all select 1)"},
         sql_error("22003", "bigint out of range")},
    };
    for (const Case& c : cases) {
        const auto result = write_one(c.statement);
        ASSERT_FALSE(result) << c.why;
        EXPECT_EQ(result.error().sqlstate, c.expected.sqlstate) << c.why;
        EXPECT_EQ(result.error().message, c.expected.message) << c.why;
        EXPECT_EQ(result.error().details, c.expected.details) << c.why;
        EXPECT_EQ(result.error().code, c.expected.code) << c.why;
    }
    EXPECT_EQ(read_one({"select count(*) from people"})->rows[0][0], Value(std::int64_t{3}))
        << "looking for the reason leaves nothing behind";
    EXPECT_TRUE(write_one({"update \"clinic.pets\" set owner = 3 where id = 1"}));
    EXPECT_FALSE(write_one({"update \"clinic.pets\" set owner = 33 where id = 1"}))
        << "keys are checked at once again";
}

TEST_F(ErrorsTest, LookingForTheReasonIsNotCapturedInTheUnit) {
    set_schema();
    const auto done = write([](Session& session) -> Result<void> {
        EXPECT_TRUE(session.run({"insert into people values (20, 'n@x', 20)"}));
        EXPECT_EQ(session.run({"insert into people values (20, 'm@x', 20)"}).error().details,
                  "Key (id)=(20) already exists.");
        EXPECT_EQ(session.run({"insert into \"clinic.pets\" (id, owner) values (7, 99)"})
                      .error()
                      .sqlstate,
                  "23503");
        EXPECT_EQ(session.changes().size(), 1u);
        return {};
    });
    EXPECT_TRUE(done);
}

TEST_F(ErrorsTest, WithoutASchemaNamesAreMadeUpAsPostgresDoes) {
    const Case cases[] = {
        {"primary key",
         {"insert into people values (1, 'new@x', 20)"},
         sql_error("23505", "duplicate key value violates unique constraint \"people_pkey\"")},
        {"unique",
         {"insert into \"clinic.pets\" values (5, 3, 'c1', 'no', null, null)"},
         sql_error("23505",
                   "duplicate key value violates unique constraint \"pets_chip_country_key\"")},
        {"check",
         {"insert into people values (7, 'g@x', 17)"},
         sql_error("23514", "new row for relation \"people\" violates check constraint \"adult\"")},
        {"foreign key",
         {"insert into \"clinic.pets\" (id, owner) values (7, 99)"},
         sql_error("23503", "insert or update on table \"pets\" violates foreign key constraint")},
        {"foreign key of a delete",
         {"delete from people where id = 1"},
         sql_error("23503",
                   "update or delete on table \"people\" violates foreign key constraint")},
    };
    for (const Case& c : cases) {
        const auto result = write_one(c.statement);
        ASSERT_FALSE(result) << c.why;
        EXPECT_EQ(result.error(), c.expected) << c.why << ": " << result.error().message;
    }
}

}  // namespace dunlin::engine
