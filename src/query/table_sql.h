#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema.h"
#include "core/value.h"
#include "query/rest_query.h"
#include "query/row_values.h"

/// A RestQuery on a known table -> SQLite text and parameters. Pure. Values are always parameters;
/// names come only from the schema.
namespace dunlin::query {

/// One column of an answer: its JSON key and how to print it.
struct OutputColumn {
    std::string name;
    Type type;
};

/// A value of a row that is no column of its table: what a function over the row gives.
struct ComputedColumn {
    std::string sql;
    Type type;
};

/// The one of that name, over the columns of `table` as `alias`; nothing when there is none. May be
/// empty: none at all. Fails with 42501 and 0A000 for one that cannot be read.
using ComputedColumns = std::function<Result<std::optional<ComputedColumn>>(
    const Table& table, std::string_view name, std::string_view alias)>;

struct SqlText {
    std::string sql;
    std::vector<Value> parameters{};
};

/// Access conditions from policy::AccessRules; "" means unrestricted. They name the table `t`.
struct AccessConditions {
    std::string relation{};  // what stands in FROM when reading; "": the table's name
    std::string visible{};   // SELECT using
    std::string target{};    // UPDATE or DELETE using
    std::string check{};     // WITH CHECK of the command
    /// WITH CHECK of UPDATE where it or `visible` reads the table itself, as it was before: new
    /// rows are judged by both before the first is written, instead of by `check` after.
    std::string check_before{};
    std::string merged{};        // upsert: WITH CHECK of UPDATE, for the rows that are merged
    ComputedColumns computed{};  // for filters and orders
};

enum class Resolution : std::uint8_t { None, MergeDuplicates, IgnoreDuplicates };

/// The columns of ON CONFLICT: those of `on_conflict`, or the primary key; none when there is none.
/// Fails with 42703, and 42P10 for columns that are no key.
Result<std::vector<std::size_t>> conflict_columns(const Table& table, const RestQuery& query);

/// What a merge sets: of the columns that count those that are no part of the key, or the key
/// itself when nothing else does: a row must be updated to be returned. None without a key.
std::vector<std::size_t> merged_columns(const std::vector<std::size_t>& columns,
                                        const std::vector<std::size_t>& key);

struct InsertOptions {
    Resolution resolution = Resolution::None;
    std::vector<std::size_t> conflict{};  // conflict_columns(); unused without a resolution
    /// merged_columns(), with MergeDuplicates. One that a row does not give gets its default, as of
    /// a new row.
    std::vector<std::size_t> merged{};
};

/// The INSERTs of all rows, to be run in order in one transaction. What they write is not returned,
/// which would cost SQLite more than the writing: the engine captures it. Where there are
/// conditions, each row written is RETURNING 1, 0 or NULL for: WITH CHECK of INSERT, the SELECT
/// condition, and, with MergeDuplicates, WITH CHECK of UPDATE. For a merged row the first is of no
/// account and the last counts; for an inserted row the other way round. Rows that give the same
/// columns share statements of a few fixed lengths, so that the engine finds them compiled; SQLite
/// has no DEFAULT in VALUES.
///
/// The row proposed for insertion has to meet `check` and `visible` also when it meets another.
/// With MergeDuplicates that one is updated when it meets `target` and `visible` as well; otherwise
/// nothing is written for it. With IgnoreDuplicates a row that was there is updated, to what it
/// was, when it has to be refused.
std::vector<SqlText> insert_sql(const Table& table, std::vector<RowValues> rows,
                                const InsertOptions& options, const AccessConditions& access);

/// UPDATE … RETURNING every column of the table, in order, then 1, 0 or NULL for `check` and
/// `visible`, of the rows that meet the filters, `target` and `visible`;
/// with a limit of the first ones in the order of the query. Fails with PGRST109 for a limit
/// without an order, 42703 and the like for a filter.
Result<SqlText> update_sql(const Table& table, const RestQuery& query, RowValues values,
                           const AccessConditions& access);

/// The rows that update_sql or delete_sql would change, as they are: every column.
Result<SqlText> changed_rows_sql(const Table& table, const RestQuery& query,
                                 const AccessConditions& access);

/// DELETE … RETURNING every column, of rows chosen as by update_sql.
Result<SqlText> delete_sql(const Table& table, const RestQuery& query,
                           const AccessConditions& access);

}  // namespace dunlin::query
