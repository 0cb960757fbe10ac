// Policies that ask SECURITY DEFINER functions, the way out of policies that lead back to their own
// table: what they read is read with the owner's rights, and followed live like any subquery.
#include "policy/policy_fixture.h"

namespace dunlin::policy {

namespace {

/// Team 1 has ann as admin and bob as guest, team 2 bob as admin.
class DefinerTest : public PolicyFixture {
protected:
    void SetUp() override {
        migrate(R"(
create table teams (id int primary key, name text);
create table members (id int primary key, team int, person uuid, role text);
insert into teams values (1, 'a'), (2, 'b'), (3, null);
insert into members values (1, 1, '11111111-1111-1111-1111-111111111111', 'admin'),
  (2, 1, '22222222-2222-2222-2222-222222222222', 'guest'),
  (3, 2, '22222222-2222-2222-2222-222222222222', 'admin'), (4, null, null, null);
create function is_member(t int) returns boolean language sql stable security definer as
  $$ select exists (select 1 from members m where m.team = t and m.person = auth.uid()) $$;
create function is_admin(t int) returns boolean language plpgsql stable security definer
  set search_path = '' as $$
begin
  return exists (select 1 from public.members m
                 where m.team = t and m.person = auth.uid() and m.role = 'admin');
end $$;
create function my_teams() returns setof int language sql stable security definer as
  $$ select team from members where person = auth.uid() $$;
create function invoked(t int) returns boolean language sql stable as
  $$ select exists (select 1 from members m where m.team = t and m.person = auth.uid()) $$;
alter table teams enable row level security;
alter table members enable row level security;)");
    }
};

TEST_F(DefinerTest, TheirOwnerSeesEverything) {
    struct Case {
        const char* why;
        const char* policies;
        const char* table;
        Identity who;
        const char* expected;
    };
    const Case cases[] = {
        {"a helper over a table that shows nothing",
         "create policy t on teams using (is_member(id));", "teams", bob(), "1 2"},
        {"in plpgsql", "create policy t on teams using (is_admin(id));", "teams", bob(), "2"},
        {"nobody", "create policy t on teams using (is_member(id));", "teams", anon(), ""},
        {"negated", "create policy t on teams using (not is_member(id));", "teams", ann(), "2 3"},
        {"one that gives rows",
         "create policy t on teams using (id in (select * from my_teams()));", "teams", bob(),
         "1 2"},
        {"one with the caller's rights sees nothing",
         "create policy t on teams using (invoked(id));", "teams", bob(), ""},
        {"… and what the caller sees",
         "create policy t on teams using (invoked(id)); create policy m on members using (person "
         "= auth.uid());",
         "teams", bob(), "1 2"},
        {"of its own table", "create policy m on members using (is_admin(team));", "members", ann(),
         "1 2"},
        {"of its own table, beside another",
         "create policy m on members using (is_admin(team)); create policy o on members for select "
         "using (person = auth.uid());",
         "members", bob(), "2 3"},
        {"two tables that ask each other",
         "create policy m on members using (exists (select 1 from teams where teams.id = "
         "members.team)); create policy t on teams using (is_member(id));",
         "teams", ann(), "1"},
        {"… the other way",
         "create policy m on members using (exists (select 1 from teams where "
         "teams.id = members.team)); create policy t on teams using (is_member(id));",
         "members", ann(), "1 2"},
    };
    for (const Case& test : cases) {
        ASSERT_NO_FATAL_FAILURE(use(test.policies)) << test.why;
        EXPECT_EQ(ids(test.who, test.table), test.expected) << test.why;
        EXPECT_EQ(live_ids(test.who, test.table), test.expected) << test.why;
    }
}

TEST_F(DefinerTest, WhatTheyReadMakesTheirSetsStale) {
    use("create policy t on teams using (is_member(id)); create policy m on members using "
        "(is_admin(team));");
    for (const char* name : {"teams", "members"}) {
        const auto rule = rules().select_rule(table(name), Role::Authenticated);
        ASSERT_TRUE(rule) << rule.error().message;
        EXPECT_EQ((*rule)->depends_on(), std::vector<std::string>{"members"}) << name;
    }
}

TEST_F(DefinerTest, WithTheCallersRightsTheyLeadBack) {
    const auto compiled = compile("create policy m on members using (invoked(team));");
    ASSERT_FALSE(compiled);
    EXPECT_EQ(compiled.error().sqlstate, "42P17");
}

}  // namespace

}  // namespace dunlin::policy
