#include "sql/sql_fixture.h"

#include "core/codec.h"
#include "sql/expression.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

std::string printed(const engine::RowSet& set, const Query& query) {
    std::string out;
    for (const Row& row : set.rows) {
        if (!out.empty()) out += "; ";
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) out += "|";
            out += codec::to_text(query.targets[i].expression.type, row[i]);
        }
    }
    return out;
}

}  // namespace

Result<void> SqlFixture::migrate(std::string_view text) {
    auto plan = plan_migration(schema_, text, "0001_test.sql");
    if (!plan) return std::unexpected(plan.error());
    notes_ = plan->notes;
    auto done = engine_->migrate([&](engine::Session& session) -> Result<void> {
        for (const PlannedStatement& statement : plan->statements) {
            auto ran = session.run({statement.sql});
            if (ran) continue;
            Error error = ran.error();
            error.message = statement.place + ": " + error.message + " in " + statement.sql;
            return std::unexpected(std::move(error));
        }
        return {};
    });
    if (!done) return done;
    schema_ = std::move(plan->schema);
    engine_->set_schema(std::make_shared<const Schema>(schema_));
    return {};
}

std::string SqlFixture::outcome(std::string_view text) {
    const auto done = migrate(text);
    return done ? "" : done.error().sqlstate;
}

std::string SqlFixture::rows(std::string_view query) {
    const auto tree = parse(query);
    if (!tree) return tree.error().error.sqlstate;
    const auto analyzed = analyze_query(schema_, *tree->statements()[0]->stmt->select_stmt);
    if (!analyzed) return analyzed.error().error.sqlstate;
    const auto set = read_one({sqlite_text(*analyzed)});
    return set ? printed(*set, *analyzed) : set.error().sqlstate;
}

void SqlFixture::restart() {
    close();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    schema_ = {};
    open(options());
}

}  // namespace dunlin::sql
