// Random policies over random rows, asked in both ways: as SQL on a real database, and compiled,
// over the rows as change capture gives them.
#include <fmt/format.h>

#include <algorithm>

#include "policy/compiled_rule.h"
#include "policy/policy_fixture.h"
#include "policy/policy_generator.h"

namespace dunlin::policy {

namespace {

class PolicyDifferentialTest : public PolicyFixture {
protected:
    static constexpr int row_count = 60;

    /// Makes the table and keeps its rows as the change log would carry them.
    void fill(PolicyGenerator& generator) {
        std::string columns;
        for (const Field& f : fields()) columns += fmt::format(", {} {}", f.name, f.type);
        std::string rows = "insert into things values ";
        for (int id = 1; id <= row_count; ++id) rows += (id > 1 ? ", " : "") + generator.row(id);
        migrate(
            "create type mood as enum ('sad', 'fine', 'glad'); create table things (id int primary "
            "key" +
            columns + "); alter table things enable row level security;" + rows + ";");
        auto done = write([&](engine::Session& session) -> Result<void> {
            auto touched = session.run({"update things set id = id"});
            if (!touched) return std::unexpected(touched.error());
            for (const auto& change : session.changes()) rows_.push_back(change.new_row);
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
        ASSERT_EQ(rows_.size(), static_cast<std::size_t>(row_count));
    }

    /// "" when both ways agree on every row. SQLite chooses in which order it looks at the parts of
    /// AND, OR and IN, and whether it looks at all: where a part fails on a row, SQL may show or
    /// hide it or fail, and live it is hidden.
    std::string difference(const Identity& who, const std::string& policy);
    /// Whether SQL shows a row; "error" texts count as not.
    std::string verdict(const Identity& who, const std::string& condition, const Row& row) {
        const auto rows = run(who, fmt::format("select 1 from things as t where t.id = {} and ({})",
                                               row[0].integer(), condition));
        if (rows.empty()) return "hidden";
        return rows[0][0].is_text() ? rows[0][0].text() : "shown";
    }

    std::vector<Row> rows_;
    int failing_ = 0;
};

std::string PolicyDifferentialTest::difference(const Identity& who, const std::string& policy) {
    const auto rule = rules().select_rule(table("things"), who.role);
    if (!rule) return "not live: " + rule.error().message;
    const auto reading = reader(who);
    const auto& predicate = dynamic_cast<const CompiledRule&>(**rule).predicate();
    std::string condition = rules().using_sql(table("things"), Command::Select, who.role, "t");
    if (condition.empty()) condition = "1";
    const auto found = run(who, "select id from things as t where " + condition + " order by id");
    const bool failed = found.size() == 1 && found[0][0].is_text();
    for (const Row& row : rows_) {
        const bool live = (*rule)->allows(row, *reading);
        const bool listed = std::ranges::find(found, Row{row[0]}) != found.end();
        const std::string seen = failed   ? verdict(who, condition, row)
                                 : listed ? "shown"
                                          : "hidden";
        const bool fails = !predicate.evaluate(row, *reading).has_value();
        failing_ += fails ? 1 : 0;
        if (fails ? !live : live == (seen == "shown") && (seen == "shown" || seen == "hidden"))
            continue;
        return fmt::format("{}\n  row {}: SQL {}, live {}\n  {}", policy, row[0].integer(), seen,
                           live ? "shown" : "hidden", condition);
    }
    return "";
}

std::vector<Identity> everybody() {
    return {anon(), ann(R"("n":1,"x":1)"), bob(R"("n":"one","x":{"a":1})"),
            identity_of(Role::Authenticated, "external")};
}

TEST_F(PolicyDifferentialTest, EveryConditionAlone) {
    PolicyGenerator generator(1);
    ASSERT_NO_FATAL_FAILURE(fill(generator));
    int differences = 0;
    for (const Field& f : fields()) {
        for (const char* condition : f.conditions) {
            ASSERT_NO_FATAL_FAILURE(
                use(fmt::format("create policy p on things for select using ({});", condition)));
            for (const Identity& who : everybody()) {
                const std::string found = difference(who, condition);
                if (found.empty()) continue;
                ADD_FAILURE() << found;
                ++differences;
                break;
            }
        }
    }
    EXPECT_EQ(differences, 0);
}

TEST_F(PolicyDifferentialTest, RandomPolicies) {
    constexpr unsigned seed = 7;
    SCOPED_TRACE(fmt::format("seed {}", seed));
    PolicyGenerator generator(seed);
    ASSERT_NO_FATAL_FAILURE(fill(generator));
    int differences = 0, refused = 0;
    constexpr int rounds = 600;
    for (int round = 0; round < rounds && differences < 20; ++round) {
        const std::string condition = generator.condition(round % 4);
        std::string policy =
            fmt::format("create policy p on things for select using ({});", condition);
        if (round % 5 == 0)
            policy += fmt::format("create policy r on things as restrictive for select using ({});",
                                  generator.leaf());
        if (!try_use(policy)) {
            ++refused;
            continue;
        }
        for (const Identity& who : everybody()) {
            const std::string found = difference(who, policy);
            if (found.empty()) continue;
            ADD_FAILURE() << found;
            ++differences;
            break;
        }
    }
    EXPECT_EQ(differences, 0);
    EXPECT_GT(failing_, 0) << "some rows should be ones on which a cast or a sum fails";
    EXPECT_LT(refused, rounds / 10) << "most of what is generated should be policies";
}

}  // namespace

}  // namespace dunlin::policy
