// Row level security as PostgreSQL's documentation of CREATE POLICY has it, on a real database.
#include "policy/policy_fixture.h"

namespace dunlin::policy {

namespace {

/// Rows 1 (ann's, shared), 2 (ann's), 3 (bob's), 4 (bob's, shared), 5 (nobody's).
class AccessRulesTest : public PolicyFixture {
protected:
    void SetUp() override {
        migrate(R"(
create table notes (id int primary key, owner uuid, shared bool, text text);
insert into notes values
  (1, '11111111-1111-1111-1111-111111111111', true, 'a'), (2, '11111111-1111-1111-1111-111111111111', false, 'b'),
  (3, '22222222-2222-2222-2222-222222222222', false, 'c'), (4, '22222222-2222-2222-2222-222222222222', true, 'd'),
  (5, null, null, null);)");
    }
};

const std::string on = "alter table notes enable row level security;";

struct ReadCase {
    const char* why;
    std::string policies;
    Identity who;
    const char* expected;
};

TEST_F(AccessRulesTest, CombinesPoliciesOfReading) {
    const std::string own =
        on + "create policy own on notes for select using (owner = auth.uid());";
    const std::string shared = "create policy shared on notes for select using (shared);";
    const ReadCase cases[] = {
        {"without row security everyone reads", "", anon(), "1 2 3 4 5"},
        {"policies do nothing until it is enabled", "create policy p on notes using (false);",
         ann(), "1 2 3 4 5"},
        {"enabled without a policy nobody reads", on, ann(), ""},
        {"disabled again", own + "alter table notes disable row level security;", anon(),
         "1 2 3 4 5"},
        {"service_role bypasses", on, service(), "1 2 3 4 5"},
        {"one permissive policy", own, ann(), "1 2"},
        {"NULL counts as false", own, anon(), ""},
        {"a NULL column counts as false", on + "create policy p on notes using (not shared);",
         anon(), "2 3"},
        {"the constant null is false", on + "create policy p on notes using (null);", ann(), ""},
        {"permissive policies are OR", own + shared, ann(), "1 2 4"},
        {"one that gives NULL does not spoil another", own + shared, anon(), "1 4"},
        {"restrictive policies are AND",
         own + "create policy r on notes as restrictive using (text < 'b');", ann(), "1"},
        {"two restrictive ones, both must hold",
         on + "create policy p on notes using (true); create policy r on notes as restrictive "
              "using (id > 1);"
              "create policy s on notes as restrictive using (id < 4);",
         ann(), "2 3"},
        {"restrictive alone allows nothing",
         on + "create policy r on notes as restrictive using (true);", ann(), ""},
        {"a restrictive NULL refuses",
         on + "create policy p on notes using (true); create policy r on notes as restrictive "
              "using (shared);",
         ann(), "1 4"},
        {"permissive with WITH CHECK only shows nothing",
         on + "create policy p on notes with check (true);", ann(), ""},
        {"a dropped policy is gone", own + shared + "drop policy shared on notes;", ann(), "1 2"},
        {"an altered policy counts as altered", own + "alter policy own on notes using (id = 5);",
         ann(), "5"},
    };
    for (const auto& test : cases) {
        use(test.policies);
        EXPECT_EQ(ids(test.who, "notes"), test.expected) << test.why;
        EXPECT_EQ(live_ids(test.who, "notes"), test.expected) << test.why << " (live)";
    }
}

TEST_F(AccessRulesTest, AppliesPoliciesToTheRolesTheyName) {
    const auto to = [](const std::string& roles) {
        return on + "create policy p on notes for select " + roles + " using (id = 1);";
    };
    struct RoleCase {
        const char* why;
        std::string policies;
        const char* anon_sees;
        const char* user_sees;
    };
    const RoleCase cases[] = {
        {"no TO is public", to(""), "1", "1"},
        {"public", to("to public"), "1", "1"},
        {"public within a list", to("to authenticated, public"), "1", "1"},
        {"anon only", to("to anon"), "1", ""},
        {"authenticated only", to("to authenticated"), "", "1"},
        {"a list", to("to anon, authenticated"), "1", "1"},
        {"a role that nobody has", to("to supabase_admin"), "", ""},
        {"service_role needs none and lends none", to("to service_role"), "", ""},
        {"restrictive for one role",
         to("") + "create policy r on notes as restrictive for select to anon using (false);", "",
         "1"},
        {"altered to another role", to("to anon") + "alter policy p on notes to authenticated;", "",
         "1"},
    };
    for (const auto& test : cases) {
        use(test.policies);
        EXPECT_EQ(ids(anon(), "notes"), test.anon_sees) << test.why;
        EXPECT_EQ(ids(ann(), "notes"), test.user_sees) << test.why;
        EXPECT_EQ(live_ids(anon(), "notes"), test.anon_sees) << test.why;
        EXPECT_EQ(live_ids(ann(), "notes"), test.user_sees) << test.why;
        EXPECT_EQ(ids(service(), "notes"), "1 2 3 4 5") << test.why;
    }
}

TEST_F(AccessRulesTest, AppliesPoliciesToTheCommandsTheyName) {
    struct CommandCase {
        const char* why;
        std::string policies;
        const char* select;
        const char* update;        // rows that may be updated
        const char* update_check;  // rows that an update may make
        const char* insert_check;
        const char* remove;
    };
    const CommandCase cases[] = {
        {"ALL without WITH CHECK checks with USING", "create policy p on notes using (id < 3);",
         "1 2", "1 2", "1 2", "1 2", "1 2"},
        {"ALL with WITH CHECK", "create policy p on notes using (id < 3) with check (id > 3);",
         "1 2", "1 2", "4 5", "4 5", "1 2"},
        {"SELECT lets nothing be written", "create policy p on notes for select using (true);",
         "1 2 3 4 5", "", "", "", ""},
        {"INSERT", "create policy p on notes for insert with check (shared);", "", "", "", "1 4",
         ""},
        {"UPDATE without WITH CHECK checks with USING",
         "create policy p on notes for update using (id = 2);", "", "2", "2", "", ""},
        {"UPDATE with WITH CHECK",
         "create policy p on notes for update using (id = 2) with check (true);", "", "2",
         "1 2 3 4 5", "", ""},
        {"UPDATE with WITH CHECK only finds no row",
         "create policy p on notes for update with check (true);", "", "", "1 2 3 4 5", "", ""},
        {"DELETE", "create policy p on notes for delete using (id = 3);", "", "", "", "", "3"},
        {"an ALL policy and one of the command are OR",
         "create policy p on notes using (id = 1); create policy q on notes for delete using (id = "
         "2);",
         "1", "1", "1", "1", "1 2"},
        {"restrictive ones of their command only",
         "create policy p on notes using (true); create policy r on notes as restrictive for "
         "delete using (id = 2);",
         "1 2 3 4 5", "1 2 3 4 5", "1 2 3 4 5", "1 2 3 4 5", "2"},
        {"restrictive WITH CHECK",
         "create policy p on notes using (true); create policy r on notes as restrictive for "
         "insert with check (shared);",
         "1 2 3 4 5", "1 2 3 4 5", "1 2 3 4 5", "1 4", "1 2 3 4 5"},
    };
    for (const auto& test : cases) {
        use(on + test.policies);
        EXPECT_EQ(ids(ann(), "notes"), test.select) << test.why;
        EXPECT_EQ(ids(ann(), "notes", Command::Update), test.update) << test.why;
        EXPECT_EQ(checked(ann(), "notes", Command::Update), test.update_check) << test.why;
        EXPECT_EQ(checked(ann(), "notes", Command::Insert), test.insert_check) << test.why;
        EXPECT_EQ(ids(ann(), "notes", Command::Delete), test.remove) << test.why;
    }
}

}  // namespace

}  // namespace dunlin::policy
