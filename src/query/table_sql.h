#pragma once

#include <optional>
#include <string>
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

struct SqlText {
    std::string sql;
    std::vector<Value> parameters{};
    std::vector<OutputColumn> columns{};
};

/// Access conditions from policy::AccessRules; "" means unrestricted. They name the table `t`.
struct AccessConditions {
    std::string relation{};  // what stands in FROM when reading; "": the table's name
    std::string visible{};   // SELECT using
    std::string target{};    // UPDATE or DELETE using
    std::string check{};     // WITH CHECK of the command
    std::string merged{};    // upsert: WITH CHECK of UPDATE, for the rows that are merged
};

/// `select … from t where …` with order, limit and offset; at most `limit_max` rows.
/// Fails with 42703 `column patients.x does not exist`, 22P02 and kin for a value that is not of
/// the column's type, 42883 for an operator that its type lacks, 0A000 for one not supported yet
/// (full text, ranges), PGRST200 for an embedding, PGRST108 for a filter on one, PGRST123 for an
/// aggregate other than count(), LimitExceeded for too many values.
Result<SqlText> select_sql(const Table& table, const RestQuery& query,
                           const AccessConditions& access, std::uint64_t limit_max);

/// `select count(*) …` of the rows that select_sql would return without limit and offset.
Result<SqlText> count_sql(const Table& table, const RestQuery& query,
                          const AccessConditions& access);

enum class Resolution : std::uint8_t { None, MergeDuplicates, IgnoreDuplicates };

/// The columns of ON CONFLICT: those of `on_conflict`, or the primary key; none when there is none.
/// Fails with 42703, and 42P10 for columns that are no key.
Result<std::vector<std::size_t>> conflict_columns(const Table& table, const RestQuery& query);

struct InsertOptions {
    Resolution resolution = Resolution::None;
    std::vector<std::size_t> conflict{};  // conflict_columns(); unused without a resolution
};

/// The INSERTs of all rows, to be run in order in one transaction, each RETURNING every column of
/// the table, in order, and then 1, 0 or NULL for: WITH CHECK of INSERT, the SELECT condition, and,
/// with MergeDuplicates, WITH CHECK of UPDATE. For a merged row the first is of no account and the
/// last counts; for an inserted row the other way round. Rows that give the same columns share
/// statements of a few fixed lengths, so that the engine finds them compiled; SQLite has no DEFAULT
/// in VALUES.
///
/// With MergeDuplicates an existing row is updated when it meets `target` and `visible` and the
/// row proposed for insertion meets `check`; else it is left out of the result.
std::vector<SqlText> insert_sql(const Table& table, std::vector<RowValues> rows,
                                const InsertOptions& options, const AccessConditions& access);

/// UPDATE … RETURNING as insert_sql, of the rows that meet the filters, `target` and `visible`;
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

/// Projects a full row (all columns of the table, as RETURNING gives it) to the `select` of the
/// query and appends it as a JSON object. Fails with 0A000 for count() of written rows.
Result<void> write_selected_json(const Table& table, const RestQuery& query, const Row& row,
                                 std::string& out);

/// Puts full rows of the table (what writes return) in the order of the query.
Result<void> sort_rows(const Table& table, const RestQuery& query, std::vector<Row>& rows);

}  // namespace dunlin::query
