#pragma once

#include "engine/engine.h"
#include "engine/sqlite/connection.h"

namespace dunlin::engine::sqlite {

/// Statements straight on the connection: a reader's snapshot, or the commit observer, whose
/// refusal rolls everything back anyway.
class PlainSession final : public Session {
public:
    explicit PlainSession(Connection& connection) : connection_(connection) {}

    Result<RowSet> run(std::string_view sql, std::span<const Value> parameters) override;
    Result<void> stream(std::string_view sql, std::span<const Value> parameters,
                        const RowTaker& take) override;
    std::span<const RowChange> changes() const override { return {}; }
    void fold_last_change(std::size_t) override {}

private:
    Connection& connection_;
};

/// A unit of work under the savepoint `unit`, which is open as long as this lives. Each statement
/// that writes has a savepoint as well, because SQLite's hook is not told of what a failed one
/// undoes; the first one uses the unit's.
class UnitSession final : public Session {
public:
    explicit UnitSession(Connection& connection)
        : connection_(connection), mark_(connection.capture().mark()) {}

    Result<RowSet> run(std::string_view sql, std::span<const Value> parameters) override;
    Result<void> stream(std::string_view sql, std::span<const Value> parameters,
                        const RowTaker& take) override;
    std::span<const RowChange> changes() const override {
        return connection_.capture().since(mark_);
    }
    void fold_last_change(std::size_t into) override {
        connection_.capture().fold_last(mark_, into);
    }

private:
    std::expected<RowSet, Failure> run_guarded(Prepared& prepared,
                                               std::span<const Value> parameters);

    Connection& connection_;
    std::size_t mark_;
    bool written_ = false;  // something in the unit must survive a failed statement
};

}  // namespace dunlin::engine::sqlite
