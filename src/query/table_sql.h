#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/schema.h"
#include "core/value.h"
#include "query/rest_query.h"

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

struct InsertOptions {
    Resolution resolution = Resolution::None;
    bool missing_default = false;  // Prefer: missing=default; otherwise a missing key is NULL when
                                   // `columns` was given, as PostgREST does
};

/// The INSERTs of all rows, to be run in order in one transaction, each RETURNING every column of
/// the table (in order), then `_allowed` (0, 1 or NULL: the WITH CHECK condition) and `_visible`
/// (0, 1 or NULL: the SELECT condition). Consecutive rows with the same keys share a statement;
/// SQLite has no DEFAULT in VALUES, so a row that leaves other columns out gets its own. None for
/// an empty array. With MergeDuplicates a row that meets `target` and `visible`, and would meet
/// `merged` afterwards, is updated; others are left out of the result. `rows` is a JSON object or
/// array of objects; all have the same keys unless `columns` is given. Fails with PGRST102 (bad
/// body), PGRST204 (unknown column), 22P02 and kin (bad value), 428C9 (value for a generated
/// column), 23502 (null for a numbered column), 42P10 (`on_conflict` is no key), 0A000 (limit or
/// offset on a write).
Result<std::vector<SqlText>> insert_sql(const Table& table, const RestQuery& query,
                                        const boost::json::value& rows,
                                        const InsertOptions& options,
                                        const AccessConditions& access);

/// UPDATE … RETURNING as insert_sql, of the rows that meet `target` and `visible`. `values` is one
/// JSON object. Empty `sql` when there is nothing to set.
Result<SqlText> update_sql(const Table& table, const RestQuery& query,
                           const boost::json::value& values, const AccessConditions& access);

/// DELETE … RETURNING every column, of the rows that meet `target` and `visible`.
Result<SqlText> delete_sql(const Table& table, const RestQuery& query,
                           const AccessConditions& access);

/// Projects a full row (all columns of the table, as RETURNING gives it) to the `select` of the
/// query and appends it as a JSON object. Fails with 0A000 for count() of written rows.
Result<void> write_selected_json(const Table& table, const RestQuery& query, const Row& row,
                                 std::string& out);

/// Puts full rows of the table (what writes return) in the order of the query.
Result<void> sort_rows(const Table& table, const RestQuery& query, std::vector<Row>& rows);

}  // namespace dunlin::query
