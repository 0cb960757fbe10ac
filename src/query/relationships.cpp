#include "query/relationships.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace dunlin::query {

namespace {

/// A view that shows one column often would otherwise multiply them without bound.
constexpr std::size_t sides_max = 16;

/// A table or view with the columns in which it holds one side of a foreign key.
struct Side {
    const Table* table = nullptr;
    std::vector<std::size_t> columns;
};

/// The columns of a view that show `column` of `base`.
std::vector<std::size_t> shown_as(const Table& view, const Table& base, const std::string& column) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < view.columns.size(); ++i) {
        const Column& candidate = view.columns[i];
        if (!candidate.hidden && candidate.base_column == column &&
            candidate.base_table == base.storage_name()) {
            found.push_back(i);
        }
    }
    return found;
}

/// Every choice of view columns that together show `columns` of `base`.
std::vector<Side> sides_of_view(const Table& view, const Table& base,
                                const std::vector<std::string>& columns) {
    std::vector<Side> sides = {{&view, {}}};
    for (const std::string& column : columns) {
        const auto choices = shown_as(view, base, column);
        std::vector<Side> longer;
        for (const Side& side : sides) {
            for (const std::size_t choice : choices) {
                if (longer.size() == sides_max) break;
                longer.push_back(side);
                longer.back().columns.push_back(choice);
            }
        }
        sides = std::move(longer);
    }
    return sides;
}

/// The table itself and the views that show the columns.
std::vector<Side> sides_of(const Schema& schema, const Table& base,
                           const std::vector<std::string>& columns) {
    std::vector<Side> sides = {{&base, {}}};
    for (const std::string& column : columns) {
        const auto index = base.find_column(column);
        if (index) sides.front().columns.push_back(*index);
    }
    if (sides.front().columns.size() != columns.size()) sides.clear();
    for (const auto& [name, view] : schema.tables) {
        if (view.kind != RelationKind::View) continue;
        for (Side& side : sides_of_view(view, base, columns)) sides.push_back(std::move(side));
    }
    return sides;
}

std::vector<std::string> names_of(const Table& table, const std::vector<std::size_t>& columns) {
    std::vector<std::string> names;
    for (const std::size_t column : columns) names.push_back(table.columns[column].name);
    return names;
}

bool same_set(const std::vector<std::size_t>& left, const std::vector<std::size_t>& right) {
    return left.size() == right.size() &&
           std::is_permutation(left.begin(), left.end(), right.begin());
}

bool is_key(const Table& table, const std::vector<std::size_t>& columns) {
    return same_set(table.primary_key.columns, columns) ||
           std::any_of(table.unique_keys.begin(), table.unique_keys.end(),
                       [&](const Key& key) { return same_set(key.columns, columns); });
}

Relationship inverse(const Relationship& relationship) {
    Relationship turned = relationship;
    std::swap(turned.source, turned.target);
    for (auto& [source, target] : turned.columns) std::swap(source, target);
    if (turned.cardinality == Cardinality::ManyToOne) turned.cardinality = Cardinality::OneToMany;
    return turned;
}

/// The relationships of one foreign key, seen from the side that has it.
void add_foreign_key(const Schema& schema, const Table& table, const ForeignKey& key,
                     std::vector<Relationship>& found) {
    const Table* target = schema.find(key.target_schema, key.target_table);
    if (target == nullptr) return;
    const auto cardinality =
        is_key(table, key.columns) ? Cardinality::OneToOne : Cardinality::ManyToOne;
    const auto targets = sides_of(schema, *target, key.target_columns);
    for (const Side& from : sides_of(schema, table, names_of(table, key.columns))) {
        for (const Side& to : targets) {
            // A view of a table with a key to itself has it to the view and to the table.
            Relationship relationship{.cardinality = cardinality,
                                      .source = from.table,
                                      .target = to.table,
                                      .constraint = key.name};
            for (std::size_t i = 0; i < from.columns.size(); ++i) {
                relationship.columns.emplace_back(from.columns[i], to.columns[i]);
            }
            found.push_back(std::move(relationship));
        }
    }
}

/// Indexes of the primary key; of a view, where it shows that of the table behind its columns.
std::set<std::size_t> key_columns(const Schema& schema, const Table& table) {
    if (table.kind == RelationKind::Table)
        return {table.primary_key.columns.begin(), table.primary_key.columns.end()};
    std::set<std::size_t> columns;
    std::set<std::string> bases;
    for (const Column& column : table.columns) bases.insert(column.base_table);
    for (const std::string& base : bases) {
        const Table* behind = schema.find_storage(base);
        if (behind == nullptr) continue;
        for (const Side& side :
             sides_of_view(table, *behind, names_of(*behind, behind->primary_key.columns))) {
            columns.insert(side.columns.begin(), side.columns.end());
        }
    }
    return columns;
}

/// Two foreign keys of one table whose columns are part of its primary key join their targets.
void add_junction(const Schema& schema, const Table& junction,
                  const std::vector<const Relationship*>& keys, std::vector<Relationship>& found) {
    const auto primary = key_columns(schema, junction);
    const auto in_primary = [&](const Relationship& key) {
        return std::all_of(key.columns.begin(), key.columns.end(),
                           [&](const auto& pair) { return primary.contains(pair.first); });
    };
    for (const Relationship* from : keys) {
        for (const Relationship* to : keys) {
            if (from->constraint == to->constraint || !in_primary(*from) || !in_primary(*to))
                continue;
            found.push_back({.cardinality = Cardinality::ManyToMany,
                             .source = from->target,
                             .target = to->target,
                             .constraint = from->constraint,
                             .columns = inverse(*from).columns,
                             .junction = &junction,
                             .target_constraint = to->constraint,
                             .target_columns = to->columns});
        }
    }
}

/// PostgREST's order: to many, to one, one to one, many to many; then by name.
auto rank(const Relationship& relationship) {
    constexpr int ranks[] = {1, 2, 0, 3};  // by Cardinality
    return std::tuple(std::string_view(relationship.target->name),
                      ranks[static_cast<std::size_t>(relationship.cardinality)],
                      std::string_view(relationship.junction ? relationship.junction->name : ""),
                      std::string_view(relationship.constraint),
                      std::string_view(relationship.target_constraint));
}

}  // namespace

Relationships::Relationships(const Schema& schema) {
    std::vector<Relationship> found;
    for (const auto& [name, table] : schema.tables) {
        for (const ForeignKey& key : table.foreign_keys) add_foreign_key(schema, table, key, found);
    }
    std::map<const Table*, std::vector<const Relationship*>> keys;
    for (const Relationship& relationship : found) {
        if (relationship.cardinality == Cardinality::ManyToOne)
            keys[relationship.source].push_back(&relationship);
    }
    std::vector<Relationship> through;
    for (const auto& [junction, own] : keys) add_junction(schema, *junction, own, through);
    for (const Relationship& relationship : found) {
        by_source_[relationship.target->storage_name()].push_back(inverse(relationship));
    }
    for (auto* list : {&found, &through}) {
        for (Relationship& relationship : *list)
            by_source_[relationship.source->storage_name()].push_back(std::move(relationship));
    }
    for (auto& [source, list] : by_source_) {
        std::sort(list.begin(), list.end(), [](const auto& left, const auto& right) {
            return std::pair(rank(left), left.columns) < std::pair(rank(right), right.columns);
        });
    }
}

const std::vector<Relationship>& Relationships::of(const Table& source) const {
    static const std::vector<Relationship> none;
    const auto found = by_source_.find(source.storage_name());
    if (found == by_source_.end()) return none;
    const bool same = std::ranges::equal(found->second.front().source->columns, source.columns, {},
                                         &Column::name, &Column::name);
    return same ? found->second : none;
}

}  // namespace dunlin::query
