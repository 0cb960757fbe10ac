// auth.uid(), auth.role() and auth.jwt() in policies, in SQL and in the compiled rule.
#include "policy/policy_fixture.h"

namespace dunlin::policy {

namespace {

class ClaimsTest : public PolicyFixture {
protected:
    void SetUp() override {
        migrate(R"(
create table notes (id int primary key, owner uuid, owner_text text, team int);
insert into notes values
  (1, '11111111-1111-1111-1111-111111111111', '11111111-1111-1111-1111-111111111111', 7),
  (2, '22222222-2222-2222-2222-222222222222', 'external|2', 8), (3, null, null, null);
alter table notes enable row level security;)");
    }
};

TEST_F(ClaimsTest, DecideAlikeInSqlAndLive) {
    Identity broken = ann();
    broken.claims = "{not json";
    const auto of = [](std::string_view claims) { return ann(claims); };
    const std::string admin = R"("app_metadata":{"role":"admin","teams":[7,9],"team":8})";
    struct Case {
        const char* why;
        const char* condition;
        Identity who;
        const char* expected;
    };
    const Case cases[] = {
        {"the user", "auth.uid() = owner", ann(), "1"},
        {"as a subquery, as Supabase advises", "(select auth.uid()) = owner", ann(), "1"},
        {"as text", "auth.uid()::text = owner_text", ann(), "1"},
        {"nobody signed in owns no row without an owner", "auth.uid() = owner", anon(), ""},
        {"nobody is not distinct from no owner, as NULL is",
         "owner is not distinct from auth.uid()", anon(), "3"},
        {"a sub that is no uuid is nobody", "auth.uid() = owner",
         identity_of(Role::Authenticated, "external|2"), ""},
        {"… but can be read from the claims", "auth.jwt() ->> 'sub' = owner_text",
         identity_of(Role::Authenticated, "external|2"), "2"},
        {"nor is one that is cut short", "auth.uid() = owner",
         identity_of(Role::Authenticated, "11111111-1111-1111-1111-11111111111"), ""},
        {"not null of the user", "auth.uid() is not null", anon(), ""},
        {"null of the user", "auth.uid() is null", anon(), "1 2 3"},
        {"the role", "auth.role() = 'authenticated'", ann(), "1 2 3"},
        {"another role", "auth.role() = 'authenticated'", anon(), ""},
        {"current_user is the role", "current_user = 'anon'", anon(), "1 2 3"},
        {"a nested claim", "auth.jwt() -> 'app_metadata' ->> 'role' = 'admin'", of(admin), "1 2 3"},
        {"a nested claim that is missing", "auth.jwt() -> 'app_metadata' ->> 'role' = 'admin'",
         ann(), ""},
        {"… negated is NULL too", "auth.jwt() -> 'app_metadata' ->> 'role' <> 'admin'", ann(), ""},
        {"… and distinct is true",
         "auth.jwt() -> 'app_metadata' ->> 'role' is distinct from 'admin'", ann(), "1 2 3"},
        {"a path", "auth.jwt() #>> '{app_metadata,role}' = 'admin'", of(admin), "1 2 3"},
        {"a number of a claim", "team = (auth.jwt() -> 'app_metadata' ->> 'team')::int", of(admin),
         "2"},
        {"a list in a claim", "auth.jwt() -> 'app_metadata' -> 'teams' @> to_jsonb(team)",
         of(admin), "1"},
        {"a key of the list", "(auth.jwt() -> 'app_metadata') ? 'teams'", of(admin), "1 2 3"},
        {"an object where text was meant", "auth.jwt() ->> 'app_metadata' = 'admin'", of(admin),
         ""},
        {"a null claim", "(auth.jwt() ->> 'x') is null", of(R"("x":null)"), "1 2 3"},
        {"the older setting",
         "(current_setting('request.jwt.claims', true)::jsonb ->> 'sub')::uuid = owner", ann(),
         "1"},
        {"a claim that does not cast fails in SQL and shows nothing live",
         "(auth.jwt() ->> 'team')::int = team", of(R"("team":"seven")"), "!"},
        {"… also where NULL would be true", "(auth.jwt() ->> 'team')::int is distinct from team",
         of(R"("team":"seven")"), "!"},
        {"… and under not", "not coalesce((auth.jwt() ->> 'team')::int = team, false)",
         of(R"("team":"seven")"), "!"},
        {"claims that are no JSON", "auth.jwt() ->> 'x' is null", broken, "!"},
        {"email", "auth.email() = 'a@b.c'", of(R"("email":"a@b.c")"), "1 2 3"},
        {"an email that is no text", "auth.email() is null", of(R"("email":7)"), "1 2 3"},
    };
    for (const auto& test : cases) {
        const std::string policy =
            "create policy p on notes for select using (" + std::string(test.condition) + ");";
        use(policy);
        const std::string seen = ids(test.who, "notes");
        if (test.expected == std::string("!")) {
            EXPECT_TRUE(seen.starts_with("error: ")) << test.why << ": " << seen;
            EXPECT_EQ(live_ids(test.who, "notes"), "") << test.why;
            continue;
        }
        EXPECT_EQ(seen, test.expected) << test.why;
        EXPECT_EQ(live_ids(test.who, "notes"), test.expected) << test.why << " (live)";
    }
}

TEST_F(ClaimsTest, FindTheShapeOfARule) {
    using Shape = RowRule::Shape;
    struct Case {
        const char* condition;
        Shape shape;
        bool same_for_all;
    };
    const Case cases[] = {
        {"true", Shape::Everyone, true},
        {"false", Shape::Nobody, true},
        {"null", Shape::Nobody, true},
        {"owner = auth.uid()", Shape::Owner, false},
        {"(select auth.uid()) = owner", Shape::Owner, false},
        {"owner_text = auth.jwt() ->> 'sub'", Shape::Owner, false},
        {"team = (auth.jwt() ->> 'team')::int", Shape::Owner, false},
        {"owner <> auth.uid()", Shape::General, false},
        {"owner = auth.uid() or team = 7", Shape::General, false},
        {"team = 7", Shape::General, true},
        {"id = team", Shape::General, true},
        {"auth.uid() is not null", Shape::General, false},
    };
    for (const auto& test : cases) {
        use("create policy p on notes for select using (" + std::string(test.condition) + ");");
        const auto rule = rules().select_rule(table("notes"), Role::Authenticated);
        ASSERT_TRUE(rule) << test.condition;
        EXPECT_EQ((*rule)->shape(), test.shape) << test.condition;
        EXPECT_EQ((*rule)->same_for_all_readers(), test.same_for_all) << test.condition;
    }
    use("create policy p on notes for select using (auth.uid() = owner);");
    const RowRule& rule = **rules().select_rule(table("notes"), Role::Authenticated);
    EXPECT_EQ(rule.owner_column(), 1U);
    EXPECT_EQ(rule.owner_key(*reader(ann())), Value(ann_id));
    EXPECT_TRUE(rule.owner_key(*reader(anon())).is_null());
    EXPECT_TRUE(rule.owner_key(Reader{}).is_null());
    EXPECT_FALSE(rule.allows({Value(std::int64_t{1}), Value(), Value(), Value()}, *reader(anon())));
}

}  // namespace

}  // namespace dunlin::policy
