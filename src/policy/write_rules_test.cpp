// Writes as data/ makes them: the conditions placed by query/, the verdicts of each row, the error
// of PostgreSQL for the same statement.
#include "policy/policy_fixture.h"
#include "query/table_sql.h"

namespace dunlin::policy {

namespace {

/// Notes 1 and 2 are ann's, 3 and 4 bob's; 1 and 4 are shared.
class WriteRulesTest : public PolicyFixture {
protected:
    void SetUp() override {
        migrate(R"(
create table notes (id int primary key, owner uuid, shared bool default false, text text);
insert into notes values
  (1, '11111111-1111-1111-1111-111111111111', true, 'a'), (2, '11111111-1111-1111-1111-111111111111', false, 'b'),
  (3, '22222222-2222-2222-2222-222222222222', false, 'c'), (4, '22222222-2222-2222-2222-222222222222', true, 'd');
alter table notes enable row level security;)");
    }

    query::AccessConditions conditions(const Identity& who, Command command) const {
        const Table& notes = table("notes");
        return {.visible = rules().using_sql(notes, Command::Select, who.role, "t"),
                .target = rules().using_sql(
                    notes, command == Command::Insert ? Command::Update : command, who.role, "t"),
                .check = rules().check_sql(notes, command, who.role, "t"),
                .merged = rules().check_sql(notes, Command::Update, who.role, "t")};
    }

    /// The ids that a write touched, each with "!" when WITH CHECK refuses it and "?" when the
    /// writer may not see it, "^" when UPDATE's WITH CHECK does; undone afterwards.
    std::string touched(const Identity& who, const std::vector<query::SqlText>& statements) {
        std::string out;
        auto undone = write(
            [&](engine::Session& session) -> Result<void> {
                out.clear();
                for (const auto& statement : statements) {
                    const std::size_t before = session.changes().size();
                    auto rows = session.run(statement.sql, statement.parameters);
                    if (!rows) {
                        out = "error: " + rows.error().message;
                        return {};
                    }
                    add_written(session.changes().subspan(before), rows->rows);
                    for (const Row& row : rows->rows) out += mark(row);
                }
                return std::unexpected(Error{});
            },
            who);
        if (!out.empty()) out.pop_back();
        return out;
    }

    /// An insert returns verdicts alone, or nothing: its rows are put before them.
    static void add_written(std::span<const engine::RowChange> changes, std::vector<Row>& rows) {
        constexpr std::size_t columns = 4;
        if (!rows.empty() && rows.front().size() >= columns) return;
        rows.resize(changes.size());
        for (std::size_t i = 0; i < changes.size(); ++i) {
            const Row& written = changes[i].new_row;
            if (!written.empty()) rows[i].insert(rows[i].begin(), written.begin(), written.end());
        }
    }

    static std::string mark(const Row& row) {
        std::string out = std::to_string(row[0].integer());
        if (row.size() > 4 && row[4] != Value::boolean(true)) out += "!";
        if (row.size() > 5 && row[5] != Value::boolean(true)) out += "?";
        if (row.size() > 6 && row[6] != Value::boolean(true)) out += "^";
        return out + " ";
    }

    std::string insert(const Identity& who, std::string_view body,
                       query::Resolution resolution = {}) {
        auto rows = query::insert_values(table("notes"), {}, *query::parse_json_body(body),
                                         query::Missing::Null);
        if (!rows) return rows.error().message;
        const auto& key = table("notes").primary_key.columns;
        return touched(who, query::insert_sql(table("notes"), std::move(rows->rows),
                                              {.resolution = resolution,
                                               .conflict = key,
                                               .merged = query::merged_columns(rows->columns, key)},
                                              conditions(who, Command::Insert)));
    }
    std::string update(const Identity& who, std::string_view body) {
        auto values = query::update_values(table("notes"), {}, *query::parse_json_body(body),
                                           query::Missing::Null);
        if (!values) return values.error().message;
        auto statement = query::update_sql(table("notes"), {}, std::move(*values),
                                           conditions(who, Command::Update));
        return statement ? touched(who, {*statement}) : statement.error().message;
    }
    std::string remove(const Identity& who) {
        auto statement = query::delete_sql(table("notes"), {}, conditions(who, Command::Delete));
        return statement ? touched(who, {*statement}) : statement.error().message;
    }
};

const std::string own = "(owner = auth.uid())";
const std::string see_all = "create policy s on notes for select using (true);";
const std::string see_own = "create policy s on notes for select using " + own + ";";
const std::string add_any = "create policy i on notes for insert with check (true);";
const std::string add_own = "create policy i on notes for insert with check " + own + ";";
const std::string change_own = "create policy u on notes for update using " + own + ";";

TEST_F(WriteRulesTest, Insert) {
    const std::string for_ann = R"({"id":9,"owner":"11111111-1111-1111-1111-111111111111"})";
    const std::string for_bob = R"({"id":9,"owner":"22222222-2222-2222-2222-222222222222"})";
    struct Case {
        const char* why;
        std::string policies;
        std::string body;
        Identity who;
        const char* expected;
    };
    const Case cases[] = {
        {"one's own", see_own + add_own, for_ann, ann(), "9"},
        {"another's", see_own + add_own, for_bob, ann(), "9!?"},
        {"nobody's: NULL is refused", see_all + add_own, R"({"id":9})", ann(), "9!"},
        {"nobody asks", see_all + add_own, for_ann, anon(), "9!"},
        {"no policy", see_all, for_ann, ann(), "9!"},
        {"written but not to be returned", see_own + add_any, for_bob, ann(), "9?"},
        {"no SELECT policy", add_any, for_ann, ann(), "9?"},
        {"a default counts",
         see_all + "create policy i on notes for insert with check (not shared);", for_ann, ann(),
         "9"},
        {"service_role", "", for_bob, service(), "9"},
        {"each row by itself", see_all + add_own,
         "[" + for_ann + "," + R"({"id":10,"owner":null})" + "]", ann(), "9 10!"},
    };
    for (const auto& test : cases) {
        use(test.policies);
        EXPECT_EQ(insert(test.who, test.body), test.expected) << test.why;
    }
}

TEST_F(WriteRulesTest, UpdateAndDelete) {
    const std::string give_away = R"({"owner":"22222222-2222-2222-2222-222222222222"})";
    const std::string retext = R"({"text":"x"})";
    const std::string remove_own = "create policy d on notes for delete using " + own + ";";
    struct Case {
        const char* why;
        std::string policies;
        std::string body;  // "" to delete
        Identity who;
        const char* expected;
    };
    const Case cases[] = {
        {"own rows", see_all + change_own, retext, ann(), "1 2"},
        {"nobody's", see_all + change_own, retext, anon(), ""},
        {"USING checks the new row", see_all + change_own, give_away, ann(), "1! 2!"},
        {"WITH CHECK instead",
         see_all + "create policy u on notes for update using " + own + " with check (true);",
         give_away, ann(), "1 2"},
        {"… but the new row must be seen",
         see_own + "create policy u on notes for update using " + own + " with check (true);",
         give_away, ann(), "1? 2?"},
        {"only what is seen is updated",
         see_own + "create policy u on notes for update using (true);", retext, ann(), "1 2"},
        {"no SELECT policy, no row", change_own, retext, ann(), ""},
        {"no UPDATE policy, no row", see_all, retext, ann(), ""},
        {"delete own", see_all + remove_own, "", ann(), "1 2"},
        {"delete what is seen only",
         "create policy s on notes for select using (shared);" + remove_own, "", ann(), "1"},
        {"delete without SELECT", remove_own, "", ann(), ""},
        {"delete without DELETE", see_all + change_own, "", ann(), ""},
        {"service_role", "", "", service(), "1 2 3 4"},
    };
    for (const auto& test : cases) {
        use(test.policies);
        EXPECT_EQ(test.body.empty() ? remove(test.who) : update(test.who, test.body), test.expected)
            << test.why;
    }
}

/// A row that is left out of the answer is refused by data/, as is a merged row with "^" and an
/// inserted one with "!".
TEST_F(WriteRulesTest, Upsert) {
    const auto row = [](int id, std::string_view owner) {
        return R"({"id":)" + std::to_string(id) + R"(,"owner":")" + std::string(owner) + R"("})";
    };
    struct Case {
        const char* why;
        std::string policies;
        std::string body;
        const char* expected;
    };
    const std::string change_any = "create policy u on notes for update using (true) with check ";
    const Case cases[] = {
        {"a new row needs no UPDATE policy", see_all + add_own, row(9, ann_id), "9^"},
        {"one's own row", see_all + add_own + change_own, row(1, ann_id), "1"},
        {"INSERT's check counts for the row as proposed",
         see_all + add_own + change_any + "(true);", row(1, bob_id), ""},
        {"… which is another than the merged one",
         see_all + "create policy i on notes for insert with check (not shared);" + change_any +
             "(true);",
         row(1, ann_id), "1!"},
        {"no UPDATE policy", see_all + add_own, row(1, ann_id), ""},
        {"a row of another by USING", see_all + add_any + change_own, row(3, ann_id), ""},
        {"a row that is not seen", see_own + add_any + change_any + "(true);", row(3, ann_id), ""},
        {"UPDATE's WITH CHECK over the merged row", see_all + add_any + change_any + own + ";",
         row(1, bob_id), "1^"},
        {"… with what is not given from the old row", see_all + add_any + change_any + "(shared);",
         row(1, bob_id), "1"},
        {"… which fails", see_all + add_any + change_any + "(shared);", row(2, bob_id), "2^"},
        {"USING as the check of the merged row", see_all + add_any + change_own, row(1, bob_id),
         "1^"},
        {"new and merged together", see_all + add_any + change_own,
         "[" + row(1, ann_id) + "," + row(9, bob_id) + "]", "1 9^"},
    };
    for (const auto& test : cases) {
        use(test.policies);
        EXPECT_EQ(insert(ann(), test.body, query::Resolution::MergeDuplicates), test.expected)
            << test.why;
    }
    use(see_all + add_any);
    EXPECT_EQ(insert(ann(), "[" + row(1, bob_id) + "," + row(9, bob_id) + "]",
                     query::Resolution::IgnoreDuplicates),
              "9");
}

}  // namespace

}  // namespace dunlin::policy
