#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema.h"
#include "query/table_sql.h"

/// What the writers of statements share.
namespace dunlin::query {

/// The name of the table in every statement.
constexpr std::string_view table_alias = "t";

/// Collects the parameters of one statement.
class Parameters {
public:
    /// `?N` for the value.
    std::string add(Value value);
    /// The same for a limit or offset; SQLite's integers are signed.
    std::string add_count(std::uint64_t count);
    std::size_t count() const { return values_.size(); }
    std::vector<Value> take() { return std::move(values_); }

private:
    std::vector<Value> values_;
};

/// `"name"` and `'text'` with inner quotes doubled.
std::string quote_identifier(std::string_view name);
std::string quote_literal(std::string_view text);

/// A table under the name that it has in the statement.
struct Scope {
    const Table& table;
    std::string_view alias = table_alias;
    const ComputedColumns* computed = nullptr;  // null for none
    /// Whether FROM has the table itself, so that a row has its number.
    bool stored = false;
};

/// `t."column"`
std::string column_sql(const Scope& scope, const Column& column);

/// A value of `type` from the client's text or JSON. Fails as codec::parse_text, and with 0A000 for
/// NaN, which SQLite stores as NULL.
Result<Value> read_value(const Type& type, std::string_view text);
/// From the text of a JSON value.
Result<Value> read_json(const Type& type, std::string_view json);

/// A column or a JSON path in it, as SQL.
struct FieldExpression {
    std::string sql;
    Type type;
    const Column* column = nullptr;  // null for a computed one
    bool plain = true;               // a column of the table itself, without a path
};

/// Fails with 42703 for an unknown column, 42883 for a path into what is not JSON.
Result<FieldExpression> field_expression(const Scope& scope, const FieldPath& field,
                                         Parameters& parameters);

/// The argument of pg_json_get for one step: a text key or an integer index. An index beyond 32
/// bits is no element's.
Value step_value(const FieldPath::Step& step);

/// The JSON key of a field without an alias: the last name in its path.
std::string field_name(const FieldPath& field);

/// The place of a label in the order of its enum, as SQL.
std::string enum_rank_sql(const Type& type, std::string_view sql);

/// `sql`, a value of that type, as rows are ordered by it, whatever order it brings along. Fails
/// when there is none: 42883 for json, 0A000 for arrays.
Result<std::string> sort_key(const Type& type, std::string sql);

/// The column that a plain item of a select gives, a field of that type without an aggregate. Fails
/// with 42704.
Result<OutputColumn> output_column(const SelectItem& item, const Type& field_type);

/// A condition on a range. Fails with 42883 for a column of another type.
Result<std::string> range_filter(const FieldExpression& field, const Filter& filter,
                                 Parameters& parameters);

/// Whether a condition stands under a NOT.
enum class Sense : std::uint8_t { Plain, Negated };

/// A full-text search, by an index where there is one. Fails as range_filter().
Result<std::string> search_filter(const Scope& scope, const FieldExpression& field,
                                  const Filter& filter, Sense sense, Parameters& parameters);

/// Whether a row has rows of the embedded relation that a filter names, as SQL: `rel=not.is.null`.
/// Nothing when it names a column. Fails with PGRST120 for any other filter on a relation.
using EmbedFilter = std::function<Result<std::optional<std::string>>(const Filter& filter)>;

/// One condition or tree.
Result<std::string> filter_sql(const Scope& scope, const Filter& filter, Parameters& parameters,
                               const EmbedFilter& embeds);

/// Adds ` where (…)` or ` and (…)`; an empty condition adds nothing.
void add_condition(std::string& where, std::string_view condition);

/// ` where …` from the access conditions and the filters on the table itself, not those on embedded
/// relations; "" when everything matches.
Result<std::string> where_sql(const Scope& scope, const RestQuery& query,
                              const std::vector<std::string_view>& conditions,
                              Parameters& parameters);

/// 42703 `column patients.x does not exist`.
Error unknown_column(const Table& table, std::string_view column);
/// PGRST204 `Could not find the 'x' column of 'patients' in the schema cache`.
Error column_not_in_cache(const Table& table, std::string_view column);
/// 42883 `operator does not exist: integer ~~ unknown`.
Error no_operator(const Type& left, std::string_view op);

/// The type of `name` in `::name`. Fails with 42704.
Result<Type> cast_type(std::string_view name);
/// `sql::to`
std::string cast_sql(std::string sql, const Type& from, const Type& to);

/// `"a", "b"`
std::string name_list(const Table& table, const std::vector<std::size_t>& columns);

/// ` returning "a", …, (condition), …`: every column of the table, then 1, 0 or NULL for each
/// condition over the row; an empty condition always holds.
std::string returning_sql(const Table& table, const std::vector<std::string_view>& conditions);

/// The conditions alone; "" when all are empty.
std::string returning_verdicts(const Table& table, const std::vector<std::string_view>& conditions);

/// `condition` over a row whose columns have the values that `value_of` gives as SQL.
std::string condition_over_row(const Table& table, std::string_view condition,
                               const std::function<std::string(std::size_t)>& value_of);

}  // namespace dunlin::query
