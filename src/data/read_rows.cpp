#include <fmt/format.h>

#include "core/limits.h"
#include "data/selection.h"
#include "data/tables.h"
#include "sql/sqlite_text.h"

namespace dunlin::data {

namespace {

/// The policies would have to stand inside the view's query, which SQLite keeps as it is.
Error callers_rights_unsupported(const Table& view) {
    return sql_error(
        "0A000",
        fmt::format("the security_invoker view \"{}\" reads rows that policies hide from "
                    "the caller, which is not supported yet",
                    view.name),
        "", "Read its tables, or leave security_invoker out.");
}

}  // namespace

query::ReadContext Tables::read_context(Role role, query::RowSource source) const {
    const auto source_of = [this, role](const Table& table,
                                        std::string_view alias) -> Result<query::RelationSource> {
        query::RelationSource found{sql::quote_identifier(table.storage_name()),
                                    rules_->using_sql(table, Command::Select, role, alias)};
        if (table.security_invoker && found.condition == "0")
            return std::unexpected(callers_rights_unsupported(table));
        return found;
    };
    return {relationships_, source_of, source, limits::rows_per_request_max, settings_.aggregates};
}

asio::awaitable<Result<Rows>> Tables::select(Identity identity, const Table& table,
                                             query::RestQuery query, ReadOptions options) {
    const auto context = read_context(identity.role);
    const auto selection = Selection::plan(table, query, context);
    if (!selection) co_return std::unexpected(selection.error());

    Rows answer;
    engine::Work work = [&](engine::Session& session) -> Result<void> {
        auto rows = selection->run(session, options.format);
        if (!rows) return std::unexpected(rows.error());
        answer = std::move(*rows);
        if (!options.count_total) return {};
        auto total = selection->count(session);
        if (!total) return std::unexpected(total.error());
        answer.total = *total;
        return {};
    };
    auto done = co_await engine_.read(std::move(identity), std::move(work));
    if (!done) co_return std::unexpected(done.error());
    co_return answer;
}

}  // namespace dunlin::data
