#pragma once

#include <functional>
#include <map>

#include "sql/ddl.h"

/// How a core::Table is made in SQLite. Internal to the module.
namespace dunlin::sql {

/// The CREATE TABLE statement of `table` under the name `storage_name`. Fails when a stored text no
/// longer fits the columns, e.g. a check over a column whose type changed.
Parsed<std::string> create_table_text(const Schema& schema, const Table& table,
                                      std::string_view storage_name);

/// True for the serial or identity column that SQLite numbers: the table's whole primary key.
bool is_row_number(const Table& table, std::size_t column);

/// The definition of one column, as CREATE TABLE and ADD COLUMN have it.
Parsed<std::string> column_text(const Schema& schema, const Table& table, std::size_t column);

/// Adds what a column definition says to the model. The column is the table's last afterwards.
Done add_column(Builder& builder, Table& table, const PgQuery__ColumnDef& definition);
/// The rest of a column definition, once every column is there. Own: generated values, keys,
/// checks; then Foreign: foreign keys, which may point to the table's own keys.
enum class ConstraintPass : std::uint8_t { Own, Foreign };
Done add_column_constraints(Builder& builder, Table& table, std::size_t column,
                            const PgQuery__ColumnDef& definition, ConstraintPass pass);
/// Adds a constraint; `column` is the one it was written with, if any.
Done add_constraint(Builder& builder, Table& table, const PgQuery__Constraint& constraint,
                    std::optional<std::size_t> column);
/// The default of a column checked against its type and stored. Null drops it.
Done set_default(Builder& builder, Column& column, const PgQuery__Node* node);

/// Makes the table anew from the model and copies the rows: `sources` has a SQLite expression for a
/// column's name that is not copied as it is; columns of `added` are left to their defaults.
struct Copy {
    std::map<std::string, std::string> sources{};
    std::vector<std::string> added{};
};
Done rebuild_table(Builder& builder, const Table& table, const Copy& copy);

/// Views over `name`, direct or not, so that what follows may drop it; made again by restore_views.
std::vector<RelationName> drop_views_over(Builder& builder, const RelationName& name);
Done restore_views(Builder& builder, std::vector<RelationName> views);
/// CREATE VIEW of a view of the schema.
Parsed<std::string> create_view_text(const Schema& schema, const Table& view);
/// Analyzes the view's text again and takes over the types of its columns.
Done refresh_view(const Schema& schema, Table& view);
/// WITH (...) of a view: a list of DefElem nodes.
Done set_view_options(PgQuery__Node* const* options, std::size_t count, int offset, Table& view);

std::unexpected<Refusal> broken_view(const RelationName& name, const Error& cause);
/// After a change of tables: fails with 2BP01 when a policy or view of any table no longer fits.
Done require_valid_dependents(Builder& builder);
bool refers_to(const ForeignKey& key, const Table& table);
/// After rows of above.back() were deleted: what ON DELETE says of the rows that referred to them.
Done run_delete_actions(Builder& builder, std::vector<const Table*>& above);
/// Fails with 0A000 when a foreign key follows changes of the column.
Done require_no_update_action(const Builder& builder, const Table& target, std::string_view column,
                              int offset);
/// SQLite text of a column's default, "null" for none.
Parsed<std::string> default_value(const Schema& schema, const Column& column);
/// Takes away the foreign keys to `target` that `affected` picks: those of other tables under
/// CASCADE only (else 2BP01, naming `what`), its own always.
using ReferenceFilter = std::function<bool(const ForeignKey& key)>;
Done drop_references(Builder& builder, const Table& target, const ReferenceFilter& affected,
                     bool cascade, std::string_view what, int offset);

/// Takes a column out of the model: keys, indexes, foreign keys and checks over it go with it. A
/// full-text index goes at once, the rest when the table is made anew.
void remove_column(Builder& builder, Table& table, std::size_t column);

}  // namespace dunlin::sql
