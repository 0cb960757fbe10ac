// Random policies with subqueries, as SQL on a real database and compiled over loaded sets.
#include <fmt/format.h>

#include <random>

#include "policy/policy_fixture.h"

namespace dunlin::policy {

namespace {

class Generator {
public:
    explicit Generator(unsigned seed) : random_(seed) {}

    std::string pick(std::initializer_list<const char*> choices) {
        return choices.begin()[below(choices.size())];
    }
    std::size_t below(std::size_t end) { return random_() % end; }

    /// A condition over `members m`, with the row of `projects` around it when `tied`.
    std::string member_condition(bool tied) {
        std::string out =
            pick({"m.person = auth.uid()", "m.role = 'admin'", "m.role is null", "m.id > 4",
                  "m.role <> auth.role()", "m.person in (select person from blocked)", "true",
                  "m.role = auth.jwt() ->> 'level'",
                  "not exists (select 1 from blocked b where b.person = m.person)"});
        if (below(2) == 0)
            out += pick({" and ", " and not "}) +
                   pick({"m.project > 1", "m.day is null", "m.role like 'a%'"});
        if (!tied) return out;
        const std::string tie =
            pick({"m.project = projects.id", "projects.owner = m.person", "m.role = projects.name",
                  "m.day = projects.day", "m.project + 1 = projects.id",
                  "m.project = projects.id - 1", "m.role = lower(projects.name)"});
        if (below(3) == 0) {
            out += pick({" and projects.open", " and not projects.open",
                         " and projects.name <> 'guest'", " and projects.owner is null"});
        }
        return below(2) == 0 ? tie + " and " + out : "(" + out + ") and " + tie;
    }

    std::string leaf() {
        switch (below(7)) {
            case 0:
                return pick({"owner = auth.uid()", "name = 'admin'", "open", "day is null"});
            case 1:
                return "exists (select 1 from members m where " + member_condition(false) + ")";
            case 2:
            case 3:
                return pick({"", "not "}) + "exists (select 1 from members m where " +
                       member_condition(true) + ")";
            case 4:
                return "id in (select m.project from members m where " + member_condition(false) +
                       ")";
            case 5:
                return "owner not in (select m.person from members m where " +
                       member_condition(false) + ")";
            default:
                return "name in (select role from all_roles)";
        }
    }

    std::string condition() {
        const std::string first = leaf();
        switch (below(5)) {
            case 0:
                return "not (" + first + ")";
            case 1:
                return "(" + first + ") is not true";
            case 2:
                return "(" + first + ") or (" + leaf() + ")";
            case 3:
                return "(" + first + ") and (" + leaf() + ")";
            default:
                return first;
        }
    }

    /// Policies of the inner tables, often none.
    std::string inner_policies() {
        std::string out;
        if (below(3) == 0) {
            out +=
                "alter table members enable row level security; create policy m on members using "
                "(" +
                pick({"person = auth.uid()", "role = 'admin'", "false",
                      "person in (select person from blocked)"}) +
                ");";
        }
        if (below(3) == 0) {
            out += "alter table blocked enable row level security; create policy b on blocked to " +
                   pick({"anon", "authenticated", "public"}) + " using (person <> auth.uid());";
        }
        return out;
    }

private:
    std::mt19937 random_;
};

class SubqueryDifferentialTest : public PolicyFixture {
protected:
    void SetUp() override {
        migrate(R"(
create table projects (id int primary key, owner uuid, name text, open bool, day date);
create table members (id int primary key, project int, person uuid, role text, day date);
create table blocked (id int primary key, person uuid);
create view all_roles as select role from members where project is not null;
insert into projects values
  (1, '11111111-1111-1111-1111-111111111111', 'admin', true, '2024-01-01'), (2, '22222222-2222-2222-2222-222222222222', 'guest', false, null),
  (3, null, null, null, '2024-01-02'), (4, '33333333-3333-3333-3333-333333333333', 'authenticated', null, '2024-01-01');
insert into members values
  (1, 1, '11111111-1111-1111-1111-111111111111', 'admin', '2024-01-01'), (2, 2, '11111111-1111-1111-1111-111111111111', 'guest', null),
  (3, 2, '22222222-2222-2222-2222-222222222222', 'admin', '2024-01-02'), (4, null, '22222222-2222-2222-2222-222222222222', null, null),
  (5, 3, null, 'authenticated', '2024-01-03'), (6, 4, '44444444-4444-4444-4444-444444444444', 'guest', null);
insert into blocked values (1, '22222222-2222-2222-2222-222222222222'), (2, '44444444-4444-4444-4444-444444444444');
alter table projects enable row level security;)");
    }
};

TEST_F(SubqueryDifferentialTest, RandomSubqueries) {
    constexpr unsigned seed = 11;
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Generator generator(seed);
    int followed = 0;
    for (int round = 0; round < 250; ++round) {
        const std::string policies =
            fmt::format("create policy p on projects for select using ({});{}",
                        generator.condition(), generator.inner_policies());
        ASSERT_NO_FATAL_FAILURE(use(policies));
        for (const Identity& who : {anon(), ann(), bob(R"("level":"guest")"), service()}) {
            const std::string live = live_ids(who, "projects");
            ASSERT_FALSE(live.starts_with("not live")) << policies << live;
            const std::string seen = ids(who, "projects");
            EXPECT_EQ(seen, live) << policies << "\n" << role_name(who.role) << " " << who.user_id;
            if (!seen.empty() && seen != "1 2 3 4") ++followed;
        }
    }
    EXPECT_GT(followed, 200) << "most policies should show some rows and hide others";
}

}  // namespace

}  // namespace dunlin::policy
