#include <fmt/format.h>

#include "core/codec.h"
#include "data/tables.h"

namespace dunlin::data {

namespace {

/// RETURNING of a write: the table's columns, then whether WITH CHECK allows the new row and
/// whether the writer may see it.
struct WrittenRow {
    bool allowed = true;
    bool visible = true;
};

WrittenRow verdict_of(const Row& row, std::size_t column_count) {
    const auto truth = [&](std::size_t i) {
        return row.size() <= i || (row[i].is_integer() && row[i].integer() != 0);
    };
    return {truth(column_count), truth(column_count + 1)};
}

Error row_security_violation(const Table& table) {
    return sql_error(
        "42501",
        fmt::format("new row violates row-level security policy for table \"{}\"", table.name));
}

/// What a write gives back: the selected columns of every row it touched.
Result<Rows> representation(const Table& table, const query::RestQuery& query,
                            std::vector<Row> rows, Returning returning) {
    Rows answer;
    answer.count = rows.size();
    if (returning == Returning::Nothing) return answer;
    auto sorted = query::sort_rows(table, query, rows);
    if (!sorted) return std::unexpected(sorted.error());
    std::string json = "[";
    for (Row& row : rows) {
        row.resize(table.columns.size());
        if (json.size() > 1) json += ",\n ";
        auto written = query::write_selected_json(table, query, row, json);
        if (!written) return std::unexpected(written.error());
    }
    answer.json = json + "]";
    return answer;
}

/// Runs writes and refuses the whole unit when a new row breaks a rule.
Result<std::vector<Row>> run_checked(engine::Session& session, const Table& table,
                                     const std::vector<query::SqlText>& statements,
                                     bool must_be_visible) {
    std::vector<Row> written;
    for (const auto& statement : statements) {
        auto result = session.run({statement.sql, statement.parameters});
        if (!result) return std::unexpected(result.error());
        for (Row& row : result->rows) {
            const WrittenRow verdict = verdict_of(row, table.columns.size());
            if (!verdict.allowed || (must_be_visible && !verdict.visible)) {
                return std::unexpected(row_security_violation(table));
            }
            written.push_back(std::move(row));
        }
    }
    return written;
}

std::string location_of(const Table& table, const std::vector<Row>& rows) {
    if (rows.size() != 1) return {};
    std::string location;
    for (const std::size_t column : table.primary_key.columns) {
        if (table.columns[column].hidden) return {};
        if (!location.empty()) location.push_back('&');
        location += fmt::format("{}=eq.{}", table.columns[column].name,
                                codec::to_text(table.columns[column].type, rows[0][column]));
    }
    return location;
}

Result<void> refuse_view(const Table& table) {
    if (table.kind == RelationKind::Table) return {};
    return std::unexpected(sql_error("55000",
                                     fmt::format("cannot write to view \"{}\"", table.name), "",
                                     "Write to the table behind the view."));
}

std::uint64_t given_rows(const boost::json::value& rows) {
    return rows.is_array() ? rows.get_array().size() : 1;
}

}  // namespace

asio::awaitable<Result<InsertResult>> Tables::insert(Identity identity, const Table& table,
                                                     query::RestQuery query,
                                                     boost::json::value rows,
                                                     query::InsertOptions options,
                                                     Returning returning) {
    const auto writable = refuse_view(table);
    if (!writable) co_return std::unexpected(writable.error());
    const bool merging = options.resolution == query::Resolution::MergeDuplicates;
    // What is given back or merged is read, which takes the SELECT rule as well.
    const bool must_be_visible = returning == Returning::Representation || merging;
    auto given = conditions(table, Command::Insert, identity.role,
                            must_be_visible ? Reads::Rows : Reads::Nothing);
    if (!given) co_return std::unexpected(given.error());
    query::AccessConditions& access = *given;
    if (merging) {
        const auto granted = rules_->require(table, Command::Update, identity.role);
        if (!granted) co_return std::unexpected(granted.error());
        access.target = rules_->using_sql(table, Command::Update, identity.role, table_alias);
        access.merged = rules_->check_sql(table, Command::Update, identity.role, table_alias);
    }
    // Who may insert nothing learns nothing about the other constraints, as in PostgreSQL.
    if (access.check == "0" && given_rows(rows) > 0)
        co_return std::unexpected(row_security_violation(table));
    const auto statements = query::insert_sql(table, query, rows, options, access);
    if (!statements) co_return std::unexpected(statements.error());

    InsertResult answer;
    engine::Work work = [&](engine::Session& session) -> Result<void> {
        auto written = run_checked(session, table, *statements, must_be_visible);
        if (!written) return std::unexpected(written.error());
        // A conflicting row that the writer may not update is left out by the statement's
        // condition; PostgreSQL refuses instead of skipping it.
        if (merging && written->size() < given_rows(rows)) {
            return std::unexpected(row_security_violation(table));
        }
        answer.location = location_of(table, *written);
        auto selected = representation(table, query, std::move(*written), returning);
        if (!selected) return std::unexpected(selected.error());
        answer.rows = std::move(*selected);
        return {};
    };
    auto done = co_await engine_.write(std::move(identity), std::move(work));
    if (!done) co_return std::unexpected(done.error());
    co_return answer;
}

asio::awaitable<Result<Rows>> Tables::update(Identity identity, const Table& table,
                                             query::RestQuery query, boost::json::value values,
                                             Returning returning) {
    const auto writable = refuse_view(table);
    if (!writable) co_return std::unexpected(writable.error());
    // An UPDATE that reads columns needs the SELECT rule on the new row as well, as in PostgreSQL.
    const bool must_be_visible = returning == Returning::Representation || !query.filters.empty();
    const auto access = conditions(table, Command::Update, identity.role,
                                   must_be_visible ? Reads::Rows : Reads::Nothing);
    if (!access) co_return std::unexpected(access.error());
    auto statement = query::update_sql(table, query, values, *access);
    if (!statement) co_return std::unexpected(statement.error());
    std::vector<query::SqlText> statements;
    if (!statement->sql.empty()) statements.push_back(std::move(*statement));

    Rows answer;
    engine::Work work = [&](engine::Session& session) -> Result<void> {
        auto written = run_checked(session, table, statements, must_be_visible);
        if (!written) return std::unexpected(written.error());
        auto selected = representation(table, query, std::move(*written), returning);
        if (!selected) return std::unexpected(selected.error());
        answer = std::move(*selected);
        return {};
    };
    auto done = co_await engine_.write(std::move(identity), std::move(work));
    if (!done) co_return std::unexpected(done.error());
    co_return answer;
}

asio::awaitable<Result<Rows>> Tables::remove(Identity identity, const Table& table,
                                             query::RestQuery query, Returning returning) {
    const auto writable = refuse_view(table);
    if (!writable) co_return std::unexpected(writable.error());
    const bool reads = returning == Returning::Representation || !query.filters.empty();
    const auto access =
        conditions(table, Command::Delete, identity.role, reads ? Reads::Rows : Reads::Nothing);
    if (!access) co_return std::unexpected(access.error());
    const auto statement = query::delete_sql(table, query, *access);
    if (!statement) co_return std::unexpected(statement.error());

    Rows answer;
    engine::Work work = [&](engine::Session& session) -> Result<void> {
        auto removed = session.run({statement->sql, statement->parameters});
        if (!removed) return std::unexpected(removed.error());
        auto selected = representation(table, query, std::move(removed->rows), returning);
        if (!selected) return std::unexpected(selected.error());
        answer = std::move(*selected);
        return {};
    };
    auto done = co_await engine_.write(std::move(identity), std::move(work));
    if (!done) co_return std::unexpected(done.error());
    co_return answer;
}

}  // namespace dunlin::data
