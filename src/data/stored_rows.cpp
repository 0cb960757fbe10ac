#include <algorithm>

#include "changes/change_log.h"
#include "data/tables.h"
#include "sql/sqlite_text.h"

namespace dunlin::data {

namespace {

std::string select_text(const StoredRowsQuery& query, std::size_t rows_max,
                        std::vector<Value>& parameters) {
    std::string sql = "select ";
    for (const Column& column : query.table->columns) {
        if (sql.size() > 7) sql += ", ";
        sql += sql::quote_identifier(column.name);
    }
    sql += " from " + sql::quote_identifier(query.table->storage_name());
    if (query.column) {
        const std::string name = sql::quote_identifier(query.table->columns[*query.column].name);
        sql += " where " + name + " in (";
        for (const Value& value : query.values) {
            if (value.is_null()) continue;
            if (!parameters.empty()) sql += ", ";
            parameters.push_back(value);
            sql += '?' + std::to_string(parameters.size());
        }
        sql += ')';
        if (std::ranges::any_of(query.values, &Value::is_null)) sql += " or " + name + " is null";
    }
    return sql + " limit " + std::to_string(rows_max + 1);
}

}  // namespace

asio::awaitable<Result<StoredRows>> Tables::stored_rows(std::vector<StoredRowsQuery> queries,
                                                        std::size_t rows_max) {
    StoredRows found;
    engine::Work work = [&](engine::Session& session) -> Result<void> {
        found = {};
        const auto position = changes::ChangeLog::position_of(session);
        if (!position) return std::unexpected(position.error());
        found.position = *position;
        std::size_t count = 0;
        for (const StoredRowsQuery& query : queries) {
            std::vector<Value> parameters;
            const std::string sql = select_text(query, rows_max, parameters);
            auto rows = session.run(sql, parameters);
            if (!rows) return std::unexpected(rows.error());
            count += rows->rows.size();
            found.complete = found.complete && count <= rows_max;
            if (!found.complete) return {};
            found.rows.push_back(std::move(rows->rows));
        }
        return {};
    };
    auto done = co_await engine_.read({.role = Role::ServiceRole}, std::move(work));
    if (!done) co_return std::unexpected(done.error());
    co_return found;
}

}  // namespace dunlin::data
