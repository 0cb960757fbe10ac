#include "engine/sqlite/sessions.h"

#include "engine/sqlite/errors.h"
#include "engine/sqlite/violations.h"

namespace dunlin::engine::sqlite {

namespace {

/// A statement that changes nothing, straight on the connection.
Result<void> stream_rows(Connection& connection, std::string_view sql,
                         std::span<const Value> parameters, const RowTaker& take) {
    if (!connection.in_transaction()) return std::unexpected(transaction_lost());
    auto prepared = connection.prepare(sql);
    if (!prepared) return std::unexpected(translate(prepared.error(), nullptr));
    if (!(*prepared)->read_only) {
        return std::unexpected(
            Error{ErrorCode::Internal, "only a SELECT gives its rows one by one", "XX000"});
    }
    auto done = connection.stream(**prepared, parameters, take);
    if (!done) return std::unexpected(translate(done.error(), nullptr));
    return {};
}

}  // namespace

Result<RowSet> PlainSession::run(std::string_view sql, std::span<const Value> parameters) {
    if (!connection_.in_transaction()) return std::unexpected(transaction_lost());
    auto prepared = connection_.prepare(sql);
    if (!prepared) return std::unexpected(translate(prepared.error(), nullptr));
    auto result = connection_.execute(**prepared, parameters);
    if (!result) return std::unexpected(translate(result.error(), nullptr));
    return std::move(*result);
}

Result<void> PlainSession::stream(std::string_view sql, std::span<const Value> parameters,
                                  const RowTaker& take) {
    return stream_rows(connection_, sql, parameters, take);
}

Result<void> UnitSession::stream(std::string_view sql, std::span<const Value> parameters,
                                 const RowTaker& take) {
    return stream_rows(connection_, sql, parameters, take);
}

Result<RowSet> UnitSession::run(std::string_view sql, std::span<const Value> parameters) {
    // What SQLite rolled back by itself would otherwise go on statement by statement, each
    // committed.
    if (!connection_.in_transaction()) return std::unexpected(transaction_lost());
    auto prepared = connection_.prepare(sql);
    if (!prepared) return std::unexpected(translate(prepared.error(), nullptr));
    const bool read_only = (*prepared)->read_only;
    auto result = read_only ? connection_.execute(**prepared, parameters)
                            : run_guarded(**prepared, parameters);
    if (result) return std::move(*result);
    if (read_only || !connection_.in_transaction()) {
        return std::unexpected(translate(result.error(), connection_.schema().get()));
    }
    const Statement refused{std::string(sql), {parameters.begin(), parameters.end()}};
    return std::unexpected(explain(connection_, refused, result.error()));
}

std::expected<RowSet, Failure> UnitSession::run_guarded(Prepared& prepared,
                                                        std::span<const Value> parameters) {
    const bool nested = written_;
    const auto refuse = [](Error error) {
        return std::unexpected(Failure{.error = std::move(error)});
    };
    if (nested) {
        auto opened = connection_.command("savepoint statement");
        if (!opened) return refuse(opened.error());
    }
    const std::size_t mark = connection_.capture().mark();
    auto result = connection_.execute(prepared, parameters);
    if (!result) {
        connection_.capture().truncate(connection_.in_transaction() ? mark : 0);
        if (!connection_.in_transaction()) return result;
        auto undone = connection_.command(nested ? "rollback to statement" : "rollback to unit");
        if (!undone) return refuse(undone.error());
    }
    if (nested) {
        auto released = connection_.command("release statement");
        if (!released) return refuse(released.error());
    }
    if (result) written_ = true;
    return result;
}

}  // namespace dunlin::engine::sqlite
