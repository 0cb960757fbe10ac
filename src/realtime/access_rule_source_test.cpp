// The shard over real access rules: what each reader hears of a change by the policies of a schema.
#include <gmock/gmock.h>

#include "realtime/shard_fixture.h"
#include "sql/migration.h"

namespace dunlin::realtime::test {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string ann_id = "11111111-1111-1111-1111-111111111111";
const std::string bob_id = "22222222-2222-2222-2222-222222222222";

/// A schema with policies; nothing is stored.
std::shared_ptr<const policy::AccessRules> rules_of(std::string_view sql) {
    auto plan = sql::plan_migration({}, sql, "test.sql");
    EXPECT_TRUE(plan) << plan.error().message;
    static const SystemClock clock;
    auto rules = policy::AccessRules::compile(
        std::make_shared<const Schema>(std::move(plan->schema)), clock);
    EXPECT_TRUE(rules) << rules.error().message;
    return std::move(*rules);
}

constexpr std::string_view schema_text = R"(
create table mine (id int primary key, owner uuid, text text);
create table shared (id int primary key, owner uuid, open bool, rank int);
create table tasks (id int primary key, project int);
create table members (id int primary key, project int, person uuid);
create table closed (id int primary key);
create table odd (id int primary key);
create table teams (id int primary key, level text);
alter table mine enable row level security;
alter table shared enable row level security;
alter table tasks enable row level security;
alter table closed enable row level security;
alter table odd enable row level security;
alter table teams enable row level security;
create policy p on mine for select using (owner = auth.uid());
create policy p on shared for select using (open or owner = auth.uid());
create policy q on shared as restrictive for select to anon using (rank < 10);
create policy p on tasks for select using (project in (select project from members where person = auth.uid()));
create policy p on odd for select using ((select count(*) from members) > id);
create policy p on teams for select using ((auth.jwt() ->> 'level')::int is distinct from level::int);
create policy w on mine for update using (true) with check (true);
create policy d on mine for delete using (true);
create table people (id int primary key, name text, secret text);
create table codes (code text primary key, uses int);
create table vault (id int primary key);
revoke all on people, codes, vault from anon, authenticated;
grant select (id, name) on people to authenticated;
grant select (uses) on codes to authenticated;)";

/// Readers with the sets of their user.
class RuleHost final : public PlainHost {
public:
    explicit RuleHost(std::shared_ptr<const policy::AccessRules> given) : rules(std::move(given)) {}

    std::shared_ptr<const policy::AccessRules> rules;
    std::map<std::string, policy::ValueSet> projects;  // by user
    int loads = 0;

    void load_reader(const Identity& identity, ReaderLoaded done) override {
        ++loads;
        std::vector<std::shared_ptr<const policy::ValueSet>> sets;
        for (const auto& query : rules->set_queries()) {
            sets.push_back(query.role == identity.role ? std::make_shared<const policy::ValueSet>(
                                                             projects[identity.user_id])
                                                       : nullptr);
        }
        done(rules->make_reader(identity, std::move(sets)));
    }
};

class AccessRuleSourceTest : public testing::Test {
protected:
    std::shared_ptr<const policy::AccessRules> rules = rules_of(schema_text);
    RuleHost host{rules};
    FakeClock clock;
    FakeOutlet ann, bob, anon, service;
    Shard shard{rules, host, clock};

    void SetUp() override {
        follow(ann, user(ann_id));
        follow(bob, user(bob_id));
        follow(anon, {});
        follow(service, {.role = Role::ServiceRole});
    }

    static Identity user(const std::string& id, const std::string& claims = "{}") {
        return {.role = Role::Authenticated, .user_id = id, .claims = claims};
    }
    static std::string binding(const std::string& table, const std::string& filter = "") {
        return R"({"event":"*","schema":"public","table":")" + table + "\"" +
               (filter.empty() ? "" : R"(,"filter":")" + filter + "\"") + "}";
    }

    void follow(FakeOutlet& outlet, Identity identity) {
        const ClientId client = shard.connect(outlet, Version::V2, std::move(identity));
        for (const char* table : {"mine", "shared", "tasks", "members", "closed", "teams"})
            join(client, table, binding(table));
        outlet.take();
    }
    void join(ClientId client, const std::string& topic, const std::string& bindings) {
        shard.receive(client, R"(["1","1","realtime:)" + topic +
                                  R"(","phx_join",{"config":{"postgres_changes":[)" + bindings +
                                  "]}}]");
    }
    void commit(Change change) {
        shard.publish(
            std::make_shared<const std::vector<Change>>(std::vector<Change>{std::move(change)}));
        host.finish_reads();
    }
    void insert(const std::string& table, Row row) {
        commit({.table = table, .kind = ChangeKind::Insert, .new_row = std::move(row)});
    }
    void update(const std::string& table, Row from, Row to) {
        commit({.table = table,
                .kind = ChangeKind::Update,
                .old_row = std::move(from),
                .new_row = std::move(to)});
    }
    void remove(const std::string& table, Row row) {
        commit({.table = table, .kind = ChangeKind::Delete, .old_row = std::move(row)});
    }

    /// The event each of ann, bob, anon and service_role got: "I-UD".
    std::string heard() {
        std::string out;
        for (FakeOutlet* outlet : {&ann, &bob, &anon, &service}) {
            const auto texts = summary(outlet->take());
            out += texts.empty() ? "-" : texts.size() > 1 ? "*" : texts[0].substr(0, 1);
        }
        return out;
    }
};

Value number(std::int64_t value) {
    return Value(value);
}

TEST_F(AccessRuleSourceTest, OwnersHearOfTheirRows) {
    const auto row = [](const Value& owner, const char* text = "a") {
        return Row{number(1), owner, Value(text)};
    };
    const Value a(ann_id), b(bob_id), none;
    insert("mine", row(a));
    EXPECT_EQ(heard(), "I--I");
    insert("mine", row(none));
    EXPECT_EQ(heard(), "---I") << "anon has no id, which is not the id of a row without an owner";
    update("mine", row(a), row(a, "b"));
    EXPECT_EQ(heard(), "U--U");
    update("mine", row(a), row(b));
    EXPECT_EQ(heard(), "DI-U") << "leaves the one, enters the other";
    update("mine", row(none), row(b));
    EXPECT_EQ(heard(), "-I-U");
    update("mine", row(a), row(none));
    EXPECT_EQ(heard(), "D--U");
    remove("mine", row(b));
    EXPECT_EQ(heard(), "-D-D")
        << "the DELETE policy is for writing; hearing of it takes the SELECT policy";
    remove("mine", row(none));
    EXPECT_EQ(heard(), "---D");
}

TEST_F(AccessRuleSourceTest, GeneralRulesAreAskedForBothImages) {
    const auto row = [](const Value& owner, Value open, Value rank) {
        return Row{number(1), owner, std::move(open), std::move(rank)};
    };
    const Value a(ann_id), yes = Value::boolean(true), no = Value::boolean(false), none;
    struct Case {
        const char* why;
        Row from;
        Row to;
        const char* expected;
    };
    const Case cases[] = {
        {"open to all", {}, row(none, yes, number(1)), "IIII"},
        {"restrictive for anon", {}, row(none, yes, number(10)), "II-I"},
        {"NULL is false", {}, row(none, none, number(1)), "---I"},
        {"restrictive NULL is false", {}, row(none, yes, none), "II-I"},
        {"opened", row(a, no, number(1)), row(a, yes, number(1)), "UIIU"},
        {"closed", row(a, yes, number(1)), row(a, no, number(1)), "UDDU"},
        {"given away and closed", row(a, yes, number(1)), row(none, no, number(1)), "DDDU"},
        {"out of reach of anon", row(none, yes, number(1)), row(none, yes, number(99)), "UUDU"},
        {"removed while closed", row(a, no, number(1)), {}, "D--D"},
        {"removed while open", row(none, yes, number(1)), {}, "DDDD"},
    };
    for (const auto& test : cases) {
        if (test.from.empty())
            insert("shared", test.to);
        else if (test.to.empty())
            remove("shared", test.from);
        else
            update("shared", test.from, test.to);
        EXPECT_EQ(heard(), test.expected) << test.why;
    }
}

TEST_F(AccessRuleSourceTest, MembershipsAreLoadedAgainWhenTheyChange) {
    insert("tasks", {number(1), number(7)});
    EXPECT_EQ(heard(), "---I");
    host.projects[ann_id] = {number(7)};
    insert("members", {number(1), number(7), Value(ann_id)});
    EXPECT_EQ(heard(), "IIII") << "members itself has no policies";
    insert("tasks", {number(2), number(7)});
    EXPECT_EQ(heard(), "I--I");
    update("tasks", {number(2), number(7)}, {number(2), number(8)});
    EXPECT_EQ(heard(), "D--U");
    update("tasks", {number(2), number(8)}, {number(2), Value()});
    EXPECT_EQ(heard(), "---U");
    host.projects[ann_id] = {};
    remove("members", {number(1), number(7), Value(ann_id)});
    heard();
    remove("tasks", {number(1), number(7)});
    EXPECT_EQ(heard(), "---D");
}

TEST_F(AccessRuleSourceTest, AMembershipIsTheBusinessOfItsPerson) {
    const int loads = host.loads;
    host.projects[bob_id] = {number(9)};
    insert("members", {number(2), number(9), Value(bob_id)});
    EXPECT_EQ(host.loads, loads + 1) << "Bob's rights, nobody else's";
    heard();
    insert("tasks", {number(3), number(9)});
    EXPECT_EQ(heard(), "-I-I");
    shard.receive(shard.connect(ann, Version::V2, user(ann_id)),
                  R"(["1","1","realtime:more","phx_join",{"config":{"postgres_changes":[]}}])");
    EXPECT_EQ(host.loads, loads + 1) << "hers are known to be as they were";
}

TEST_F(AccessRuleSourceTest, NothingIsHeardWithoutAPolicyOrWhereARuleFails) {
    insert("closed", {number(1)});
    EXPECT_EQ(heard(), "---I");
    remove("closed", {number(1)});
    EXPECT_EQ(heard(), "---D");
    insert("teams", {number(1), Value("5")});
    EXPECT_EQ(heard(), "IIII") << "a missing claim is distinct";
    insert("teams", {number(1), Value("five")});
    EXPECT_EQ(heard(), "---I") << "what SQL refuses to compute is not shown";
    FakeOutlet other;
    follow(other, user(ann_id, R"({"level":"high"})"));
    insert("teams", {number(1), Value("5")});
    EXPECT_THAT(other.take(), IsEmpty());
}

TEST_F(AccessRuleSourceTest, ATableThatCannotBeFollowedIsRefusedToThoseItsPoliciesConcern) {
    FakeOutlet outlet, trusted;
    join(shard.connect(outlet, Version::V2, user(ann_id)), "odd", binding("odd"));
    join(shard.connect(trusted, Version::V2, {.role = Role::ServiceRole}), "odd", binding("odd"));
    const auto answer = summary(outlet.take());
    ASSERT_EQ(answer.size(), 2U);
    EXPECT_EQ(answer[0], joined);
    EXPECT_THAT(answer[1], testing::HasSubstr("the policies of odd: a scalar subquery"));
    EXPECT_THAT(summary(trusted.take()), ElementsAre(joined, live));
    insert("odd", {number(-1)});
    EXPECT_THAT(outlet.take(), IsEmpty());
    EXPECT_EQ(trusted.take().size(), 1U);
}

TEST_F(AccessRuleSourceTest, AFilterOnTopOfTheOwner) {
    FakeOutlet outlet;
    join(shard.connect(outlet, Version::V2, user(ann_id)), "a", binding("mine", "text=eq.a"));
    outlet.take();
    update("mine", {number(1), Value(ann_id), Value("a")}, {number(1), Value(bob_id), Value("a")});
    update("mine", {number(2), Value(bob_id), Value("a")}, {number(2), Value(ann_id), Value("b")});
    update("mine", {number(3), Value(bob_id), Value("a")}, {number(3), Value(ann_id), Value("a")});
    remove("mine", {number(4), Value(bob_id), Value("a")});
    EXPECT_THAT(
        summary(outlet.take()),
        ElementsAre(
            R"(DELETE mine {"id":1} x1)",
            R"(INSERT mine {"id":3,"owner":"11111111-1111-1111-1111-111111111111","text":"a"} x1)"));
}

TEST_F(AccessRuleSourceTest, ColumnsThatWereNotGrantedAreLeftOut) {
    FakeOutlet outlet;
    const ClientId client = shard.connect(outlet, Version::V2, user(ann_id));
    join(client, "people", binding("people"));
    join(client, "codes", binding("codes"));
    outlet.take();
    update("people", {number(1), Value("a"), Value("s")}, {number(1), Value("b"), Value("t")});
    remove("codes", {Value("hidden key"), number(3)});
    const auto sent = outlet.take();
    EXPECT_THAT(summary(sent), ElementsAre(R"(UPDATE people {"id":1,"name":"b"} x1)", testing::_));
    for (const auto& text : sent) {
        EXPECT_THAT(text, testing::Not(testing::HasSubstr("secret")));
        EXPECT_THAT(text, testing::Not(testing::HasSubstr("hidden key")));
    }
}

TEST_F(AccessRuleSourceTest, WhatWasNotGrantedCannotBeAskedFor) {
    struct Case {
        const char* why;
        std::string asked;
        const char* part;
    };
    const Case cases[] = {
        {"a filter on a hidden column", binding("people", "secret=eq.s"), "secret"},
        {"as on an unknown one", binding("people", "nosuch=eq.s"), "nosuch"},
        {"a select of a hidden column",
         R"({"event":"*","schema":"public","table":"people","select":["secret"]})",
         "column \\\"secret\\\" does not exist"},
        {"a table without any right", binding("vault"), "permission denied for table vault"},
    };
    for (const Case& test : cases) {
        FakeOutlet outlet;
        join(shard.connect(outlet, Version::V2, user(ann_id)), "x", test.asked);
        const auto answer = outlet.take();
        ASSERT_EQ(answer.size(), 2U) << test.why;
        EXPECT_THAT(answer[1], testing::HasSubstr(test.part)) << test.why;
        EXPECT_THAT(answer[1], testing::HasSubstr("error")) << test.why;
    }
}

}  // namespace

}  // namespace dunlin::realtime::test
