// `dunlin rules explain` beside a running server.
#include <gtest/gtest.h>

#include "scenario_server.h"
#include "server/open_readonly.h"
#include "server/rules_explain.h"
#include "server/settings.h"

namespace dunlin::scenarios {

namespace {

constexpr const char* diary = R"(
create table entries (id bigint primary key, owner uuid default auth.uid(), text text, secret text);
insert into entries values (1, '11111111-1111-4111-8111-111111111111', 'mine', 's');
alter table entries enable row level security;
create policy "own are read" on entries for select using (owner = auth.uid());
create policy "own are changed" on entries for update to authenticated using (owner = auth.uid());
create policy "not locked" on entries as restrictive for update using (text is distinct from 'locked');
create policy "own are written" on entries for insert with check (owner = auth.uid());
revoke all on entries from anon;
grant select (id) on entries to anon;
)";

constexpr const char* ann = "11111111-1111-4111-8111-111111111111";

struct Case {
    const char* why;
    const char* as;
    const char* table;
    const char* command;
    const char* row;
    const char* values;
    std::vector<const char*> parts;  // of the text, or of the error
};

std::string explained(const server::ReadonlyProject& project, const Case& test) {
    const auto identity = server::identity_from_claims(test.as);
    if (!identity) return identity.error().message + "\n" + identity.error().hint;
    const auto command = server::command_from_name(test.command);
    if (!command) return command.error().message + "\n" + command.error().hint;
    const auto found = server::explain_rules(*project.engine, *project.rules,
                                             {.identity = *identity,
                                              .table = test.table,
                                              .command = *command,
                                              .row = test.row,
                                              .values = test.values});
    return found ? server::explanation_text(*found)
                 : found.error().message + "\n" + found.error().hint;
}

}  // namespace

TEST(RulesExplain, SaysWhoAdmitsAndWhoRefuses) {
    const ScenarioServer server(diary);
    const SystemClock clock;
    const auto settings = server::load_settings({.project = server.folder(), .development = true});
    ASSERT_TRUE(settings);
    const auto project = server::open_readonly(*settings, clock);
    ASSERT_TRUE(project) << project.error().message;
    const Case cases[] = {
        {"the owner reads",
         ann,
         "entries",
         "select",
         "1",
         "",
         {"permissive \"own are read\" admits", "\"not locked\" does not count: it is for update",
          "\nallowed\n"}},
        {"without a row",
         ann,
         "entries",
         "select",
         "",
         "",
         {"SQL: (\"t\".\"owner\" = auth_uid())", "Give --row or --values"}},
        {"nobody reads",
         "anon",
         "entries",
         "select",
         "1",
         "",
         {"hidden columns: owner, text, secret", "refuses: NULL", "the row is not visible"}},
        {"a right that was not granted",
         "anon",
         "entries",
         "update",
         "",
         "",
         {"granted: no, permission denied for table entries", "it is to authenticated"}},
        {"a restrictive policy refuses",
         ann,
         "entries",
         "update",
         "1",
         R"({"text":"locked"})",
         {"restrictive \"not locked\" refuses", "the new row violates row-level security"}},
        {"no policy for it",
         ann,
         "entries",
         "delete",
         "1",
         "",
         {"no permissive policy: nothing is admitted", "no delete of this row"}},
        {"a default is the new row's",
         ann,
         "entries",
         "insert",
         "",
         R"({"id":2})",
         {"permissive \"own are written\" admits", "\nallowed\n"}},
        {"who is not held back",
         "service_role",
         "entries",
         "delete",
         "1",
         "",
         {"no policy holds the service role back", "\nallowed\n"}},
        {"claims as JSON",
         R"({"role":"authenticated","sub":"x"})",
         "entries",
         "select",
         "1",
         "",
         {"refuses"}},
        {"no such row", ann, "entries", "select", "7", "", {"there is no such row"}},
        {"a table nearly named",
         ann,
         "entrys",
         "select",
         "",
         "",
         {"there is no table public.entrys", "Perhaps you meant entries."}},
        {"a table of another name", ann, "zzz", "select", "", "", {"The tables are: entries."}},
        {"claims that are no JSON", "{", "entries", "select", "", "", {"not JSON", "'{\"role\""}},
        {"claims without a role",
         R"({"sub":"x"})",
         "entries",
         "select",
         "",
         "",
         {"none of anon, authenticated, service_role"}},
        {"a command that there is none of",
         ann,
         "entries",
         "upsert",
         "",
         "",
         {"there is no command \"upsert\"", "select, insert, update or delete"}},
        {"a key of another type",
         ann,
         "entries",
         "select",
         "x",
         "",
         {"invalid input syntax for type bigint"}},
        {"values that are no object", ann, "entries", "insert", "", "[1]", {"not a JSON object"}},
        {"a column that there is none of",
         ann,
         "entries",
         "insert",
         "",
         R"({"nosuch":1})",
         {"entries has no column nosuch"}},
    };
    for (const Case& test : cases) {
        const std::string text = explained(*project, test);
        for (const char* part : test.parts)
            EXPECT_NE(text.find(part), std::string::npos) << test.why << "\n" << text;
    }
    project->engine->stop();
}

}  // namespace dunlin::scenarios
