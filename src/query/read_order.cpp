#include <fmt/format.h>

#include <algorithm>

#include "query/read_fields.h"

namespace dunlin::query {

namespace {

Error not_to_one(const ReadTree& tree, std::string_view relation) {
    return Error{ErrorCode::InvalidInput,
                 fmt::format("A related order on '{}' is not possible", relation), "PGRST118",
                 fmt::format("'{}' and '{}' do not form a many-to-one or one-to-one relationship",
                             tree.table->name, relation)};
}

}  // namespace

Result<void> FieldList::require_group(const OrderItem& item) const {
    if (!grouped_ || std::find(group_fields_.begin(), group_fields_.end(),
                               std::pair(item.relation, item.field)) != group_fields_.end()) {
        return {};
    }
    return std::unexpected(sql_error(
        "42803",
        fmt::format(
            "column \"{}.{}\" must appear in the GROUP BY clause or be used in an aggregate "
            "function",
            item.relation.empty() ? tree_.table->name : item.relation, item.field.column)));
}

Result<std::string> FieldList::order_term(const OrderItem& item) {
    const ReadTree* tree = &tree_;
    Place place = [](std::string expression) { return expression; };
    if (!item.relation.empty()) {
        tree = find_child(tree_, item.relation);
        if (tree == nullptr) return std::unexpected(not_embedded(item.relation));
        if (!tree->to_one()) return std::unexpected(not_to_one(tree_, item.relation));
        auto inside = place_in(*tree, tree_.alias, place);
        if (!inside) return std::unexpected(inside.error());
        place = std::move(*inside);
    }
    const auto grouped = require_group(item);
    if (!grouped) return std::unexpected(grouped.error());
    const auto field = field_expression(tree->scope(), item.field, parameters_);
    if (!field) return std::unexpected(field.error());
    const auto key = sort_key(field->type, place(field->sql));
    if (!key) return std::unexpected(key.error());
    std::string out = *key;
    out += item.descending ? " desc" : " asc";
    // Without nulls an index serves the order as it is.
    if (item.relation.empty() && field->plain && field->column->not_null) return out;
    return out + (item.nulls_first.value_or(item.descending) ? " nulls first" : " nulls last");
}

Result<std::vector<std::string>> FieldList::order_terms() {
    std::vector<std::string> terms;
    if (tree_.order == nullptr) return terms;
    for (const OrderItem& item : *tree_.order) {
        auto term = order_term(item);
        if (!term) return std::unexpected(term.error());
        terms.push_back(std::move(*term));
    }
    return terms;
}

}  // namespace dunlin::query
