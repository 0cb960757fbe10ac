// Policies that look into other tables: whose policies hold there, recursion, views.
#include "policy/policy_fixture.h"

namespace dunlin::policy {

namespace {

/// Projects 1 (ann's), 2 (bob's), 3 (nobody's); ann is member of 1 and 2, bob of 2.
class SubqueryTest : public PolicyFixture {
protected:
    void SetUp() override {
        migrate(R"(
create table projects (id int primary key, owner uuid, name text, budget numeric);
create table members (id int primary key, project int, person uuid, role text, ends timestamptz, share numeric);
create table blocked (id int primary key, person uuid);
insert into projects values (1, '11111111-1111-1111-1111-111111111111', 'a', 1.0),
  (2, '22222222-2222-2222-2222-222222222222', 'b', 2.50), (3, null, 'c', null);
insert into members values
  (1, 1, '11111111-1111-1111-1111-111111111111', 'admin', '2999-01-01', 1),
  (2, 2, '11111111-1111-1111-1111-111111111111', 'guest', '2001-01-01', 2.5),
  (3, 2, '22222222-2222-2222-2222-222222222222', 'admin', null, null), (4, null, null, null, null, null);
create view all_members as select project, person from members;
create view members_now as select project, person from members where ends > now();
create view my_members with (security_invoker = true) as select id, project, person from members;
alter table projects enable row level security;)");
    }

    static std::string projects(const std::string& condition) {
        return "create policy projects_p on projects for select using (" + condition + ");";
    }
    static std::string members(const std::string& condition) {
        return "alter table members enable row level security; create policy members_p on members "
               "for select using (" +
               condition + ");";
    }
};

const std::string is_member =
    "exists (select 1 from members m where m.project = projects.id and m.person = auth.uid())";

struct Case {
    const char* why;
    std::string policies;
    Identity who;
    const char* expected;
    const char* live = "";  // "" the same; otherwise how the message of refusal goes on
};

TEST_F(SubqueryTest, ReadsOtherTablesAsTheCaller) {
    const Case cases[] = {
        {"membership", projects(is_member), ann(), "1 2"},
        {"membership of another", projects(is_member), bob(), "2"},
        {"membership of nobody", projects(is_member), anon(), ""},
        {"negated", projects("not " + is_member), bob(), "1 3"},
        {"IN", projects("id in (select project from members where person = auth.uid())"), ann(),
         "1 2"},
        {"= ANY", projects("id = any (select project from members where person = auth.uid())"),
         ann(), "1 2"},
        {"NOT IN with a NULL in the list is never true",
         projects("id not in (select project from members)"), ann(), ""},
        {"NOT IN without",
         projects("id not in (select project from members where person = auth.uid())"), bob(),
         "1 3"},
        {"NOT IN nothing is true", projects("id not in (select project from members where false)"),
         anon(), "1 2 3"},
        {"IN nothing", projects("id in (select project from members where false)"), ann(), ""},
        {"EXISTS that does not ask the row", projects("exists (select 1 from blocked)"), ann(), ""},
        {"NOT EXISTS that does not ask the row", projects("not exists (select 1 from blocked)"),
         ann(), "1 2 3"},
        {"a join",
         projects(
             "id in (select m.project from members m left join blocked b on b.person = m.person "
             "where m.person = auth.uid() and b.id is null)"),
         bob(), "2"},
        {"the policies of the inner table hold", projects(is_member) + members("role = 'admin'"),
         ann(), "1"},
        {"an inner table with no policy is empty",
         projects(is_member) + "alter table members enable row level security;", ann(), ""},
        {"… so that NOT EXISTS is true",
         projects("not " + is_member) + "alter table members enable row level security;", ann(),
         "1 2 3"},
        {"inner policies for another role do not",
         projects(is_member) + "alter table members enable row level security;"
                               "create policy m on members for select to anon using (true);",
         ann(), ""},
        {"inner policies of the inner table as well",
         projects(is_member) +
             members("not exists (select 1 from blocked b where b.person = members.person)"),
         ann(), "1 2"},
        {"service_role asks none", projects(is_member) + members("false"), service(), "1 2 3"},
        {"two memberships",
         projects("id in (select project from members where person = auth.uid()) and "
                  "owner in (select person from members)"),
         ann(), "1 2"},
        {"the row inside a nested subquery",
         projects("exists (select 1 from members m where m.project = projects.id and "
                  "exists (select 1 from members n where n.project = m.project and n.person = "
                  "auth.uid()))"),
         bob(), "2"},
        {"EXISTS over an aggregate is always true",
         projects("exists (select count(*) from members m where m.project = projects.id)"), ann(),
         "1 2 3", "EXISTS over an aggregate"},
        {"a scalar subquery",
         projects("(select count(*) from members m where m.project = projects.id) = 1"), ann(), "1",
         "a scalar subquery"},
        {"two ties to the row",
         projects("exists (select 1 from members m where m.project = projects.id and m.person = "
                  "projects.owner)"),
         ann(), "1 2", "a subquery tied to the row by more than one equality"},
        {"time in a subquery",
         projects(
             "exists (select 1 from members m where m.project = projects.id and m.ends > now())"),
         ann(), "1", "a subquery that asks for the time"},
        {"time in a policy of the inner table", projects(is_member) + members("ends > now()"),
         ann(), "1", "a subquery over members, whose rows change with time alone"},
        {"time in a view", projects("id in (select project from members_now)"), ann(), "1",
         "a subquery over members_now, whose rows change with time alone"},
        {"a view reads with its owner's rights",
         projects("id in (select project from all_members where person = auth.uid())") +
             members("false"),
         ann(), "1 2"},
        {"numeric ties",
         projects("exists (select 1 from members m where m.share = projects.budget)"), ann(), "1 2",
         "a subquery tied to the row by a numeric, char or JSON column"},
        {"numeric IN", projects("budget in (select share from members)"), ann(), "1 2",
         "IN over numeric, char or JSON values"},
    };
    for (const auto& test : cases) {
        use(test.policies);
        EXPECT_EQ(ids(test.who, "projects"), test.expected) << test.why;
        const std::string live = live_ids(test.who, "projects");
        if (*test.live == 0) {
            EXPECT_EQ(live, test.expected) << test.why << " (live)";
        } else {
            EXPECT_TRUE(
                live.starts_with(std::string("not live: the policies of projects: ") + test.live))
                << test.why << ": " << live;
        }
    }
}

TEST_F(SubqueryTest, KnowsTheTablesBehindARule) {
    struct Dependency {
        const char* why;
        std::string policies;
        std::vector<std::string> tables;
    };
    const Dependency cases[] = {
        {"no subquery", projects("owner = auth.uid()"), {}},
        {"one", projects(is_member), {"members"}},
        {"the policies of what it reads",
         projects(is_member) + members("person not in (select person from blocked)"),
         {"blocked", "members"}},
        {"a view stands for its tables",
         projects("id in (select project from all_members)"),
         {"members"}},
        {"a view in a policy of what it reads",
         projects("id in (select id from blocked)") +
             "alter table blocked enable row level security; create policy b on blocked using (id "
             "in (select project from all_members));",
         {"blocked", "members"}},
        {"a subquery in the select list",
         projects("id in (select (select min(b.id) from blocked b) from members)"),
         {"blocked", "members"}},
        {"a subquery in ON",
         projects(
             "id in (select m.project from members m join all_members a on a.project = m.project "
             "and m.id in (select b.id from blocked b))"),
         {"blocked", "members"}},
    };
    for (const auto& test : cases) {
        use(test.policies);
        const auto rule = rules().select_rule(table("projects"), Role::Authenticated);
        ASSERT_TRUE(rule) << test.why << ": " << rule.error().message;
        EXPECT_EQ((*rule)->depends_on(), test.tables) << test.why;
        for (const std::size_t set : (*rule)->sets_used()) {
            EXPECT_EQ(rules().set_queries().at(set).tables, test.tables) << test.why;
            EXPECT_EQ(rules().set_queries().at(set).role, Role::Authenticated) << test.why;
        }
    }
}

TEST_F(SubqueryTest, KnowsWhichRowsOfAMembershipMatterToAReader) {
    const auto row = [](std::int64_t id, const Identity& who) {
        return Row{Value(id), Value(std::int64_t{1}), Value(who.user_id), {}, {}, {}};
    };
    const Row of_ann = row(1, ann());
    const Row of_bob = row(2, bob());
    const auto inserted = [](std::string name, const Row& image) {
        return Change{.table = std::move(name), .kind = ChangeKind::Insert, .new_row = image};
    };
    const auto removed = [](const Row& image) {
        return Change{.table = "members", .kind = ChangeKind::Delete, .old_row = image};
    };
    const auto updated = [](const Row& from, const Row& to) {
        return Change{
            .table = "members", .kind = ChangeKind::Update, .old_row = from, .new_row = to};
    };
    struct Matter {
        const char* why;
        std::string policies;
        Change change;
        bool matters;
    };
    const std::string own =
        projects("id in (select project from members where person = auth.uid())");
    const Matter cases[] = {
        {"her own membership", own, inserted("members", of_ann), true},
        {"somebody else's", own, inserted("members", of_bob), false},
        {"hers ends", own, removed(of_ann), true},
        {"somebody else's ends", own, removed(of_bob), false},
        {"given to her", own, updated(of_bob, of_ann), true},
        {"taken from her", own, updated(of_ann, of_bob), true},
        {"another table", own, inserted("blocked", of_ann), false},
        {"by EXISTS", projects(is_member), inserted("members", of_bob), false},
        {"by EXISTS, hers", projects(is_member), inserted("members", of_ann), true},
        {"everybody's rows are looked at", projects("id in (select project from members)"),
         inserted("members", of_bob), true},
        {"the table is read twice",
         projects("id in (select project from members where person = auth.uid() and id in (select "
                  "id from members))"),
         inserted("members", of_bob), true},
        {"another table is read as well",
         projects("id in (select project from members where person = auth.uid() and id not in "
                  "(select id from blocked))"),
         inserted("members", of_bob), true},
        {"its policies narrow it", own + members("person = auth.uid()"),
         inserted("members", of_bob), false},
    };
    for (const Matter& c : cases) {
        use(c.policies);
        const auto rule = rules().select_rule(table("projects"), Role::Authenticated);
        ASSERT_TRUE(rule) << c.why << ": " << rule.error().message;
        const auto reader = rules().make_reader(ann(), {});
        bool matters = false;
        for (const std::size_t set : (*rule)->sets_used())
            matters = matters || rules().may_change_set(set, c.change, *reader);
        EXPECT_EQ(matters, c.matters) << c.why;
    }
}

TEST_F(SubqueryTest, ASetThatWasNotLoadedShowsNothing) {
    for (const char* condition :
         {"id in (select project from members)",
          "id not in (select project from members where false)",
          "not exists (select 1 from blocked)",
          "not exists (select 1 from blocked b where b.id = projects.id)"}) {
        use(projects(condition));
        const auto rule = rules().select_rule(table("projects"), Role::Authenticated);
        ASSERT_TRUE(rule) << rule.error().message;
        const Row row{Value(std::int64_t{9}), Value(), Value(), Value()};
        EXPECT_FALSE((*rule)->allows(row, *rules().make_reader(ann(), {}))) << condition;
        EXPECT_FALSE((*rule)->allows(row, *rules().make_reader(ann(), {nullptr, nullptr, nullptr})))
            << condition;
    }
}

}  // namespace

}  // namespace dunlin::policy
