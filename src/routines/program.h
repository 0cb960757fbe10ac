#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/identity.h"
#include "policy/access_rules.h"
#include "policy/expression_walk.h"
#include "sql/routine.h"

/// A compiled routine with the SQLite text of everything in it that SQLite does.
namespace dunlin::routines {

/// Whose rights a statement has: those of the caller's role, or the owner's, whom no policy binds
/// (SECURITY DEFINER, migrations).
enum class Rights : std::uint8_t { Anon, Authenticated, ServiceRole, Owner };
constexpr std::size_t rights_count = 4;

Rights rights_of(Role role);

/// A statement for each kind of rights; its parameters are the first `slots` of the frame.
struct Text {
    std::array<std::string, rights_count> sql{};
    /// Of a role that was not granted what the statement needs.
    std::array<std::optional<Error>, rights_count> denied{};
    std::array<std::size_t, rights_count> slots{};

    const std::string& of(Rights rights) const { return sql[static_cast<std::size_t>(rights)]; }
};

/// How a write of a table with BEFORE triggers is done: its rows are asked for, then written one by
/// one. The expressions are over the frame with the written row put behind it and, for `merge`, the
/// EXCLUDED row behind that.
struct RowPlan {
    /// Insert: the values of the given columns. Update: the row, then the values of the set
    /// columns. Delete: the row. Several for a long VALUES.
    std::vector<Text> rows{};
    std::vector<sql::Expression> returning{};
    std::vector<std::pair<std::size_t, sql::Expression>> merge{};
    std::optional<sql::Expression> merge_where{};
};

/// Access conditions of a table by rights, over sql::written_alias.
using AccessByRights = std::array<sql::RoutineAccess, rights_count>;

struct StatementProgram {
    Text text;                        // none when it is done row by row
    std::unique_ptr<RowPlan> rows{};  // null when SQLite does it at once
    Text granted;                     // of a write: only who is denied it
    AccessByRights access{};          // of a write row by row
    AccessByRights merge_access{};    // as above, of the rows that ON CONFLICT updates
    bool reads_rows = false;          // the new rows must pass the SELECT rule as well
};

/// A routine and its texts. Immutable; its address stays.
struct Program {
    sql::Routine routine;
    std::unordered_map<const sql::Expression*, Text> expressions{};  // those not evaluated directly
    std::unordered_map<const sql::RoutineStatement*, StatementProgram> statements{};
};

/// Writes the texts of programs.
class ProgramWriter {
public:
    /// Whether the rows of a write have to be done one by one.
    using ByRows = std::function<bool(const Table& table, Command command)>;

    /// `rules` may be null: everything is allowed. Both are borrowed until the writer is gone.
    ProgramWriter(const policy::AccessRules* rules, const ByRows& by_rows)
        : rules_(rules), by_rows_(by_rows) {}

    /// Fails with 0A000 for what a write row by row cannot do.
    Result<std::unique_ptr<Program>> write(sql::Routine routine) const;

    Text expression_text(const sql::Expression& expression) const;

private:
    Result<void> add_block(const sql::RoutineBlock& block, Program& program) const;
    Result<void> add_node(const sql::RoutineNode& node, Program& program) const;
    void add_expression(const sql::Expression& expression, Program& program) const;
    Result<void> add_statement(const sql::RoutineStatement& statement, Program& program) const;
    Result<std::unique_ptr<RowPlan>> row_plan(const sql::RoutineStatement& statement,
                                              const AccessByRights& access, Program& program) const;
    std::vector<Text> values_texts(const sql::RoutineStatement& statement) const;
    Text query_text(const sql::Query& query, const AccessByRights* access) const;
    void deny(const std::vector<policy::ReadRelation>& read, Text& text) const;
    void deny_write(const sql::RoutineStatement& statement, bool reads, Text& text) const;
    Text make_text(const std::function<std::string(Rights)>& write) const;
    AccessByRights access_of(const Table& table, Command command) const;
    sql::RelationFilter filter(Rights rights) const;

    const policy::AccessRules* rules_;
    const ByRows& by_rows_;
};

}  // namespace dunlin::routines
