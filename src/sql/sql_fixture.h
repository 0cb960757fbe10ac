#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/sqlite/database_fixture.h"
#include "sql/migration.h"

namespace dunlin::sql {

/// Migrations in PostgreSQL's SQL, run on a SQLite file as the server runs them, and what
/// PostgreSQL's psql would print of the rows afterwards.
class SqlFixture : public engine::DatabaseFixture {
protected:
    void SetUp() override { open(options()); }

    /// Plans `text` on schema_ and runs it; both change only when all of it works.
    Result<void> migrate(std::string_view text);
    /// "" when it works, else the SQLSTATE.
    std::string outcome(std::string_view text);
    /// What a SELECT gives: `a|b` for each row, the rows joined by "; ", NULL as nothing; or the
    /// SQLSTATE.
    std::string rows(std::string_view query);
    /// rows() of `select EXPRESSION`.
    std::string value(std::string_view expression) {
        return rows("select " + std::string(expression));
    }
    /// Forgets everything.
    void restart();

    Schema schema_;
    std::vector<std::string> notes_;  // of the last migrate()
};

}  // namespace dunlin::sql
