#include <fmt/format.h>

#include <algorithm>

#include "core/codec.h"
#include "data/function_rights.h"
#include "data/functions.h"
#include "data/write_plan.h"
#include "routines/unit.h"

namespace dunlin::data {

namespace {

/// What a function gives that are no rows of a table, as a table to select from.
Table described(const Function& function) {
    Table table{.schema = function.schema, .name = function.name};
    for (const Parameter& column : function.result_columns)
        table.columns.push_back({.name = column.name, .type = column.type});
    return table;
}

bool gives_rows(const Function& function) {
    return function.result == FunctionResult::Row || function.result == FunctionResult::Columns;
}

/// max-affected counts rows, so that there must be a set of them.
Result<void> require_set(const Function& function, const CallOptions& options) {
    if (!options.affected_max || function.returns_set) return {};
    return std::unexpected(
        Error{ErrorCode::InvalidInput,
              "Function must return SETOF or TABLE when max-affected preference is used with "
              "handling=strict",
              "PGRST128"});
}

/// Values have no columns to choose or compare.
Result<void> refuse_columns(const query::RestQuery& query) {
    const bool plain = query.filters.empty() && query.order.empty() && query.select.empty();
    if (plain) return {};
    return std::unexpected(sql_error("0A000",
                                     "select, filters and order of a function that gives values "
                                     "are not supported",
                                     "", "Return a table instead: RETURNS TABLE (…)."));
}

void cut(std::vector<Row>& rows, const query::RestQuery& query) {
    const std::size_t offset = std::min<std::size_t>(query.offset.value_or(0), rows.size());
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(offset));
    if (query.limit && *query.limit < rows.size()) rows.resize(*query.limit);
}

void write_value(const Type& type, const Row& row, std::string& out) {
    if (row.empty())
        out += "null";
    else
        codec::write_json(type, row[0], out);
}

/// `[1, 2]`
Rows values_of(const Function& function, std::vector<Row> rows, const query::RestQuery& query,
               bool count_total) {
    Rows answer;
    if (count_total) answer.total = rows.size();
    cut(rows, query);
    answer.count = rows.size();
    answer.json = "[";
    for (const Row& row : rows) {
        if (answer.json.size() > 1) answer.json += ", ";
        write_value(function.result_type, row, answer.json);
    }
    answer.json += "]";
    return answer;
}

Error undone() {
    return Error{ErrorCode::Internal, "the call was undone as it was asked to be"};
}

}  // namespace

Functions::Functions(engine::Engine& engine, const Tables& tables,
                     std::shared_ptr<const routines::Library> library)
    : engine_(engine), tables_(tables), library_(std::move(library)) {}

Result<CallAnswer> Functions::answer(engine::Session& session, const Function& function,
                                     const std::optional<Selection>& selection,
                                     std::vector<Row> rows, const query::RestQuery& query,
                                     const CallOptions& options) const {
    CallAnswer answer;
    if (options.affected_max) {
        auto allowed = check_count(rows.size(), {.affected_max = options.affected_max});
        if (!allowed) return std::unexpected(allowed.error());
    }
    if (function.result == FunctionResult::Void) return answer;
    if (!selection) {
        answer.kind = function.returns_set ? CallAnswer::Kind::Rows : CallAnswer::Kind::Value;
        if (function.returns_set) {
            answer.rows = values_of(function, std::move(rows), query, options.count_total);
            return answer;
        }
        answer.rows.json.clear();
        answer.rows.count = 1;
        if (options.count_total) answer.rows.total = 1;
        write_value(function.result_type, rows.at(0), answer.rows.json);
        return answer;
    }
    answer.kind = function.returns_set ? CallAnswer::Kind::Rows : CallAnswer::Kind::Object;
    auto shown = selection->run(session, options.format, rows);
    if (!shown) return std::unexpected(shown.error());
    answer.rows = std::move(*shown);
    if (!options.count_total) return answer;
    auto total = selection->count(session, rows);
    if (!total) return std::unexpected(total.error());
    answer.rows.total = *total;
    return answer;
}

asio::awaitable<Result<CallAnswer>> Functions::call(Identity identity, FunctionCall call,
                                                    query::RestQuery query, CallOptions options) {
    const Function& function = *call.function;
    const routines::FunctionProgram* program = library_->find(function);
    auto allowed = routines::require_executor(function, identity.role);
    if (allowed) allowed = require_set(function, options);
    if (allowed && !gives_rows(function)) allowed = refuse_columns(query);
    if (!allowed) co_return std::unexpected(allowed.error());
    const Table own = described(function);
    const Table* of_schema =
        function.result == FunctionResult::Row
            ? tables_.rules().schema_for(identity.role).find_storage(function.result_table)
            : nullptr;
    const Table& table = of_schema == nullptr ? own : *of_schema;
    std::optional<Selection> selection;
    if (gives_rows(function)) {
        auto planned = tables_.select_returned(identity.role, table, query);
        if (!planned) co_return std::unexpected(planned.error());
        selection = std::move(*planned);
    }

    const bool reads = options.read_only || function.volatility != Function::Volatility::Volatile;
    std::optional<CallAnswer> answered;
    engine::Work work = [&](engine::Session& session) -> Result<void> {
        answered.reset();  // a work may be run again
        routines::Unit unit(*library_, session, identity.role,
                            reads ? routines::UnitKind::Read : routines::UnitKind::Write);
        auto result = unit.call(*program, call.arguments);
        if (!result) return std::unexpected(result.error());
        // A function that gives one row gives a row of NULLs for none.
        if (selection) {
            for (Row& row : result->rows) row.resize(table.columns.size());
        }
        auto made = answer(session, function, selection, std::move(result->rows), query, options);
        if (!made) return std::unexpected(made.error());
        answered = std::move(*made);
        if (options.undo && !reads) return std::unexpected(undone());
        return {};
    };
    const auto done = reads ? co_await engine_.read(identity, std::move(work))
                            : co_await engine_.write(identity, std::move(work));
    if (!done && !(options.undo && answered)) co_return std::unexpected(done.error());
    co_return std::move(*answered);
}

}  // namespace dunlin::data
