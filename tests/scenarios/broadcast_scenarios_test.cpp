// Broadcasts from SQL and the policies of realtime.messages, seen as the rows they are.
#include <gtest/gtest.h>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

constexpr const char* settings = "[api]\nschemas = [\"public\", \"realtime\"]\n";

constexpr const char* rooms = R"(
create table rooms (id bigint primary key, name text, notes jsonb);
create table members (room text, person uuid);
insert into members values ('room:1', '11111111-1111-4111-8111-111111111111');

create function tell_room() returns trigger language plpgsql security definer as $$
begin
  perform realtime.broadcast_changes('room:' || coalesce(new.id, old.id)::text, tg_op, tg_op, tg_table_name, tg_table_schema,
    new, old);
  return null;
end $$;
create trigger tell_room after insert or update or delete on rooms for each row execute function tell_room();

create function say(what jsonb, topic text) returns void language plpgsql as $$
begin
  perform realtime.send(what, 'said', topic);
end $$;
create function say_twice(topic text) returns void language plpgsql as $$
begin
  perform realtime.send(jsonb_build_object('n', 1), 'said', topic, false);
  perform realtime.send(event => 'said', topic => topic, private => false, payload => '{"n":2}'::jsonb);
end $$;
create function say_in_sql(topic text) returns void language sql as $$
  select realtime.send('{"id":"mine"}'::jsonb, 'said', topic, true);
$$;
create function say_bytes(topic text) returns void language plpgsql as $$
begin
  perform realtime.send_binary('\x00ff'::bytea, 'bytes', topic);
end $$;
create function say_and_fail() returns void language plpgsql as $$
begin
  perform realtime.send('{}'::jsonb, 'said', 'never');
  raise exception 'no';
end $$;
create function tell(operation text, level text) returns void language plpgsql as $$
begin
  perform realtime.broadcast_changes('t', 'e', operation, 'rooms', 'public', null, null, level);
end $$;

create policy "members read" on realtime.messages for select to authenticated using (
  exists (select 1 from members where person = (select auth.uid()) and room = (select realtime.topic())
    and realtime.messages.extension in ('broadcast', 'presence')));
create policy "members write" on "realtime"."messages" for insert to authenticated with check (
  realtime.topic() in (select room from members where person = (select auth.uid())));
)";

const std::vector<std::pair<std::string, std::string>> read{{"Accept-Profile", "realtime"}};
const std::vector<std::pair<std::string, std::string>> write{{"Content-Profile", "realtime"}};

class BroadcastScenarios : public testing::Test {
protected:
    const ScenarioServer server{rooms, settings};

    /// What service_role reads of realtime.messages.
    void expect_messages(const char* why, const char* target, const char* expected) {
        run(server, {why, "GET", target, read, "", 200, expected}, Sender::Service);
    }
};

constexpr const char* told =
    "messages?order=sequence&select=topic,event,extension,private,operation:payload->>operation,"
    "schema:payload->>schema,table:payload->>table,record:payload->record,old:payload->old_record";

}  // namespace

TEST_F(BroadcastScenarios, ATriggerTellsWhatChanged) {
    run(server,
        {"insert", "POST", "rooms", {}, R"({"id":1,"name":"a","notes":{"b":[1]}})", 201, ""});
    expect_messages("NEW is there, OLD is null", told,
                    R"([{"topic":"room:1","event":"INSERT","extension":"broadcast","private":true,
             "operation":"INSERT","schema":"public","table":"rooms",
             "record":{"id":1,"name":"a","notes":{"b":[1]}},"old":null}])");
    run(server, {"update", "PATCH", "rooms?id=eq.1", {}, R"({"name":"b"})", 204, ""});
    expect_messages("both", (std::string(told) + "&event=eq.UPDATE").c_str(),
                    R"([{"topic":"room:1","event":"UPDATE","extension":"broadcast","private":true,
             "operation":"UPDATE","schema":"public","table":"rooms",
             "record":{"id":1,"name":"b","notes":{"b":[1]}},
             "old":{"id":1,"name":"a","notes":{"b":[1]}}}])");
    run(server, {"delete", "DELETE", "rooms?id=eq.1", {}, "", 204, ""});
    expect_messages("OLD alone", (std::string(told) + "&event=eq.DELETE").c_str(),
                    R"([{"topic":"room:1","event":"DELETE","extension":"broadcast","private":true,
             "operation":"DELETE","schema":"public","table":"rooms","record":null,
             "old":{"id":1,"name":"b","notes":{"b":[1]}}}])");
    const auto ids =
        server.send(Sender::Service, "GET",
                    "/rest/v1/messages?select=id,inside:payload->>id&limit=1", "", read);
    const auto id = ids.body.substr(8, 36);
    EXPECT_EQ(ids.body, "[{\"id\":\"" + id + "\",\"inside\":\"" + id + "\"}]")
        << "the payload has the message's id";
}

TEST_F(BroadcastScenarios, SendStoresOneMessage) {
    constexpr const char* all =
        "messages?order=sequence&select=topic,event,private,payload,binary_payload";
    const struct {
        const char* why;
        const char* call;
        const char* body;
        std::string filter;
        const char* expected;
    } cases[] = {
        {"two in one transaction, in order, public, by position and by name", "rpc/say_twice",
         R"({"topic":"a"})", "messages?order=sequence&topic=eq.a&select=private,n:payload->n",
         R"([{"private":false,"n":1},{"private":false,"n":2}])"},
        {"from a function in SQL; an id of its own stays", "rpc/say_in_sql", R"({"topic":"b"})",
         std::string(all) + "&topic=eq.b",
         R"([{"topic":"b","event":"said","private":true,"payload":{"id":"mine"},
              "binary_payload":null}])"},
        {"a payload that is no object gets no id", "rpc/say", R"({"what":[1,"id"],"topic":"c"})",
         std::string(all) + "&topic=eq.c",
         R"([{"topic":"c","event":"said","private":true,"payload":[1,"id"],
              "binary_payload":null}])"},
        {"bytes", "rpc/say_bytes", R"({"topic":"d"})", std::string(all) + "&topic=eq.d",
         R"([{"topic":"d","event":"bytes","private":true,"payload":null,
              "binary_payload":"\\x00ff"}])"},
    };
    for (const auto& c : cases) {
        run(server, {c.why, "POST", c.call, {}, c.body, 204, ""});
        expect_messages(c.why, c.filter.c_str(), c.expected);
    }
}

TEST_F(BroadcastScenarios, WhatCannotBeSentIsRefused) {
    const std::string long_topic = R"({"what":{},"topic":")" + std::string(247, 't') + "\"}";
    const Exchange exchanges[] = {
        {"more than a frame carries", "POST", "rpc/say", {}, long_topic.c_str(), 400, "23514"},
        {"no topic", "POST", "rpc/say", {}, R"({"what":{},"topic":""})", 400, "22023"},
        {"an operation that is none",
         "POST",
         "rpc/tell",
         {},
         R"({"operation":"x","level":"ROW"})",
         400,
         "22023"},
        {"a trigger of statements",
         "POST",
         "rpc/tell",
         {},
         R"({"operation":"INSERT","level":"STATEMENT"})",
         400,
         "0A000"},
        {"the transaction fails", "POST", "rpc/say_and_fail", {}, "{}", 400, "P0001"},
    };
    for (const auto& exchange : exchanges) run(server, exchange);
    expect_messages("nothing was stored", "messages?select=topic", "[]");
}

TEST_F(BroadcastScenarios, PoliciesDecideOverRowsToo) {
    run(server, {"in a room", "POST", "rooms", {}, R"([{"id":1},{"id":2}])", 201, ""});
    const struct {
        Sender sender;
        Exchange exchange;
    } cases[] = {
        {Sender::Ann,
         {"a member reads the messages of her room", "GET", "messages?select=topic", read, "", 200,
          R"([{"topic":"room:1"}])"}},
        {Sender::Bob, {"he is in none", "GET", "messages?select=topic", read, "", 200, "[]"}},
        {Sender::Anon,
         {"there is no policy for anon", "GET", "messages?select=topic", read, "", 200, "[]"}},
        {Sender::Ann,
         {"a member writes", "POST", "messages", write,
          R"({"topic":"room:1","extension":"broadcast","event":"e"})", 201, ""}},
        {Sender::Ann,
         {"not to another room", "POST", "messages", write,
          R"({"topic":"room:2","extension":"broadcast","event":"e"})", 403, "42501"}},
        {Sender::Bob,
         {"nor he to hers", "POST", "messages", write,
          R"({"topic":"room:1","extension":"broadcast","event":"e"})", 403, "42501"}},
        {Sender::Anon,
         {"without a policy", "POST", "messages", write,
          R"({"topic":"room:1","extension":"broadcast","event":"e"})", 401, "42501"}},
        {Sender::Ann,
         {"there are no other extensions", "POST", "messages", write,
          R"({"topic":"room:1","extension":"x","event":"e"})", 400, "23514"}},
        {Sender::Ann,
         {"what was said stays said", "PATCH", "messages?topic=eq.room:1", write,
          R"({"event":"f"})", 403, "42501"}},
        {Sender::Ann,
         {"… and is not taken back", "DELETE", "messages?topic=eq.room:1", write, "", 403,
          "42501"}},
    };
    for (const auto& c : cases) run(server, c.exchange, c.sender);
}

TEST(BroadcastSchema, IsNotServedUnlessAskedFor) {
    const ScenarioServer server("create table t (id int primary key);");
    run(server, {"the schema is not exposed", "GET", "messages", read, "", 406, "PGRST106"},
        Sender::Service);
    run(server, {"nor its functions", "POST", "rpc/send", {}, "{}", 404, "PGRST202"},
        Sender::Service);
}

}  // namespace dunlin::scenarios
