#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema.h"
#include "core/value.h"
#include "query/relationships.h"
#include "query/rest_query.h"
#include "query/table_sql.h"

/// A select with everything it embeds -> statements and how their rows are put together. Pure.
namespace dunlin::query {

/// A relation as its reader may see it: `FROM {relation} as {alias} WHERE {condition}`.
struct RelationSource {
    std::string relation;     // a quoted name, or a query in parentheses
    std::string condition{};  // "" for every row
};

/// A function over a table's row that gives rows of `target`.
struct ComputedRelation {
    const Table* target = nullptr;  // as the reader sees it
    bool single = false;            // one row at most
    /// A query of all columns of `target` for the row `alias` of the statement around.
    std::function<std::string(std::string_view alias)> rows;
};

/// As ComputedColumns.
using ComputedRelations = std::function<Result<std::optional<ComputedRelation>>(
    const Table& table, std::string_view name)>;

/// Where the rows of the select itself come from.
enum class RowSource : std::uint8_t {
    Stored,    // the table
    Written,   // rows that a write returned: its filters, limit and offset are the write's
    Returned,  // rows that a function returned: filters, limit and offset are applied to them
};

/// Who reads, and what he may see.
struct ReadContext {
    const Relationships& relationships;  // of the schema as the reader sees it
    std::function<Result<RelationSource>(const Table& table, std::string_view alias)> source_of;
    RowSource source = RowSource::Stored;
    std::uint64_t rows_max = 0;
    /// Whether the project allows sum, avg, min, max and count().
    bool aggregates = false;
    bool total = true;  // whether ReadPlan::total is wanted
    ComputedColumns computed{};
    ComputedRelations computed_relations{};
};

struct ReadNode;

/// One member of an object of the answer.
struct ReadField {
    enum class Kind : std::uint8_t {
        Value,     // column
        Object,    // members, or null where `column` is NULL: a to-one relation of a grouped select
        Embedded,  // the rows of `child`
        Spread,    // `child_field` of the row of `child`, or an array of it from all its rows
    };
    Kind kind = Kind::Value;
    std::string name{};
    std::string key{};  // `"name":`
    Type type{};
    std::size_t column = 0;  // in the rows of the node
    std::size_t child = 0;
    std::size_t child_field = 0;
    std::vector<ReadField> members{};
};

/// One statement and what hangs on its rows.
///
/// The statement of a child takes the keys of all parents as its first parameter, a JSON array, and
/// gives as its first column the place of the key in that array, or the key itself
/// (keyed_by_value). Where the key has several columns the items are arrays. The key of a computed
/// relation is the whole row of the parent, NULLs included.
struct ReadNode {
    SqlText text{};
    std::vector<ReadField> fields{};
    std::vector<ReadNode> children{};
    // Of a child:
    bool to_one = false;
    bool keyed_by_value = false;
    bool keyed_by_row = false;
    std::vector<std::size_t> parent_columns{};  // the key, in the rows of the parent
    /// A parent without rows gets this one: a count() of nothing is 0.
    std::optional<Row> when_empty{};
};

struct ReadPlan {
    ReadNode root;
    /// Counts the rows of the root without limit and offset.
    SqlText total{};
    /// The rows of the root are given, in the first parameter of both statements.
    bool given = false;
    /// Given rows that need no statement: the columns of the given rows that those of the root are.
    std::optional<std::vector<std::size_t>> given_columns{};
};

/// Fails with 42703, 22P02, 42883 … for a wrong column or value, PGRST200 and PGRST201 for an
/// unknown or ambiguous relation, PGRST108 for a filter, order or limit of what is not embedded,
/// PGRST118, PGRST120, PGRST123, PGRST127, and LimitExceeded over limits::embeds_max.
Result<ReadPlan> plan_read(const Table& table, const RestQuery& query, const ReadContext& context);

}  // namespace dunlin::query
