#include "query/read_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "query/cursor.h"
#include "query/given_rows.h"

namespace dunlin::query {

namespace {

Error aggregates_not_allowed() {
    return Error{ErrorCode::InvalidInput, "Use of aggregate functions is not allowed", "PGRST123"};
}

Error not_implemented(std::string details) {
    return Error{ErrorCode::InvalidInput, "Feature not implemented", "PGRST127",
                 std::move(details)};
}

/// Builds a tree in steps: names as the select has them, then what the other parameters say of
/// them, then their tables.
class TreeReader {
public:
    explicit TreeReader(const ReadContext& context) : context_(context) {}

    Result<void> add_children(ReadTree& tree, const std::vector<SelectItem>& items) {
        tree.items = &items;
        for (const SelectItem& item : items) {
            if (item.kind != SelectItem::Kind::Relation) continue;
            if (++embeds_ > limits::embeds_max) {
                return std::unexpected(limit_error(
                    fmt::format("a request embeds at most {} relations", limits::embeds_max)));
            }
            ReadTree child;
            child.alias = fmt::format("{}{}", table_alias, embeds_);
            child.junction_alias = fmt::format("j{}", embeds_);
            child.relation = item.relation;
            child.name = item.alias.empty() ? item.relation : item.alias;
            child.spread = item.spread;
            child.computed = &context_.computed;
            for (const std::string& hint : item.hints) {
                if (hint == "inner") child.inner = true;
                if (hint != "inner" && hint != "left") child.hint = hint;
            }
            const auto added = add_children(child, item.items);
            if (!added) return added;
            tree.children.push_back(std::move(child));
        }
        return {};
    }

    Result<void> resolve_children(ReadTree& tree) const {
        for (ReadTree& child : tree.children) {
            const auto computed = resolve_computed(tree, child);
            if (!computed) return std::unexpected(computed.error());
            if (*computed) continue;
            const auto found = context_.relationships.find(*tree.table, child.relation, child.hint);
            if (!found) return std::unexpected(found.error());
            child.relationship = *found;
            child.table = (*found)->target;
            auto source = context_.source_of(*child.table, child.alias);
            if (!source) return std::unexpected(source.error());
            child.source = std::move(*source);
            if ((*found)->junction != nullptr) {
                auto junction = context_.source_of(*(*found)->junction, child.junction_alias);
                if (!junction) return std::unexpected(junction.error());
                child.junction = std::move(*junction);
            }
            const auto resolved = resolve_children(child);
            if (!resolved) return resolved;
        }
        return {};
    }

private:
    /// A function of the name wins over keys, as in PostgREST; a hint is about keys.
    Result<bool> resolve_computed(const ReadTree& tree, ReadTree& child) const {
        if (!context_.computed_relations || !child.hint.empty()) return false;
        const auto found = context_.computed_relations(*tree.table, child.relation);
        if (!found) return std::unexpected(found.error());
        if (!*found) return false;
        const ComputedRelation& relation = **found;
        child.table = relation.target;
        child.source.relation = correlated_rows(relation, tree.alias, child.alias);
        child.function = {relation.single, keyed_rows(relation, *tree.table, child.alias)};
        const auto resolved = resolve_children(child);
        if (!resolved) return std::unexpected(resolved.error());
        return true;
    }

    const ReadContext& context_;
    std::size_t embeds_ = 0;
};

/// A filter or option may name a relation by its alias or by its own name.
Result<ReadTree*> find_path(ReadTree& tree, const std::vector<std::string>& path) {
    ReadTree* at = &tree;
    for (const std::string& name : path) {
        const auto child =
            std::find_if(at->children.begin(), at->children.end(), [&](const ReadTree& candidate) {
                return candidate.relation == name || (!candidate.spread && candidate.name == name);
            });
        if (child == at->children.end()) return std::unexpected(not_embedded(name));
        at = &*child;
    }
    return at;
}

Result<void> distribute(ReadTree& tree, const RestQuery& query, RowSource source) {
    for (const Filter& filter : query.filters) {
        if (filter.relation_path.empty() && source == RowSource::Written) continue;
        const auto target = find_path(tree, filter.relation_path);
        if (!target) return std::unexpected(target.error());
        (*target)->filters.push_back(&filter);
    }
    for (const EmbeddedOption& option : query.embedded) {
        const auto target = find_path(tree, option.relation_path);
        if (!target) return std::unexpected(target.error());
        if (!option.order.empty()) (*target)->order = &option.order;
        if (option.limit) (*target)->limit = option.limit;
        if (option.offset) (*target)->offset = option.offset;
    }
    return {};
}

bool has_aggregate(const ReadTree& tree) {
    return std::any_of(tree.items->begin(), tree.items->end(),
                       [&](const SelectItem& item) { return is_aggregate(*tree.table, item); });
}

/// PostgREST does not know the older count for an aggregate, so that it groups by nothing.
Result<void> check_legacy_count(const ReadTree& tree) {
    const auto& items = *tree.items;
    const bool legacy = std::any_of(items.begin(), items.end(), [&](const SelectItem& item) {
        return is_legacy_count(*tree.table, item);
    });
    const auto plain = std::find_if(items.begin(), items.end(), [&](const SelectItem& item) {
        return item.kind != SelectItem::Kind::Relation && !is_aggregate(*tree.table, item);
    });
    if (!legacy || plain == items.end()) return {};
    const auto first = std::ranges::find(tree.table->columns, false, &Column::hidden);
    const bool all = plain->kind == SelectItem::Kind::All && first != tree.table->columns.end();
    return std::unexpected(sql_error(
        "42803", fmt::format("column \"{}.{}\" must appear in the GROUP BY clause or be used in an "
                             "aggregate function",
                             tree.table->name, all ? first->name : plain->field.column)));
}

Result<void> check_aggregates(const ReadTree& tree, bool allowed) {
    for (const SelectItem& item : *tree.items) {
        const bool explicit_one =
            is_aggregate(*tree.table, item) && !is_legacy_count(*tree.table, item);
        if (explicit_one && !allowed) return std::unexpected(aggregates_not_allowed());
    }
    const auto grouped = check_legacy_count(tree);
    if (!grouped) return grouped;
    for (const ReadTree& child : tree.children) {
        const auto checked = check_aggregates(child, allowed);
        if (!checked) return checked;
        if (child.spread && !child.to_one() && is_grouped(child)) {
            return std::unexpected(not_implemented(
                "Aggregates are not implemented for one-to-many or many-to-many spreads."));
        }
    }
    return {};
}

}  // namespace

Error not_embedded(std::string_view relation) {
    return Error{
        ErrorCode::InvalidInput,
        fmt::format("'{}' is not an embedded resource in this request", relation), "PGRST108", "",
        fmt::format("Verify that '{}' is included in the 'select' query parameter.", relation)};
}

bool is_legacy_count(const Table& table, const SelectItem& item) {
    return item.kind == SelectItem::Kind::Field && item.aggregate.empty() &&
           item.field.column == "count" && item.field.path.empty() && !table.find_column("count");
}

bool is_aggregate(const Table& table, const SelectItem& item) {
    return item.kind == SelectItem::Kind::Count ||
           (item.kind == SelectItem::Kind::Field && !item.aggregate.empty()) ||
           is_legacy_count(table, item);
}

bool is_grouped(const ReadTree& tree) {
    return has_aggregate(tree) ||
           std::any_of(tree.children.begin(), tree.children.end(),
                       [](const ReadTree& child) { return child.spread && is_grouped(child); });
}

bool is_single_group(const ReadTree& tree) {
    if (!is_grouped(tree)) return false;
    const bool own = std::all_of(tree.items->begin(), tree.items->end(), [&](const auto& item) {
        return item.kind == SelectItem::Kind::Relation || is_aggregate(*tree.table, item);
    });
    return own && std::all_of(tree.children.begin(), tree.children.end(), [](const auto& child) {
               return is_empty(child) || (child.spread && is_single_group(child));
           });
}

bool ReadTree::has_row_numbers() const {
    return table->kind == RelationKind::Table &&
           source.relation == quote_identifier(table->storage_name());
}

bool is_empty(const ReadTree& tree) {
    return tree.children.size() == tree.items->size() &&
           std::all_of(tree.children.begin(), tree.children.end(), is_empty);
}

const ReadTree* find_child(const ReadTree& tree, std::string_view name) {
    const auto found = std::find_if(tree.children.begin(), tree.children.end(),
                                    [&](const ReadTree& child) { return child.name == name; });
    return found == tree.children.end() ? nullptr : &*found;
}

Result<ReadTree> read_tree(const Table& table, const RestQuery& query, const ReadContext& context) {
    static const std::vector<SelectItem> everything = {{.kind = SelectItem::Kind::All}};
    ReadTree tree;
    tree.table = &table;
    tree.alias = table_alias;
    tree.relation = tree.name = table.name;
    tree.computed = &context.computed;
    TreeReader reader(context);
    auto done = reader.add_children(tree, query.select.empty() ? everything : query.select);
    if (done) done = distribute(tree, query, context.source);
    if (done) done = reader.resolve_children(tree);
    if (done) done = check_aggregates(tree, context.aggregates);
    if (!done) return std::unexpected(done.error());
    if (!query.order.empty()) tree.order = &query.order;
    if (context.source != RowSource::Written) {
        tree.limit = query.limit;
        tree.offset = query.offset;
    }
    if (context.source != RowSource::Stored) return tree;
    auto source = context.source_of(table, tree.alias);
    if (!source) return std::unexpected(source.error());
    tree.source = std::move(*source);
    return tree;
}

}  // namespace dunlin::query
