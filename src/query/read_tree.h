#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/read_plan.h"
#include "query/sql_builder.h"

/// The relations of a select, resolved: between the grammar's tree and the statements.
namespace dunlin::query {

/// The table of the request, or a relation that is embedded in another. Borrows from the RestQuery.
struct ReadTree {
    const Table* table = nullptr;
    std::string alias;     // in statements
    std::string relation;  // as the select names it
    std::string name;      // its key in the answer
    const std::vector<SelectItem>* items = nullptr;
    std::vector<const Filter*> filters{};
    const std::vector<OrderItem>* order = nullptr;  // null for none
    std::optional<std::uint64_t> limit{}, offset{};
    RelationSource source{};
    const ComputedColumns* computed = nullptr;
    // Embedded, by the one or the other:
    const Relationship* relationship = nullptr;
    struct OfFunction {
        bool single = false;
        std::string keyed{};  // keyed_rows(); `source` has its correlated_rows()
    };
    std::optional<OfFunction> function{};
    std::string hint{};
    bool inner = false;
    bool spread = false;
    std::string junction_alias{};
    RelationSource junction{};
    /// As many as `items` has relations, in their order.
    std::vector<ReadTree> children{};

    Scope scope() const { return {*table, alias, computed, has_row_numbers()}; }
    /// Whether the rows come from the table itself, not from a query.
    bool has_row_numbers() const;
    bool to_one() const {
        return function ? function->single : relationship != nullptr && relationship->to_one();
    }
};

/// Fails as plan_read for relations, and for aggregates that are not allowed.
Result<ReadTree> read_tree(const Table& table, const RestQuery& query, const ReadContext& context);

/// `count` without parentheses, where the table has no such column: PostgreSQL takes it for the
/// function, and so it is allowed where aggregates are not.
bool is_legacy_count(const Table& table, const SelectItem& item);

/// Whether the item is an aggregate of its own relation's rows.
bool is_aggregate(const Table& table, const SelectItem& item);

/// Whether the rows are grouped: by an aggregate of theirs or of a relation that is spread into
/// them.
bool is_grouped(const ReadTree& tree);

/// A grouped relation whose rows are always one: nothing but aggregates.
bool is_single_group(const ReadTree& tree);

/// `rel()` asks for nothing, and so does `rel(other())`.
bool is_empty(const ReadTree& tree);

/// The embedded relation of that key, as filters on it and orders by it name it.
const ReadTree* find_child(const ReadTree& tree, std::string_view name);

/// PGRST108 `'x' is not an embedded resource in this request`.
Error not_embedded(std::string_view relation);

/// ` where …` of a relation: its own access condition, filters and inner relations. `join` is a
/// condition of its own, or "".
Result<std::string> tree_where(const ReadTree& tree, std::string_view join, Parameters& parameters);

/// Whether an index leads from the second columns of the pairs to the rows of the table.
bool is_indexed(const Table& table, const ColumnPairs& pairs);

/// `alias."a" = parent."b" and …`, without a junction; "" of a
/// computed relation.
std::string join_sql(const ReadTree& tree, std::string_view parent_alias);

/// Whether the row `parent_alias` has rows of the embedded relation, as SQL: 1 or 0, never NULL.
Result<std::string> existence_sql(const ReadTree& tree, std::string_view parent_alias,
                                  Parameters& parameters);

}  // namespace dunlin::query
