// What somebody tries who wants more than was given: hidden columns, statements of his own, work
// without end, the rows of others. Generated where the places are many.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "engine/sqlite/statement_recorder.h"
#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

constexpr const char* project = R"(
create table people (id bigint primary key, name text, data jsonb, secret text,
                     owner uuid default auth.uid(), verified boolean not null default false);
insert into people (id, name, data, secret, owner) values
  (1, 'ann', '{"a": {"b": 1}}', 'hunter2', '11111111-1111-4111-8111-111111111111'),
  (2, 'bob', '{"a": {"b": 2}}', 'qwerty', '22222222-2222-4222-8222-222222222222');
revoke all on people from anon, authenticated;
grant select (id, name, data, owner), insert (id, name, data), update (name, data), delete
  on people to authenticated;
alter table people enable row level security;
create policy "own" on people using (owner = auth.uid());
)";

std::string encoded(std::string_view text) {
    std::string out;
    for (const unsigned char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                           (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-';
        out += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
    }
    return out;
}

std::string with(std::string text, std::string_view place, std::string_view value) {
    for (auto at = text.find(place); at != text.npos; at = text.find(place, at + value.size()))
        text.replace(at, place.size(), value);
    return text;
}

/// A request with a name, a value or a piece of text left open: $.
struct Place {
    const char* method;
    const char* target;
    const char* body;
    const char* prefer = "";
};

Answer send(const ScenarioServer& server, const Place& place, std::string_view filled,
            Sender sender = Sender::Ann) {
    std::vector<std::pair<std::string, std::string>> headers;
    if (*place.prefer != 0) headers.emplace_back("Prefer", place.prefer);
    return server.send(sender, place.method, with(place.target, "$", encoded(filled)),
                       with(place.body, "$", filled), headers);
}

}  // namespace

/// S6: wherever a hidden column is named, the answer is that to a name that was never there.
TEST(AttackScenarios, AHiddenColumnIsAnUnknownOne) {
    const ScenarioServer server(project);
    const Place places[] = {
        {"GET", "/rest/v1/people?select=$", ""},
        {"GET", "/rest/v1/people?select=id,x:$", ""},
        {"GET", "/rest/v1/people?select=$::text", ""},
        {"GET", "/rest/v1/people?select=$->a", ""},
        {"GET", "/rest/v1/people?$=eq.hunter2", ""},
        {"GET", "/rest/v1/people?$=not.is.null", ""},
        {"GET", "/rest/v1/people?$->>a=eq.1", ""},
        {"GET", "/rest/v1/people?or=(id.eq.1,$.like.h*)", ""},
        {"GET", "/rest/v1/people?and=(id.eq.1,or($.like.h*,id.eq.2))", ""},
        {"GET", "/rest/v1/people?not.and=(id.eq.1,$.is.null)", ""},
        {"GET", "/rest/v1/people?order=$", ""},
        {"GET", "/rest/v1/people?order=id,$.desc.nullslast", ""},
        {"GET", "/rest/v1/people?select=id&$=gt.a", "", "count=exact"},
        {"HEAD", "/rest/v1/people?$=gt.a", "", "count=exact"},
        {"POST", "/rest/v1/people", R"({"id":9,"$":"x"})"},
        {"POST", "/rest/v1/people", R"({"$":"y","id":9,"$":"x"})"},
        {"POST", "/rest/v1/people?columns=id,$", R"({"id":9})"},
        {"POST", "/rest/v1/people?select=$", R"({"id":9})", "return=representation"},
        {"POST", "/rest/v1/people?on_conflict=$", R"({"id":1})", "resolution=merge-duplicates"},
        {"PATCH", "/rest/v1/people?id=eq.1", R"({"$":"x"})"},
        {"PATCH", "/rest/v1/people?$=eq.hunter2", R"({"name":"x"})"},
        {"PATCH", "/rest/v1/people?id=eq.1&select=$", R"({"name":"x"})", "return=representation"},
        {"DELETE", "/rest/v1/people?$=eq.hunter2", ""},
        {"DELETE", "/rest/v1/people?id=eq.1&select=$", "", "return=representation"},
    };
    for (const Place& place : places) {
        const Answer hidden = send(server, place, "secret");
        const Answer unknown = send(server, place, "nosuch");
        EXPECT_EQ(hidden.status, unknown.status) << place.method << place.target << hidden.body;
        EXPECT_GE(hidden.status, 400) << place.method << place.target << hidden.body;
        EXPECT_EQ(with(hidden.body, "secret", "nosuch"), unknown.body)
            << place.method << place.target;
    }
    // Other spellings of the name are other names.
    for (const char* name :
         {"SECRET", "secret ", "\"secret\"", "people.secret", "s\u0435cret", "secret\u200b",
          "t.secret", "secret[0]", "data.secret", "_rowid_", "rowid", "oid", "secret/**/"}) {
        for (const Place& place : {places[0], places[4], places[10], places[14]}) {
            const Answer answer = send(server, place, name);
            EXPECT_GE(answer.status, 400) << place.target << name << answer.body;
            EXPECT_EQ(answer.body.find("hunter2"), std::string::npos) << place.target << name;
        }
    }
    const Answer kept =
        server.send(Sender::Service, "GET", "/rest/v1/people?select=secret&order=id");
    EXPECT_TRUE(same_json(kept.body, R"([{"secret":"hunter2"},{"secret":"qwerty"}])")) << kept.body;
}

/// S7: text of the client never becomes text of a statement, and no statement is malformed.
TEST(AttackScenarios, StatementsAreMadeOfTheSchemasNamesOnly) {
    engine::StatementRecorder recorder;
    const ScenarioServer server(project);
    recorder.take();
    const char* payloads[] = {"zqx'",
                              "zqx\"",
                              "zqx';drop table people;--",
                              "zqx\") or 1=1--",
                              "zqx/*",
                              "zqx;",
                              "1 or zqx=1",
                              "zqx\\",
                              "zqx)",
                              "zqx%00",
                              "zqx\n--",
                              "?1zqx",
                              ":zqx",
                              "@zqx",
                              "$zqx",
                              "zqx,(select secret from people)",
                              "{zqx}",
                              "[zqx]",
                              "zqx->>'a'",
                              "a\"b'zqx",
                              "zqx::text"};
    const Place places[] = {
        {"GET", "/rest/v1/$", ""},
        {"GET", "/rest/v1/people?name=eq.$", ""},
        {"GET", "/rest/v1/people?name=like.$", ""},
        {"GET", "/rest/v1/people?name=match.$", ""},
        {"GET", "/rest/v1/people?name=in.($)", ""},
        {"GET", "/rest/v1/people?name=$.x", ""},
        {"GET", "/rest/v1/people?id=eq.$", ""},
        {"GET", "/rest/v1/people?$=eq.1", ""},
        {"GET", "/rest/v1/people?data->>$=eq.1", ""},
        {"GET", "/rest/v1/people?select=$", ""},
        {"GET", "/rest/v1/people?select=$:name", ""},
        {"GET", "/rest/v1/people?select=name::$", ""},
        {"GET", "/rest/v1/people?select=data->a->$", ""},
        {"GET", "/rest/v1/people?order=$", ""},
        {"GET", "/rest/v1/people?order=data->>$", ""},
        {"GET", "/rest/v1/people?order=id.$", ""},
        {"GET", "/rest/v1/people?limit=$", ""},
        {"GET", "/rest/v1/people?offset=$", ""},
        {"GET", "/rest/v1/people?or=(name.eq.$,id.eq.1)", ""},
        {"GET", "/rest/v1/people?data=cs.$", ""},
        {"POST", "/rest/v1/people?columns=$", R"({"id":9})"},
        {"POST", "/rest/v1/people?on_conflict=$", R"({"id":1})", "resolution=merge-duplicates"},
        {"PATCH", "/rest/v1/people?id=eq.$", R"({"name":"y"})"},
        {"DELETE", "/rest/v1/people?name=eq.$", ""},
        {"POST", "/rest/v1/rpc/$", "{}"},
    };
    int sent = 0;
    for (const Place& place : places) {
        for (const char* payload : payloads) {
            const Answer answer = send(server, place, payload);
            ++sent;
            EXPECT_NE(answer.status, 500) << place.target << payload << answer.body;
            EXPECT_EQ(answer.body.find("syntax error"), std::string::npos) << answer.body;
        }
    }
    for (const char* payload : {"x' zqx", "x\\\" zqx", "zqx'); drop table people; --"}) {
        for (const char* body :
             {R"({"id":77,"name":"$"})", R"({"id":77,"$":1})", R"({"id":77,"data":{"$":"$"}})"}) {
            EXPECT_NE(send(server, {"POST", "/rest/v1/people", body}, payload).status, 500);
        }
    }
    const auto texts = recorder.take();
    ASSERT_FALSE(texts.empty());
    for (const std::string& text : texts) EXPECT_EQ(text.find("zqx"), std::string::npos) << text;
    // The templates do not grow with the values.
    EXPECT_LT(texts.size(), 60U) << sent << " requests";
    const Answer alive = server.send(Sender::Service, "GET", "/rest/v1/people?select=id&id=lt.3");
    EXPECT_TRUE(same_json(alive.body, R"([{"id":1},{"id":2}])")) << alive.body;
}

TEST(AttackScenarios, TheSameShapeIsTheSameStatement) {
    engine::StatementRecorder recorder;
    const ScenarioServer server(project);
    const auto round = [&](int i) {
        server.send(
            Sender::Ann, "GET",
            fmt::format("/rest/v1/people?id=gt.{}&name=like.{}*&order=id&limit={}", i, i, i + 1));
        server.send(Sender::Ann, "PATCH", fmt::format("/rest/v1/people?id=eq.{}", i),
                    fmt::format(R"({{"name":"n{}"}})", i));
        server.send(i % 2 == 0 ? Sender::Ann : Sender::Bob, "POST", "/rest/v1/people",
                    fmt::format(R"({{"id":{},"name":"n{}"}})", i + 100, i));
    };
    for (int i = 0; i < 4; ++i) round(i);
    const auto first = recorder.take();
    for (int i = 4; i < 40; ++i) round(i);
    const std::set<std::string> known(first.begin(), first.end());
    for (const std::string& text : recorder.take()) EXPECT_TRUE(known.contains(text)) << text;
}

/// S9: what would be endless work is refused for its size, at once.
TEST(AttackScenarios, WorkWithoutEndIsRefused) {
    const ScenarioServer server(project);
    const auto repeated = [](std::string_view piece, int times) {
        std::string out;
        for (int i = 0; i < times; ++i) out += piece;
        return out;
    };
    struct Case {
        const char* why;
        const char* method;
        std::string target;
        std::string body;
        int status_min;
    };
    const Case cases[] = {
        {"a wide filter", "GET", "/rest/v1/people?or=(" + repeated("id.eq.1,", 300) + "id.eq.1)",
         "", 400},
        {"a deep filter", "GET",
         "/rest/v1/people?and=(" + repeated("or(", 200) + "id.eq.1" + repeated(")", 201), "", 400},
        {"a deep path", "GET", "/rest/v1/people?select=data" + repeated("->a", 3000), "", 400},
        {"a deep embedding", "GET",
         "/rest/v1/people?select=" + repeated("people(", 200) + "id" + repeated(")", 200), "", 400},
        {"a wide embedding", "GET", "/rest/v1/people?select=" + repeated("people(id),", 300) + "id",
         "", 400},
        {"a long list", "POST", "/rest/v1/people?id=in.(" + repeated("1,", 5000) + "1)",
         R"({"id":1})", 400},
        {"a head without end", "GET", "/rest/v1/people?name=eq." + repeated("a", 20'000), "", 400},
        {"a regular expression over its budget", "GET",
         "/rest/v1/people?name=match." + encoded("((a{100}){100}){100}"), "", 400},
        {"nested JSON", "POST", "/rest/v1/people",
         R"({"id":9,"data":)" + repeated("[", 5000) + repeated("]", 5000) + "}", 400},
        {"a body that ends nowhere", "POST", "/rest/v1/people", repeated("[", 100'000), 400},
    };
    for (const Case& test : cases) {
        const auto before = std::chrono::steady_clock::now();
        const Answer answer = server.send(Sender::Ann, test.method, test.target, test.body);
        const auto took = std::chrono::steady_clock::now() - before;
        EXPECT_GE(answer.status, test.status_min) << test.why << answer.body.substr(0, 200);
        EXPECT_LT(answer.status, 500) << test.why << answer.body.substr(0, 200);
        EXPECT_LT(took, std::chrono::seconds(1)) << test.why;
    }
    // Linear time where backtracking would take for ever.
    const auto before = std::chrono::steady_clock::now();
    server.send(Sender::Service, "PATCH", "/rest/v1/people?id=eq.1",
                R"({"name":")" + repeated("a", 100'000) + R"("})");
    const Answer matched = server.send(
        Sender::Ann, "GET", "/rest/v1/people?select=id&name=match." + encoded("^(a+)+(a|aa)*b$"));
    EXPECT_TRUE(same_json(matched.body, "[]")) << matched.body;
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
}

/// S10: the rows of others answer as rows that are not there, whatever the key.
TEST(AttackScenarios, RowsOfOthersAreNotThere) {
    const ScenarioServer server(project);
    for (const char* id : {"2", "3", "999", "-1", "9223372036854775807"}) {
        for (const Place& place :
             {Place{"GET", "/rest/v1/people?id=eq.$", ""},
              Place{"PATCH", "/rest/v1/people?id=eq.$&select=id", R"({"name":"taken"})",
                    "return=representation"},
              Place{"DELETE", "/rest/v1/people?id=eq.$&select=id", "", "return=representation"}}) {
            const Answer answer = send(server, place, id);
            EXPECT_EQ(answer.status, 200) << place.method << id << answer.body;
            EXPECT_TRUE(same_json(answer.body, "[]")) << place.method << id << answer.body;
        }
    }
    const char* given_away = "22222222-2222-4222-8222-222222222222";
    for (const std::string& field :
         {fmt::format(R"("owner":"{}")", given_away), std::string(R"("verified":true)"),
          std::string(R"("secret":"x")"), std::string(R"("role":"service_role")"),
          std::string(R"("_allowed":1)"), std::string(R"("Owner":"x")")}) {
        for (const auto& [method, target] :
             {std::pair{"POST", "/rest/v1/people"}, {"PATCH", "/rest/v1/people?id=eq.1"}}) {
            const Answer answer = server.send(Sender::Ann, method, target,
                                              fmt::format(R"({{"id":1,"name":"m",{}}})", field));
            EXPECT_TRUE(answer.status == 400 || answer.status == 403)
                << method << field << answer.status << answer.body;
        }
    }
    const Answer kept = server.send(Sender::Service, "GET",
                                    "/rest/v1/people?select=id,name,secret,verified&order=id");
    EXPECT_TRUE(same_json(kept.body,
                          R"([{"id":1,"name":"ann","secret":"hunter2","verified":false},
                              {"id":2,"name":"bob","secret":"qwerty","verified":false}])"))
        << kept.body;
}

}  // namespace dunlin::scenarios
