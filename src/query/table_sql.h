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
    std::string visible{};  // SELECT using
    std::string target{};   // UPDATE or DELETE using
    std::string check{};    // WITH CHECK of the command
};

/// `select … from t where …` with order, limit and offset.
/// Fails with 42703 `column patients.x does not exist`, PGRST204, 22P02 for a value that is not of the
/// column's type, PGRST200 for an embedding (not supported yet).
Result<SqlText> select_sql(const Table& table, const RestQuery& query, const AccessConditions& access,
                           std::uint64_t limit_max);

/// `select count(*) …` of the rows that select_sql would return without limit and offset.
Result<SqlText> count_sql(const Table& table, const RestQuery& query, const AccessConditions& access);

enum class Resolution : std::uint8_t { None, MergeDuplicates, IgnoreDuplicates };

struct InsertOptions {
    Resolution resolution = Resolution::None;
    bool missing_default = false;  // Prefer: missing=default; otherwise a missing key is NULL when
                                   // `columns` was given, as PostgREST does
};

/// One INSERT for all rows, RETURNING every column of the table (in order), then one more column
/// `_allowed` (0 or 1: the WITH CHECK condition) and `_visible` (0 or 1: the SELECT condition).
/// `rows` is a JSON object or array of objects. Empty `sql` when there is nothing to insert.
/// Fails with PGRST102 (bad body), PGRST204 (unknown column), 22P02 and kin (bad value),
/// 428C9 (value for a generated column).
Result<SqlText> insert_sql(const Table& table, const RestQuery& query, const boost::json::value& rows,
                           const InsertOptions& options, const AccessConditions& access);

/// UPDATE … RETURNING as insert_sql. `values` is one JSON object. Empty `sql` when it has no keys.
Result<SqlText> update_sql(const Table& table, const RestQuery& query,
                           const boost::json::value& values, const AccessConditions& access);

/// DELETE … RETURNING every column.
Result<SqlText> delete_sql(const Table& table, const RestQuery& query, const AccessConditions& access);

/// Projects a full row (all columns of the table, as RETURNING gives it) to the `select` of the query and
/// appends it as a JSON object.
Result<void> write_selected_json(const Table& table, const RestQuery& query, const Row& row,
                                 std::string& out);

}  // namespace dunlin::query
