#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "query/read_tree.h"

namespace dunlin::query {

/// What one statement selects, and the members of the answer made of it.
class FieldList {
public:
    FieldList(const ReadTree& tree, Parameters& parameters)
        : tree_(tree), parameters_(parameters), grouped_(is_grouped(tree)) {}

    /// Everything the select asks for. `plan_child` makes the node of an embedded relation; not
    /// called where rows are grouped: there only to-one relations are carried, within the
    /// statement.
    using PlanChild = std::function<Result<ReadNode>(const ReadTree& child)>;
    Result<void> add_items(const PlanChild& plan_child);

    const std::vector<std::string>& outputs() const { return outputs_; }  // expressions
    /// Ordinals of the outputs that are no aggregates.
    const std::vector<std::size_t>& groups() const { return groups_; }
    bool grouped() const { return grouped_; }
    /// For each output the column of the table that it is; none when one of them is computed.
    std::optional<std::vector<std::size_t>> plain_columns() const;

    /// ` order by …`, "" for none. Fails with PGRST108, PGRST118, and 42803 for what is not
    /// grouped.
    Result<std::vector<std::string>> order_terms();

    std::vector<ReadField> fields{};
    std::vector<ReadNode> children{};
    /// For each output, its value where an aggregate sees no rows.
    std::vector<Value> empty_values{};

private:
    /// Where an expression stands: in the statement's own row, or in the row of a to-one relation.
    using Place = std::function<std::string(std::string expression)>;

    std::size_t add_output(std::string sql, std::optional<std::size_t> column = {});
    std::size_t add_grouped(std::string sql, std::optional<std::size_t> column = {});
    void add_every_column(const Scope& scope, const Place& place, std::vector<ReadField>& into);
    Result<void> add_item(const ReadTree& tree, const SelectItem& item, const Place& place,
                          std::vector<ReadField>& into);
    Result<void> add_field(const ReadTree& tree, const SelectItem& item, const Place& place,
                           std::vector<ReadField>& into);
    Result<void> add_aggregate(const ReadTree& tree, const SelectItem& item, const Place& place,
                               std::vector<ReadField>& into);
    Result<void> add_tree(const ReadTree& tree, const Place& place, std::vector<ReadField>& into);
    Result<void> add_relation(const ReadTree& child, const std::string& parent_alias,
                              const Place& place, std::vector<ReadField>& into);
    Result<void> add_inline(const ReadTree& child, const std::string& parent_alias,
                            const Place& place, std::vector<ReadField>& into);
    Result<void> embed(const ReadTree& child);
    Result<Place> place_in(const ReadTree& child, const std::string& parent_alias,
                           const Place& place);
    Result<std::string> order_term(const OrderItem& item);
    Result<void> require_group(const OrderItem& item) const;

    const ReadTree& tree_;
    Parameters& parameters_;
    bool grouped_;
    const PlanChild* plan_child_ = nullptr;
    std::vector<std::string> outputs_;
    std::vector<std::optional<std::size_t>> columns_;  // of the outputs that are plain columns
    std::vector<std::size_t> groups_;
    /// Fields that are grouped by: relation ("" for the own) and path.
    std::vector<std::pair<std::string, FieldPath>> group_fields_;
};

/// An aggregate function over an expression.
struct AggregateSql {
    std::string sql;
    Type type;
};

/// `sum`, `avg`, `min`, `max` or `count` over `argument`, a value of `type`, with PostgreSQL's
/// result type. Fails with 42883 for a type that it does not take.
Result<AggregateSql> aggregate_sql(const std::string& function, const std::string& argument,
                                   const Type& type);

}  // namespace dunlin::query
