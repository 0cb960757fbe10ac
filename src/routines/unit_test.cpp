#include "routines/unit.h"

#include "core/limits.h"
#include "routines/routine_fixture.h"

namespace dunlin::routines {

namespace {

constexpr std::string_view schema = R"(
create table notes (id int primary key, n int);
alter table notes enable row level security;
insert into notes values (1, 1), (2, 1);
create function seen() returns bigint language plpgsql stable as $$
declare c bigint;
begin select count(*) into c from notes; return c; end $$;
create function seen_by_owner() returns bigint language plpgsql stable security definer as $$
declare c bigint;
begin c := seen(); return c; end $$;
create function before_and_after() returns text language plpgsql stable as $$
declare a bigint; b bigint; c bigint;
begin a := seen(); b := seen_by_owner(); c := seen(); return a || ' ' || b || ' ' || c; end $$;
create function fails_as_owner() returns bigint language plpgsql security definer as $$
begin insert into notes values (3, 3); raise exception 'no'; end $$;
create function adds_as_owner(i int) returns void language plpgsql security definer as $$
begin insert into notes values (i, i); end $$;
create function endless(i int) returns int language plpgsql as $$
declare r int;
begin r := endless(i + 1); return r; end $$;
create function down(i int) returns int language plpgsql as $$
declare r int;
begin
  if i = 0 then return 0; end if;
  r := down(i - 1);
  return r + 1;
end $$;
create function broken() returns int language plpgsql as $$ begin perform 1; end $$;
create function given(a int, b int default 7) returns int language sql immutable as 'select a + b';
create function strictly(a int) returns int language sql immutable strict as 'select coalesce(a, 0)';

create table chain (id int primary key, depth int);
create function deeper() returns trigger language plpgsql security definer as $$
begin
  update chain set depth = pg_trigger_depth() where id = new.id;
  if new.id < 4 then insert into chain values (new.id + 1, 0); end if;
  return null;
end $$;
create trigger deeper after insert on chain for each row execute function deeper();
)";

class UnitTest : public RoutineFixture {
protected:
    void SetUp() override { migrate(schema); }
};

}  // namespace

TEST_F(UnitTest, RightsAreThoseOfTheLevel) {
    struct Case {
        const char* why;
        Role role;
        const char* function;
        const char* expected;
    };
    const Case cases[] = {
        {"a caller without a policy", Role::Anon, "seen", "0"},
        {"nobody is bound by them who is the service", Role::ServiceRole, "seen", "2"},
        {"what an owner's function calls is the owner's", Role::Anon, "seen_by_owner", "2"},
        {"when it is done the caller's rights are back", Role::Anon, "before_and_after", "0 2 0"},
    };
    for (const Case& c : cases) EXPECT_EQ(call_alone(c.role, c.function), c.expected) << c.why;
}

TEST_F(UnitTest, ARefusedCallLeavesTheLevelAsItWas) {
    const std::string refused =
        in_unit(Role::Anon, UnitKind::Write, [&](Unit& unit, engine::Session&) -> Result<void> {
            EXPECT_EQ(call(unit, "fails_as_owner"), "P0001 no");
            EXPECT_EQ(call(unit, "seen"), "0") << "not the owner's rights";
            const auto deep = call(unit, "endless", {Value(std::int64_t{1})});
            EXPECT_EQ(deep.substr(0, 5), "54001") << deep;
            EXPECT_EQ(call(unit, "down", {Value(std::int64_t{50})}), "50") << "nor its depth";
            EXPECT_EQ(call(unit, "adds_as_owner", {Value(std::int64_t{9})}), "");
            return {};
        });
    EXPECT_EQ(refused, "");
    EXPECT_EQ(found("select count(*) from notes where id = 9"), "1") << "what follows is kept";
}

TEST_F(UnitTest, DepthIsBounded) {
    const auto most = static_cast<std::int64_t>(limits::routine_depth_max);
    EXPECT_EQ(call_alone(Role::Anon, "down", {Value(most - 2)}), std::to_string(most - 2));
    EXPECT_EQ(call_alone(Role::Anon, "down", {Value(most + 2)}).substr(0, 5), "54001");
}

TEST_F(UnitTest, KindsSayWhatMayBeDone) {
    struct Case {
        const char* why;
        UnitKind kind;
        const char* expected;
    };
    const Case cases[] = {
        {"a read writes nothing", UnitKind::Read,
         "25006 cannot execute INSERT in a read-only transaction"},
        {"a write asks the policies", UnitKind::Write,
         "42501 new row violates row-level security policy for table \"notes\""},
        {"a migration is the owner's", UnitKind::Migration, ""},
    };
    for (const Case& c : cases) {
        const std::string refused =
            in_unit(Role::Anon, c.kind, [&](Unit& unit, engine::Session&) -> Result<void> {
                const RowInsert row{
                    .table = table("notes"),
                    .rows = {{{0, 1}, {Value(std::int64_t{7}), Value(std::int64_t{7})}}},
                    .access = {.access = {.check = c.kind == UnitKind::Write ? "0" : ""}}};
                auto done = unit.insert(row);
                return done ? Result<void>() : std::unexpected(done.error());
            });
        EXPECT_EQ(refused, c.expected) << c.why;
    }
}

TEST_F(UnitTest, ArgumentsAndResults) {
    const Value two(std::int64_t{2}), three(std::int64_t{3});
    struct Case {
        const char* why;
        const char* function;
        std::vector<Value> arguments;
        const char* expected;
    };
    const Case cases[] = {
        {"a default", "given", {two}, "9"},
        {"instead of it", "given", {two, three}, "5"},
        {"STRICT is not run for a NULL", "strictly", {Value()}, ""},
        {"and is for others", "strictly", {two}, "2"},
        {"no RETURN", "broken", {}, "2F005 control reached end of function without RETURN"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(call_alone(Role::Anon, c.function, c.arguments), c.expected) << c.why;
    }
}

TEST_F(UnitTest, TriggersCountHowDeepTheyAre) {
    const std::string refused = in_unit(
        Role::ServiceRole, UnitKind::Write, [&](Unit& unit, engine::Session&) -> Result<void> {
            auto done = unit.run({"insert into chain values (1, 0)"});
            return done ? Result<void>() : std::unexpected(done.error());
        });
    EXPECT_EQ(refused, "");
    EXPECT_EQ(found("select id, depth from chain order by id"), "1|1 2|2 3|3 4|4");
}

}  // namespace dunlin::routines
