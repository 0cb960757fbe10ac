#include <fmt/format.h>

#include <algorithm>

#include "query/read_tree.h"

/// Which rows of a relation are read, and whether a row has rows of another.
namespace dunlin::query {

namespace {

Error bad_operator(std::string_view relation) {
    return Error{ErrorCode::InvalidInput,
                 fmt::format("Bad operator on the '{}' embedded resource", relation), "PGRST120",
                 "Only is null or not is null filters are allowed on embedded resources"};
}

/// `alias."a", alias."b"` of one side of the pairs.
std::string columns_sql(const Table& table, std::string_view alias, const ColumnPairs& pairs,
                        bool of_source) {
    std::string out;
    for (const auto& [source, target] : pairs) {
        out += (out.empty() ? "" : ", ") +
               column_sql({table, alias}, table.columns[of_source ? source : target]);
    }
    return out;
}

std::string equal_sql(const Table& left, std::string_view left_alias, const Table& right,
                      std::string_view right_alias, const ColumnPairs& pairs) {
    std::string out;
    for (const auto& [source, target] : pairs) {
        out += fmt::format("{}{} = {}", out.empty() ? "" : " and ",
                           column_sql({right, right_alias}, right.columns[target]),
                           column_sql({left, left_alias}, left.columns[source]));
    }
    return out;
}

std::string from_sql(const ReadTree& tree) {
    if (tree.function || tree.relationship->junction == nullptr)
        return fmt::format("{} as {}", tree.source.relation, tree.alias);
    return fmt::format("{} as {} cross join {} as {}", tree.junction.relation, tree.junction_alias,
                       tree.source.relation, tree.alias);
}

/// The rows of the relation for one parent, looked up by an index.
std::string correlated(const ReadTree& tree, std::string_view where, Parameters& parameters) {
    std::string range;
    if (tree.offset.value_or(0) > 0)
        range = " limit 1 offset " + parameters.add_count(*tree.offset);
    return fmt::format("exists (select 1 from {}{}{})", from_sql(tree), where, range);
}

}  // namespace

bool is_indexed(const Table& table, const ColumnPairs& pairs) {
    const auto leads = [&](const std::vector<std::size_t>& columns) {
        return !columns.empty() && std::any_of(pairs.begin(), pairs.end(), [&](const auto& pair) {
            return pair.second == columns.front();
        });
    };
    const auto key_leads = [&](const auto& key) { return leads(key.columns); };
    return leads(table.primary_key.columns) ||
           std::any_of(table.unique_keys.begin(), table.unique_keys.end(), key_leads) ||
           std::any_of(table.indexes.begin(), table.indexes.end(), key_leads);
}

std::string join_sql(const ReadTree& tree, std::string_view parent_alias) {
    if (tree.function) return {};
    const Relationship& r = *tree.relationship;
    return equal_sql(*r.source, parent_alias, *r.target, tree.alias, r.columns);
}

Result<std::string> tree_where(const ReadTree& tree, std::string_view join,
                               Parameters& parameters) {
    const EmbedFilter embeds = [&](const Filter& filter) -> Result<std::optional<std::string>> {
        const auto* child =
            filter.field.path.empty() ? find_child(tree, filter.field.column) : nullptr;
        if (child == nullptr) return std::nullopt;
        const bool null = filter.value == "null";
        if (filter.op != FilterOperator::Is || (!null && filter.value != "not_null")) {
            if (tree.table->find_column(filter.field.column)) return std::nullopt;
            return std::unexpected(bad_operator(filter.field.column));
        }
        auto exists = existence_sql(*child, tree.alias, parameters);
        if (!exists) return std::unexpected(exists.error());
        return null ? "not " + *exists : *exists;
    };
    std::string where;
    add_condition(where, join);
    add_condition(where, tree.source.condition);
    for (const Filter* filter : tree.filters) {
        const auto sql = filter_sql(tree.scope(), *filter, parameters, embeds);
        if (!sql) return sql;
        add_condition(where, *sql);
    }
    for (const ReadTree& child : tree.children) {
        if (!child.inner) continue;
        const auto exists = existence_sql(child, tree.alias, parameters);
        if (!exists) return exists;
        add_condition(where, *exists);
    }
    return where;
}

Result<std::string> existence_sql(const ReadTree& tree, std::string_view parent_alias,
                                  Parameters& parameters) {
    if (tree.limit == 0U) return "0";
    if (is_single_group(tree)) return "1";  // an aggregate of no rows is a row
    if (tree.function) {
        const auto where = tree_where(tree, "", parameters);
        if (!where) return where;
        return "(" + correlated(tree, *where, parameters) + ")";
    }
    const Relationship& r = *tree.relationship;
    const bool through = r.junction != nullptr;
    const Table& reached = through ? *r.junction : *r.target;
    const std::string& reached_alias = through ? tree.junction_alias : tree.alias;
    std::string join;
    if (through) {
        join = equal_sql(*r.junction, tree.junction_alias, *r.target, tree.alias, r.target_columns);
        if (!tree.junction.condition.empty())
            join += fmt::format(" and ({})", tree.junction.condition);
    }
    const std::string parent_join =
        equal_sql(*r.source, parent_alias, reached, reached_alias, r.columns);
    const bool look_up = is_indexed(reached, r.columns) || tree.offset.value_or(0) > 0;
    if (look_up) join = parent_join + (join.empty() ? "" : " and ") + join;
    const auto where = tree_where(tree, join, parameters);
    if (!where) return where;
    if (look_up) return "(" + correlated(tree, *where, parameters) + ")";
    // Without an index one pass over the relation is cheaper than one for each parent.
    return fmt::format("((({}) in (select {} from {}{})) is true)",
                       columns_sql(*r.source, parent_alias, r.columns, true),
                       columns_sql(reached, reached_alias, r.columns, false), from_sql(tree),
                       *where);
}

}  // namespace dunlin::query
