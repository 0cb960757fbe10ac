#include <string>
#include <utility>

#include "changes/change_log.h"
#include "data/tables.h"
#include "sql/sqlite_text.h"

namespace dunlin::data {

namespace {

std::string joined(const std::vector<std::string>& parts) {
    std::string list;
    for (const std::string& part : parts) list += (list.empty() ? "" : ", ") + part;
    return list;
}

std::string column_text(std::string_view name) {
    return std::string(table_alias) + "." + sql::quote_identifier(name);
}

/// What tells the rows of a table apart.
std::vector<std::string> key_texts(const Table& table) {
    std::vector<std::string> key;
    for (const std::size_t column : table.primary_key.columns)
        key.push_back(column_text(table.columns[column].name));
    if (key.empty()) key.push_back(column_text(table.row_number()));
    return key;
}

/// Rows in the order of the key; a comparison of row values keeps to its index.
engine::Statement page_statement(const PageRequest& page, const policy::ReadAccess& access) {
    const std::vector<std::string> key = key_texts(*page.table);
    std::vector<std::string> columns;
    for (const Column& column : page.table->columns) columns.push_back(column_text(column.name));
    columns.insert(columns.end(), key.begin(), key.end());
    engine::Statement statement;
    statement.sql = "select " + joined(columns) + " from " + access.relation + " as " +
                    std::string(table_alias) + " where true";
    if (!access.condition.empty()) statement.sql += " and (" + access.condition + ")";
    if (!page.after.empty()) {
        std::vector<std::string> places;
        for (const Value& value : page.after) {
            statement.parameters.push_back(value);
            places.push_back("?" + std::to_string(statement.parameters.size()));
        }
        statement.sql += " and (" + joined(key) + ") > (" + joined(places) + ")";
    }
    statement.sql += " order by " + joined(key) + " limit " + std::to_string(page.rows_max);
    return statement;
}

}  // namespace

asio::awaitable<Result<Position>> Tables::read_pages(Identity identity,
                                                     std::vector<PageRequest> pages,
                                                     TakePageRow take) {
    std::vector<engine::Statement> statements;
    for (const PageRequest& page : pages) {
        const auto granted = rules_->require(*page.table, Command::Select, identity.role);
        if (!granted) co_return std::unexpected(granted.error());
        if (page.table->primary_key.columns.empty() && page.table->row_number().empty()) {
            co_return std::unexpected(
                sql_error("0A000", "the rows of \"" + page.table->name +
                                       "\" cannot be told apart: it has no primary key"));
        }
        statements.push_back(
            page_statement(page, rules_->read_access(*page.table, identity.role, table_alias)));
    }
    Position position;
    engine::Work work = [&](engine::Session& session) -> Result<void> {
        const auto at = changes::ChangeLog::position_of(session);
        if (!at) return std::unexpected(at.error());
        position = *at;
        for (std::size_t i = 0; i < pages.size(); ++i) {
            const std::size_t width = pages[i].table->columns.size();
            auto done = session.stream(statements[i].sql, statements[i].parameters,
                                       [&](std::span<const ValueView> row) {
                                           take(i, row.first(width), row.subspan(width));
                                       });
            if (!done) return done;
        }
        return {};
    };
    auto done = co_await engine_.read(std::move(identity), std::move(work));
    if (!done) co_return std::unexpected(done.error());
    co_return position;
}

}  // namespace dunlin::data
