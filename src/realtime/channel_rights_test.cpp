// Rights in private channels, by the policies of realtime.messages as the server makes that table.
#include "realtime/channel_rights.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "realtime/binding.h"
#include "realtime/migrations.h"
#include "realtime/test_support.h"
#include "sql/migration.h"

namespace dunlin::realtime::test {

namespace {

const std::string ann_id = "11111111-1111-1111-1111-111111111111";
const FakeClock clock;

Schema schema_of(std::string_view text) {
    Schema schema;
    std::string all;
    for (const BuiltInMigration& file : migrations()) all += std::string(file.text);
    for (const std::string& part : {all, std::string(text)}) {
        auto plan = sql::plan_migration(schema, part, "test.sql");
        EXPECT_TRUE(plan) << plan.error().message;
        if (plan) schema = std::move(plan->schema);
    }
    return schema;
}

std::shared_ptr<const policy::AccessRules> rules_of(std::string_view policies) {
    auto rules = policy::AccessRules::compile(
        std::make_shared<const Schema>(schema_of(
            "create table members (topic text, person uuid); create table bans (person uuid); "
            "create table hidden (topic text); revoke all on hidden from authenticated;" +
            std::string(policies))),
        clock);
    EXPECT_TRUE(rules) << rules.error().message;
    return *rules;
}

/// A reader whose every membership query gives `keys`.
std::shared_ptr<const policy::Reader> reader_of(const policy::AccessRules& rules, Role role,
                                                const std::vector<Value>& keys) {
    std::vector<std::shared_ptr<const policy::ValueSet>> sets;
    for (std::size_t i = 0; i < rules.set_queries().size(); ++i)
        sets.push_back(std::make_shared<const policy::ValueSet>(keys.begin(), keys.end()));
    Identity identity{.role = role, .claims = "{}"};
    if (role == Role::Authenticated) identity.user_id = ann_id;
    return rules.make_reader(std::move(identity), std::move(sets));
}

/// "RWrw" for everything: broadcast, then presence; the message of an error.
std::string shown(const Result<ChannelRights>& rights) {
    if (!rights) return rights.error().sqlstate + " " + rights.error().message;
    std::string out;
    out += rights->read_broadcast ? 'R' : '-';
    out += rights->write_broadcast ? 'W' : '-';
    out += rights->read_presence ? 'r' : '-';
    out += rights->write_presence ? 'w' : '-';
    return out;
}

std::string read_policy(const char* condition) {
    return fmt::format(
        "create policy r on realtime.messages for select to authenticated using ({});", condition);
}
std::string write_policy(const char* condition) {
    return fmt::format(
        "create policy w on realtime.messages for insert to authenticated with check ({});",
        condition);
}

const char* const member =
    "exists (select 1 from members m where m.topic = realtime.topic() and m.person = auth.uid())";

TEST(ChannelRightsTest, PoliciesDecide) {
    const struct {
        const char* why;
        std::string policies;
        const char* topic;
        std::vector<Value> keys;
        const char* authenticated;
        const char* anon = "----";
    } cases[] = {
        {"no policy: nobody", "", "a", {}, "----"},
        {"reading alone", read_policy("true"), "a", {}, "R-r-"},
        {"writing alone", write_policy("true"), "a", {}, "-W-w"},
        {"one extension", read_policy("extension = 'broadcast'"), "a", {}, "R---"},
        {"presence only",
         read_policy("true") + write_policy("extension = 'presence'"),
         "a",
         {},
         "R-rw"},
        {"the topic",
         read_policy("realtime.topic() = 'a'") + write_policy("true"),
         "a",
         {},
         "RWrw"},
        {"another topic",
         read_policy("realtime.topic() = 'a'") + write_policy("true"),
         "b",
         {},
         "-W-w"},
        {"a member", read_policy(member) + write_policy(member), "a", {Value("a")}, "RWrw"},
        {"of another room", read_policy(member) + write_policy(member), "a", {Value("b")}, "----"},
        {"everybody",
         "create policy e on realtime.messages using (true);",
         "a",
         {},
         "RWrw",
         "RWrw"},
        {"what is asked about is private",
         read_policy("private and expires_at is null"),
         "a",
         {},
         "R-r-"},
        {"and of now", read_policy("inserted_at = now()"), "a", {}, "R-r-"},
        {"the right to insert was withdrawn",
         read_policy("true") + write_policy("true") +
             "revoke insert on realtime.messages from authenticated;",
         "a",
         {},
         "R-r-"},
        {"the right to select was withdrawn",
         read_policy("true") + write_policy("true") +
             "revoke select on realtime.messages from authenticated;",
         "a",
         {},
         "-W-w"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.why);
        const auto rules = rules_of(c.policies);
        const auto source = access_rule_source(rules);
        const auto rights = [&](Role role) {
            return shown(channel_rights(*source, c.topic, *reader_of(*rules, role, c.keys)));
        };
        EXPECT_EQ(rights(Role::Authenticated), c.authenticated);
        EXPECT_EQ(rights(Role::Anon), c.anon);
        EXPECT_EQ(rights(Role::ServiceRole), "RWrw") << "service_role bypasses policies";
    }
}

TEST(ChannelRightsTest, WhatCannotBeDecidedIsNotDecided) {
    const struct {
        const char* why;
        std::string policies;
        const char* message;
    } cases[] = {
        {"a scalar subquery", read_policy("(select count(*) from members) > 3"),
         "0A000 the policies of messages: a scalar subquery or aggregate cannot be evaluated on "
         "live changes"},
        {"of writing", write_policy("(select count(*) from members) > 3"),
         "0A000 the policies of messages: a scalar subquery or aggregate cannot be evaluated on "
         "live changes"},
        {"a table that the role may not read",
         read_policy("realtime.topic() in (select topic from hidden)"),
         "42501 permission denied for table hidden"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.why);
        const auto rules = rules_of(c.policies);
        const auto source = access_rule_source(rules);
        const auto reader = reader_of(*rules, Role::Authenticated, {});
        EXPECT_EQ(shown(channel_rights(*source, "a", *reader)), c.message);
        EXPECT_TRUE(channel_dependencies(*source, Role::Authenticated).empty());
        EXPECT_EQ(shown(channel_rights(*source, "a", *reader_of(*rules, Role::Anon, {}))), "----")
            << "the policy is not for anon";
    }
}

TEST(ChannelRightsTest, DependOnTheTablesOfBothRules) {
    const auto rules =
        rules_of(read_policy(member) +
                 write_policy("not exists (select 1 from bans b where b.person = auth.uid())"));
    const auto source = access_rule_source(rules);
    EXPECT_EQ(channel_dependencies(*source, Role::Authenticated),
              (std::vector<std::string>{"bans", "members"}));
    EXPECT_TRUE(channel_dependencies(*source, Role::Anon).empty());
}

TEST(ChannelRightsTest, NeedTheTable) {
    const auto rules = policy::AccessRules::compile(std::make_shared<const Schema>(), clock);
    ASSERT_TRUE(rules);
    const auto source = access_rule_source(*rules);
    EXPECT_EQ(shown(channel_rights(*source, "a", *reader_of(**rules, Role::Anon, {}))),
              "0A000 there is no table realtime.messages to authorize private channels");
}

TEST(ChannelRightsTest, MessagesAreHeardAsBroadcastsOnly) {
    Schema schema = schema_of("create table a (id int primary key);");
    const struct {
        const char* why;
        BindingRequest request;
        std::size_t tables;
    } cases[] = {
        {"every table", {.event = "*", .schema = "*"}, 1},
        {"the schema", {.event = "*", .schema = "realtime"}, 0},
    };
    for (const auto& c : cases) {
        const auto binding = resolve_binding(schema, {}, c.request);
        ASSERT_TRUE(binding) << c.why;
        EXPECT_EQ(binding->tables.size(), c.tables) << c.why;
    }
    EXPECT_FALSE(
        resolve_binding(schema, {}, {.event = "*", .schema = "realtime", .table = "messages"}));
}

}  // namespace

}  // namespace dunlin::realtime::test
