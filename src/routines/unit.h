#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "routines/library.h"

namespace dunlin::routines {

enum class UnitKind : std::uint8_t { Read, Write, Migration };

/// What a call of a function gives: rows of one value (Scalar) or of the columns of its result.
struct CallResult {
    std::vector<Row> rows{};
};

/// What the conditions of a write row by row call the table, and the conditions.
struct RowAccess {
    std::string alias{sql::written_alias};
    sql::RoutineAccess access{};        // of the INSERT, UPDATE or DELETE
    sql::RoutineAccess merge_access{};  // of rows that ON CONFLICT updates
    bool must_be_visible = false;       // new rows must pass the SELECT rule as well
};

/// The values that a row to be inserted gives, to some columns.
struct GivenRow {
    std::vector<std::size_t> columns;
    std::vector<Value> values;
};

/// New rows, to be inserted one by one.
struct RowInsert {
    enum class Conflict : std::uint8_t { Fail, Nothing, Update };
    /// The existing row with its changes, or nothing to leave it alone.
    using Merge =
        std::function<Result<std::optional<Row>>(const Row& existing, const Row& excluded)>;

    const Table& table;  // of the Library's schema
    std::vector<GivenRow> rows;
    Conflict conflict = Conflict::Fail;
    std::vector<std::size_t> key{};     // of the conflict; empty: any
    std::vector<std::size_t> merged{};  // columns that `merge` sets
    Merge merge{};
    RowAccess access{};
};

struct InsertedRows {
    std::vector<Row> rows{};
    std::size_t inserted = 0;  // the others were merged
};

/// Rows to be updated or deleted one by one. Each row of `targets` holds the row as it is, then
/// the new values of the `set` columns.
struct RowChanges {
    const Table& table;  // of the Library's schema
    std::vector<Row> targets;
    std::vector<std::size_t> set{};
    RowAccess access{};
};

/// One unit of work in which triggers fire and functions run. Lives in the engine's work, on its
/// thread. Bounded: limits::routine_depth_max (54001), limits::routine_statements_max (54000), the
/// time of a statement for the whole unit (57014; not in a migration).
class Unit {
public:
    /// Everything is borrowed. In a migration everything is done with the owner's rights.
    Unit(const Library& library, engine::Session& session, Role role, UnitKind kind);

    /// Looks at the rows that a statement returned before its AFTER triggers fire.
    using Verdict = std::function<Result<void>(std::span<const Row> rows)>;

    /// Runs a statement whose table has no BEFORE triggers for it, then the AFTER triggers of every
    /// row that it changed. `named` are the columns in SET, for UPDATE OF.
    Result<engine::RowSet> run(const engine::Statement& statement,
                               std::span<const std::size_t> named = {},
                               const Verdict& verdict = {});

    /// The AFTER triggers of every row that statements changed since there were `from` changes,
    /// when nothing of this class ran meanwhile.
    Result<void> fire_since(std::size_t from, std::span<const std::size_t> named);

    /// Whether rows of the table have to be written one by one.
    bool by_rows(const Table& table, ChangeKind kind) const;

    /// Each gives the rows it wrote, in full (deleted: as they were), without those that a trigger
    /// or a conflict left out. Fails with 42501 for a row that WITH CHECK refuses.
    Result<InsertedRows> insert(const RowInsert& insert);
    Result<std::vector<Row>> update(const RowChanges& update);
    Result<std::vector<Row>> remove(const RowChanges& remove);

    /// Calls a function. A parameter without an argument takes its default.
    Result<CallResult> call(const FunctionProgram& made,
                            const std::vector<std::optional<Value>>& arguments);

    /// A data statement of a migration, with the program written for it.
    Result<void> run_statement(const Program& program);

private:
    enum class Flow : std::uint8_t { On, Returned };

    /// A routine at work.
    struct Frame {
        const Program& program;
        std::vector<Value> slots;
        Flow flow = Flow::On;
        std::optional<Row> returned{};  // a trigger's row, a row or value
        std::vector<Row> rows{};        // RETURN QUERY
    };
    /// What a statement in a routine gave.
    struct Outcome {
        std::vector<Row> rows;
        bool found = false;
    };
    /// Changes of one statement, by their place in Session::changes().
    struct Range {
        std::size_t from = 0;
        std::size_t to = 0;
    };
    class Level;

    // unit.cpp
    Result<std::vector<Value>> complete(const FunctionProgram& made,
                                        const std::vector<std::optional<Value>>& arguments);
    Result<CallResult> call_with(const FunctionProgram& made, std::vector<Value> values);
    Result<CallResult> run_function(const Program& program, std::vector<Value> arguments);
    Result<void> enter_statement();
    void set_trigger_depth(Frame& frame) const;
    Result<engine::RowSet> run_text(const Text& text, const std::vector<Value>& slots);
    Result<void> require_writable(const Table& table, ChangeKind kind) const;
    Result<Value> evaluate(const Frame& frame, const sql::Expression& expression);
    // interpreter.cpp
    Result<void> run_block(Frame& frame, const sql::RoutineBlock& block);
    Result<void> run_node(Frame& frame, const sql::RoutineNode& node);
    Result<void> run_if(Frame& frame, const sql::RoutineNode& node);
    Result<void> assign_row(Frame& frame, const sql::RoutineNode& node);
    Result<void> run_call(Frame& frame, const sql::RoutineNode& node);
    Result<void> raise(Frame& frame, const sql::RoutineNode& node);
    Result<void> run_return(Frame& frame, const sql::RoutineNode& node);
    // row_statements.cpp
    Result<Outcome> run_statement(Frame& frame, const sql::RoutineStatement& statement);
    Result<Outcome> write_at_once(Frame& frame, const sql::RoutineStatement& statement,
                                  const StatementProgram& made);
    Result<Outcome> write_by_rows(Frame& frame, const sql::RoutineStatement& statement,
                                  const StatementProgram& made);
    Result<std::vector<Row>> insert_rows(Frame& frame, const sql::RoutineStatement& statement,
                                         const StatementProgram& made, std::vector<Row> given);
    Result<std::optional<Row>> merge_row(Frame& frame, const StatementProgram& made,
                                         const Row& existing, const Row& excluded);
    RowAccess access_of(const StatementProgram& made) const;
    // row_writer.cpp
    Result<Row> complete(const RowInsert& insert, const GivenRow& given);
    Result<Value> next_number(const Table& table, std::size_t column);
    /// An INSERT at work.
    struct Insertion {
        const RowInsert& insert;
        InsertedRows done{};
        std::vector<Range> ranges{};
        std::set<std::string> keys{};  // of rows that it has written, when it merges
    };
    Result<void> insert_row(Insertion& insertion, Row row);
    Result<void> merge_conflict(Insertion& insertion, const Row& row);
    Result<std::optional<Row>> update_row(const Table& table, const Row& before, Row after,
                                          std::span<const std::size_t> named,
                                          const RowAccess& access, std::vector<Range>& ranges);
    Result<Row> write_row(const Table& table, const Row& before, const Row& after,
                          std::span<const std::size_t> named, const RowAccess& access,
                          std::vector<Range>& ranges);
    Result<std::vector<Row>> run_captured(const engine::Statement& statement,
                                          std::vector<Range>& ranges);
    // trigger_firing.cpp
    Result<std::optional<Row>> fire_before(const Table& table, ChangeKind kind, const Row& old_row,
                                           Row new_row, std::span<const std::size_t> named);
    Result<void> fire_after(std::span<const Range> ranges, std::span<const std::size_t> named);
    Result<void> fire_change(engine::RowChange change, std::size_t place,
                             std::span<const std::size_t> named);
    Result<void> fire_late(const TableTriggers& triggers, engine::RowChange& change,
                           std::size_t place);
    Result<std::optional<Row>> run_trigger(const TriggerProgram& trigger, ChangeKind kind,
                                           const Row& old_row, const Row& new_row, bool& fired);

    const Library& library_;
    engine::Session& session_;
    UnitKind kind_;
    Rights rights_;
    std::size_t depth_ = 0;
    std::size_t trigger_depth_ = 0;  // of these, triggers
    std::size_t statements_ = 0;
    std::chrono::steady_clock::time_point deadline_;
};

/// 42501, as PostgreSQL says it.
Error row_security_violation(const Table& table);

}  // namespace dunlin::routines
