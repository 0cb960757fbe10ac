#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/expression.h"
#include "sql/sqlite_text.h"

/// The body of a function, analysed: what the interpreter (routines/) executes. Immutable.
namespace dunlin::sql {

/// A place in the frame of a running routine: a parameter, a variable, a column of NEW or OLD,
/// FOUND, TG_OP … Expressions name it by its index; in SQLite text it is the parameter `?index+1`.
struct FrameSlot {
    std::string name;  // for messages
    Type type;
    bool not_null = false;
};

/// ON CONFLICT of an INSERT.
struct ConflictClause {
    std::vector<std::size_t> key;  // columns; empty: any conflict
    bool update = false;           // DO UPDATE, else DO NOTHING
    /// Over the table (relation 0) and EXCLUDED (relation 1).
    std::vector<std::pair<std::size_t, Expression>> set;
    std::optional<Expression> where;
};

/// A SELECT, INSERT, UPDATE or DELETE whose expressions may use slots of a frame.
struct RoutineStatement {
    enum class Kind : std::uint8_t { Select, Insert, Update, Delete };
    Kind kind = Kind::Select;
    Query query{};                 // Select; Insert … select; Update, Delete: see `from`
    const Table* table = nullptr;  // written; borrowed from the Schema
    /// Insert: every column that gets a value, defaults included: all but generated ones and a
    /// numbered one that was not given.
    std::vector<std::size_t> columns{};
    std::vector<std::vector<Expression>> rows{};  // Insert … values: one for each of `columns`
    bool rows_from_query = false;                 // query.targets are those of `columns`
    std::optional<ConflictClause> conflict{};
    std::vector<std::pair<std::size_t, Expression>> set{};  // Update
    std::optional<Expression> where{};                      // Update, Delete
    std::vector<Target> returning{};
    /// Update, Delete: `query.relations[0]` is always the table itself, and set, where and
    /// returning are written over query.relations. With `from` there are others: FROM or USING.
    bool from = false;
};

struct RoutineNode;
using RoutineBlock = std::vector<RoutineNode>;

/// One statement of a routine.
struct RoutineNode {
    enum class Kind : std::uint8_t {
        Assign,     // slot := expression
        AssignRow,  // slots := the first row of statement (SELECT … INTO, RETURNING … INTO)
        Run,        // statement, its rows dropped (PERFORM, INSERT …); sets FOUND
        If,         // branches in order, the last may be without a condition
        Raise,      // level, message with %, arguments, errcode, detail, hint
        /// expression; of a trigger: trigger_row; of a function that gives a row: `slots` are its
        /// columns, NULL when there are none. Without any of these: nothing, or the result_slots.
        Return,
        ReturnQuery,  // statement's rows are added to the result
        /// slots := the first row that `callee` gives for `arguments`; without slots it is only
        /// called. The arguments are those of the callee's frame, one for each of its first slots.
        Call,
        Block,  // a nested BEGIN … END
    };
    enum class Level : std::uint8_t { Debug, Info, Notice, Warning, Exception };
    enum class TriggerRow : std::uint8_t { None, New, Old };

    struct Branch {
        std::optional<Expression> condition;
        RoutineBlock body;
    };

    Kind kind = Kind::Run;
    int line = 0;  // in the body, from 1; for messages
    std::vector<std::size_t> slots{};
    std::optional<Expression> expression{};  // has the type of its slot or of the result
    std::optional<RoutineStatement> statement{};
    bool strict = false;               // INTO STRICT: P0002 no rows, P0003 too many
    const Function* callee = nullptr;  // Call; borrowed from the Schema
    bool sets_found = false;           // Call: FOUND says whether there was a row
    std::vector<Branch> branches{};
    Level level = Level::Exception;
    std::string message{};
    std::vector<Expression> arguments{};
    std::string sqlstate{};  // of RAISE, "" for P0001
    std::optional<Expression> detail{}, hint{};
    TriggerRow trigger_row = TriggerRow::None;
    RoutineBlock body{};  // Block
};

/// A function body ready to run. The frame begins with the parameters, in order: of a parameter
/// with a table's row type there is one slot for each column.
struct Routine {
    const Function* function = nullptr;  // borrowed from the Schema
    std::vector<FrameSlot> frame;
    /// Of a trigger: where its row images and its TG_ variables are in the frame.
    const Table* trigger_table = nullptr;
    std::size_t new_row = 0;  // the table's columns, in order, from here
    std::size_t old_row = 0;
    std::size_t tg_op = 0;               // text; the other TG_ names are literals of this trigger
    std::optional<std::size_t> found{};  // plpgsql's FOUND, bool
    std::optional<std::size_t> trigger_depth{};  // pg_trigger_depth(), int4
    std::optional<Expression> trigger_when{};    // WHEN of the trigger
    RoutineBlock body;
    /// RETURNS TABLE and OUT parameters: their slots, in order of the result.
    std::vector<std::size_t> result_slots{};
};

/// Compiles a function for calls. Fails with the place in the body in Error::message
/// (`function f line N: …`), and with 0A000 for what is not carried.
Result<Routine> compile_routine(const Schema& schema, const Function& function);

/// Compiles a trigger function for one trigger of `table`: NEW and OLD have its columns.
Result<Routine> compile_trigger(const Schema& schema, const Table& table, const Trigger& trigger);

/// How the written table is called in SQLite text, and so in the conditions below.
constexpr std::string_view written_alias = "q_0_0";

/// Access conditions of a write inside a routine; "" means unrestricted.
struct RoutineAccess {
    std::string visible{};  // SELECT using, over written_alias
    std::string target{};   // UPDATE or DELETE using
    std::string check{};    // WITH CHECK
};

/// SQLite text of a statement; slots are `?index+1`. Writes return what `returning` names, then
/// `_allowed` (WITH CHECK) and `_visible`, as query/table_sql.h does. `filter` gives the policies
/// of the tables that are read; none for SECURITY DEFINER.
std::string sqlite_text(const RoutineStatement& statement, const RoutineAccess& access,
                        const RelationFilter& filter);

}  // namespace dunlin::sql
