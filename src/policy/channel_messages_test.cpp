// The policies of realtime.messages: who may use a private channel, as a rule over a row in memory,
// and the same as SQL.
#include <fmt/format.h>

#include "core/check.h"
#include "policy/policy_fixture.h"

namespace dunlin::policy {

namespace {

/// Ann is in the rooms room:1 and room:2 and writes to the first; bob is in room:2.
class ChannelMessagesTest : public PolicyFixture {
protected:
    void SetUp() override {
        migrate(R"(
create table realtime.messages (id int primary key, topic text not null, extension text not null, private boolean);
create table members (id int primary key, room int, room_topic text, person uuid, writes boolean);
insert into members values
  (1, 1, 'room:1', '11111111-1111-1111-1111-111111111111', true),
  (2, 2, 'room:2', '11111111-1111-1111-1111-111111111111', false),
  (3, 2, 'room:2', '22222222-2222-2222-2222-222222222222', true);
insert into realtime.messages values (1, 'room:1', 'broadcast', true), (2, 'room:1', 'presence', true),
  (3, 'room:2', 'broadcast', true), (4, 'room:2', 'presence', true),
  (5, 'user:11111111-1111-1111-1111-111111111111', 'broadcast', true), (6, 'room:x', 'broadcast', true);
create function is_member(wanted text) returns boolean language sql stable security definer as
  $$ select exists (select 1 from members where room_topic = wanted and person = auth.uid()) $$;
create function topic_is_of_member() returns boolean language sql stable security definer as
  $$ select exists (select 1 from members m where m.room_topic = realtime.topic() and m.person = auth.uid()) $$;
alter table realtime.messages enable row level security;)");
    }

    const Table& messages() const {
        const Table* found = rules().schema().find("realtime", "messages");
        CHECK(found != nullptr);
        return *found;
    }
    /// The ids of the messages that a rule allows; "not live: why" when there is none.
    std::string allowed(const Result<const RowRule*>& rule, const Identity& who) {
        if (!rule) return "not live: " + rule.error().message;
        const auto asking = reader(who);
        std::string out;
        for (const Row& row : run(service(), "select * from \"realtime.messages\" order by id")) {
            if (!(*rule)->allows(row, *asking)) continue;
            out += (out.empty() ? "" : " ") + std::to_string(row[0].integer());
        }
        return out;
    }
    /// The same from the database.
    std::string selected(const std::string& condition, const Identity& who) {
        std::string out;
        const std::string where = condition.empty() ? "" : " where " + condition;
        for (const Row& row :
             run(who, "select id from \"realtime.messages\" as t" + where + " order by id")) {
            out += (out.empty() ? "" : " ") +
                   (row[0].is_integer() ? std::to_string(row[0].integer()) : row[0].text());
        }
        return out;
    }
    static std::string policy(const char* condition, const char* command = "select",
                              const char* part = "using") {
        return fmt::format(
            "create policy p_{} on realtime.messages for {} to authenticated {} ({});", command,
            command, part, condition);
    }
};

TEST_F(ChannelMessagesTest, TopicIsTheRowsOwn) {
    const struct {
        const char* why;
        const char* condition;
        const char* ann;
        const char* bob;
    } cases[] = {
        {"one topic", "realtime.topic() = 'room:1'", "1 2", "1 2"},
        {"as Supabase's guide writes it", "(select realtime.topic()) = 'room:1'", "1 2", "1 2"},
        {"everybody's own", "realtime.topic() = 'user:' || auth.uid()::text", "5", ""},
        {"a pattern", "realtime.topic() like 'room:%'", "1 2 3 4 6", "1 2 3 4 6"},
        {"the older way to ask", "current_setting('realtime.topic', true) = 'room:1'", "1 2",
         "1 2"},
        {"a part of it", "split_part(realtime.topic(), ':', 2) = '2'", "3 4", "3 4"},
        {"with the extension", "realtime.topic() = 'room:1' and extension in ('presence')", "2",
         "2"},
        {"the column itself", "topic = realtime.topic()", "1 2 3 4 5 6", "1 2 3 4 5 6"},
        {"it is never NULL here", "realtime.topic() is null", "", ""},
        {"a membership",
         "exists (select 1 from members where person = (select auth.uid()) and room_topic = "
         "(select realtime.topic()))",
         "1 2 3 4", "3 4"},
        {"the extension inside of the subquery, as Supabase's guide has it",
         "exists (select 1 from members where person = (select auth.uid()) and room_topic = "
         "(select realtime.topic()) and realtime.messages.extension in ('broadcast'))",
         "1 3", "3"},
        {"a condition over the message alone, negated",
         "not exists (select 1 from members where person = auth.uid() and room_topic = "
         "realtime.topic() and messages.extension = 'broadcast')",
         "2 4 5 6", "1 2 4 5 6"},
        {"a part of the topic inside of the subquery",
         "exists (select 1 from members where person = auth.uid() and room::text = "
         "split_part(realtime.topic(), ':', 2))",
         "1 2 3 4", "3 4"},
        {"IN", "realtime.topic() in (select room_topic from members where person = auth.uid())",
         "1 2 3 4", "3 4"},
        {"IN over a part of it",
         "split_part(realtime.topic(), ':', 2) in (select room::text from members where person = "
         "auth.uid())",
         "1 2 3 4", "3 4"},
        {"handed to a SECURITY DEFINER function", "is_member(realtime.topic())", "1 2 3 4", "3 4"},
        {"… in the guide's way", "(select is_member((select realtime.topic())))", "1 2 3 4", "3 4"},
        {"asked for inside of one", "topic_is_of_member()", "1 2 3 4", "3 4"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.why);
        use(policy(c.condition));
        const auto rule = rules().select_rule(messages(), Role::Authenticated);
        EXPECT_EQ(allowed(rule, ann()), c.ann);
        EXPECT_EQ(allowed(rule, bob()), c.bob);
        EXPECT_EQ(allowed(rules().select_rule(messages(), Role::Anon), anon()), "");
        const auto sql = rules().using_sql(messages(), Command::Select, Role::Authenticated, "t");
        EXPECT_EQ(selected(sql, ann()), c.ann);
        EXPECT_EQ(selected(sql, bob()), c.bob);
    }
}

TEST_F(ChannelMessagesTest, ARowThatFailsIsHidden) {
    use(
        policy("exists (select 1 from members where person = auth.uid() and room = "
               "split_part(realtime.topic(), ':', 2)::int)"));
    EXPECT_EQ(allowed(rules().select_rule(messages(), Role::Authenticated), ann()), "1 2 3 4")
        << "room:x is no number";
}

TEST_F(ChannelMessagesTest, WritingIsTheCheckOfInsert) {
    constexpr const char* writer =
        "extension = 'broadcast' and exists (select 1 from members where person = auth.uid() and "
        "room_topic = realtime.topic() and writes)";
    const struct {
        const char* why;
        std::string policies;
        const char* ann;
        const char* bob;
    } cases[] = {
        {"none", "", "", ""},
        {"a policy for reading is none for writing", policy("true"), "", ""},
        {"members who write", policy(writer, "insert", "with check"), "1", "3"},
        {"one for both", policy(writer, "all", "using"), "1", "3"},
        {"with a check of its own", policy("true", "all", "using (false) with check"),
         "1 2 3 4 5 6", "1 2 3 4 5 6"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.why);
        use(c.policies);
        const auto rule = rules().insert_rule(messages(), Role::Authenticated);
        EXPECT_EQ(allowed(rule, ann()), c.ann);
        EXPECT_EQ(allowed(rule, bob()), c.bob);
        EXPECT_EQ(allowed(rules().insert_rule(messages(), Role::ServiceRole), service()),
                  "1 2 3 4 5 6");
    }
}

TEST_F(ChannelMessagesTest, TheSetsOfWritingAreLoadedWithTheReader) {
    use(policy("is_member(realtime.topic())", "insert", "with check"));
    const auto rule = rules().insert_rule(messages(), Role::Authenticated);
    ASSERT_TRUE(rule);
    EXPECT_EQ((*rule)->depends_on(), std::vector<std::string>{"members"});
    ASSERT_EQ((*rule)->sets_used().size(), 1u);
    EXPECT_EQ(rules().set_queries().at((*rule)->sets_used()[0]).tables,
              std::vector<std::string>{"members"});
}

TEST_F(ChannelMessagesTest, WhatNeedsTheDatabaseSaysSo) {
    const struct {
        const char* why;
        const char* condition;
        const char* message;
    } cases[] = {
        {"a count", "(select count(*) from members where room_topic = realtime.topic()) > 1",
         "not live: the policies of messages: a scalar subquery or aggregate cannot be evaluated "
         "on live changes"},
        {"two ties",
         "exists (select 1 from members where room_topic = realtime.topic() and room_topic = "
         "messages.extension)",
         "not live: the policies of messages: a subquery tied to the row by more than one equality "
         "cannot be evaluated on live changes"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.why);
        use(policy(c.condition) + policy(c.condition, "insert", "with check"));
        EXPECT_EQ(allowed(rules().select_rule(messages(), Role::Authenticated), ann()), c.message);
        EXPECT_EQ(allowed(rules().insert_rule(messages(), Role::Authenticated), ann()), c.message);
    }
}

TEST_F(ChannelMessagesTest, ElsewhereThereIsNoTopic) {
    use("alter table members enable row level security; create policy p on members using "
        "(realtime.topic() is null and room = 1); create policy q on members using "
        "(realtime.topic() = room_topic);");
    EXPECT_EQ(ids(ann(), "members"), "1");
    EXPECT_EQ(live_ids(ann(), "members"), "1");
}

}  // namespace

}  // namespace dunlin::policy
