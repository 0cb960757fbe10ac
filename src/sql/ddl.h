#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema.h"
#include "sql/analyzer.h"
#include "sql/parser.h"

/// The statements of a migration, one function for each kind. Internal to the module.
namespace dunlin::sql {

struct DataStatement;  // see migration.h

/// A plan being made. Functions that fail may leave it half changed: it is then thrown away.
struct Builder {
    Schema schema;
    std::vector<std::string> statements;
    std::vector<std::string> notes;
    int offset = 0;  // of the statement at work
    /// Statements that fire triggers, by their place in `statements`.
    std::map<std::size_t, std::shared_ptr<const DataStatement>> data{};
    /// The schema as it is, for `data`; null when it has to be copied anew.
    std::shared_ptr<const Schema> snapshot{};
    /// The statement that last made or altered a table, by its offset.
    std::map<std::pair<std::string, std::string>, int> changed{};
    std::string_view file_text{};
    /// A function by its name and the types of its parameters.
    using FunctionKey = std::pair<std::pair<std::string, std::string>, std::string>;
    /// Where the bodies are of the functions that this file makes.
    std::map<FunctionKey, int> bodies{};
    /// Functions that name what was not there yet, by the offset of their statement; they have to
    /// compile when the file ends. With `compile_all` every function and trigger has to.
    std::map<FunctionKey, int> compiled_later{};
    bool compile_all = false;

    void run(std::string statement) { statements.push_back(std::move(statement)); }
    void note(std::string text) { notes.push_back(std::move(text)); }
};

using Done = Parsed<void>;
using RelationName = std::pair<std::string, std::string>;  // schema, name

Done create_table(Builder& builder, const PgQuery__CreateStmt& statement);
Done alter_table(Builder& builder, const PgQuery__AlterTableStmt& statement);
Done rename(Builder& builder, const PgQuery__RenameStmt& statement);
Done drop(Builder& builder, const PgQuery__DropStmt& statement);
Done create_index(Builder& builder, const PgQuery__IndexStmt& statement);
Done create_view(Builder& builder, const PgQuery__ViewStmt& statement);
Done create_enum(Builder& builder, const PgQuery__CreateEnumStmt& statement);
Done alter_enum(Builder& builder, const PgQuery__AlterEnumStmt& statement);
Done create_domain(Builder& builder, const PgQuery__CreateDomainStmt& statement);
Done create_policy(Builder& builder, const PgQuery__CreatePolicyStmt& statement);
Done alter_policy(Builder& builder, const PgQuery__AlterPolicyStmt& statement);
Done drop_policy(Builder& builder, const RelationName& table, std::string_view name,
                 bool missing_ok);
Done create_function(Builder& builder, const PgQuery__CreateFunctionStmt& statement);
Done alter_function(Builder& builder, const PgQuery__AlterFunctionStmt& statement);
Done drop_function(Builder& builder, const PgQuery__ObjectWithArgs& named, bool cascade,
                   bool missing_ok);
Done rename_function(Builder& builder, const PgQuery__RenameStmt& statement);
Done comment_on_function(Builder& builder, const PgQuery__CommentStmt& statement);
/// GRANT and REVOKE of EXECUTE.
Done grant_execute(Builder& builder, const PgQuery__GrantStmt& statement);
Done create_trigger(Builder& builder, const PgQuery__CreateTrigStmt& statement);
Done drop_trigger(Builder& builder, const RelationName& table, std::string_view name,
                  bool missing_ok);
Done rename_trigger(Builder& builder, const PgQuery__RenameStmt& statement);
/// At the end of a file: functions and triggers that were left for later.
Done compile_rest(Builder& builder);
Done grant(Builder& builder, const PgQuery__GrantStmt& statement);
Done alter_default_privileges(Builder& builder,
                              const PgQuery__AlterDefaultPrivilegesStmt& statement);
Done comment(Builder& builder, const PgQuery__CommentStmt& statement);
Done insert_rows(Builder& builder, const PgQuery__InsertStmt& statement);
Done update_rows(Builder& builder, const PgQuery__UpdateStmt& statement);
Done delete_rows(Builder& builder, const PgQuery__DeleteStmt& statement);
Done truncate(Builder& builder, const PgQuery__TruncateStmt& statement);

/// Whether an INSERT, UPDATE or DELETE is of a table with triggers; it is then done by
/// run_with_triggers(), not by the above.
bool fires_triggers(const Builder& builder, const PgQuery__Node& node);
Done run_with_triggers(Builder& builder, const PgQuery__Node& node);
/// Fails with 0A000 for a DELETE whose actions change rows of tables with triggers.
Done require_no_followers(const Builder& builder, const PgQuery__Node& node);

// Shared by the above.

RelationName relation_name(const PgQuery__RangeVar& range);
/// Of a List node of String nodes, or of a plain list.
RelationName relation_name(PgQuery__Node* const* nodes, std::size_t count);
std::string storage_name(const RelationName& name);
/// "name", or "schema.name" outside public: as messages show it.
std::string shown_name(const RelationName& name);

/// The table (not view) of that name. Fails with 42P01 or, for a view, 42809.
Parsed<Table*> find_table(Builder& builder, const RelationName& name, int offset);
/// Fails with 42P07 when a relation or index has the name, also in another case (SQLite does not
/// tell "A" from "a"), and with 42939 for names that the engine keeps to itself.
Done require_free_name(const Builder& builder, const RelationName& name, int offset);
Parsed<std::size_t> find_column(const Table& table, std::string_view name, int offset);
/// Positions of the columns that a list of String nodes names.
Parsed<std::vector<std::size_t>> find_columns(const Table& table, PgQuery__Node* const* nodes,
                                              std::size_t count, int offset);
/// What a new table or view of a schema allows.
GrantedRights rights_of_new_table(const Schema& schema, const std::string& schema_name);
std::string string_of(const PgQuery__Node& node);
std::string text_of(const char* text);
bool given(const char* text);

/// The parts of a name that nobody gave: `table_columns_label`, the last two may be empty.
struct DefaultName {
    std::string table;
    std::string columns;
    std::string label;
};
/// Cut to PostgreSQL's 63 bytes as it does: the longer of table and columns first, never the label.
/// The label gets the first of 1, 2, ... that makes the name free among constraints and indexes.
std::string free_constraint_name(const Builder& builder, const Table& table,
                                 const DefaultName& base);
/// Whether a key or a unique index without a condition is over just these columns, in any order.
bool is_unique(const Table& table, const std::vector<std::size_t>& columns);
bool has_constraint(const Table& table, std::string_view name);

/// Where PostgreSQL text uses `name` as an identifier that is neither a function nor a type.
bool mentions(std::string_view text, std::string_view name);
std::string rename_identifier(std::string_view text, std::string_view from, std::string_view to);

/// Fails with 0A000 for a subquery and, when `immutable`, with 42P17 for what changes with time or
/// caller.
Done require_plain(const Expression& expression, int offset, std::string_view where,
                   bool immutable);

std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string quoted_columns(const Table& table, const std::vector<std::size_t>& columns);

}  // namespace dunlin::sql
