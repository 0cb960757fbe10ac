#include "data/computed.h"

#include <algorithm>

#include "data/function_rights.h"
#include "policy/expression_walk.h"
#include "query/column_rights.h"
#include "sql/inlined.h"

namespace dunlin::data {

namespace {

/// What is read with the caller's rights takes his right to read it.
Result<void> require_read(const policy::AccessRules& rules, Role role,
                          const std::vector<policy::ReadRelation>& read) {
    for (const policy::ReadRelation& relation : read) {
        if (relation.reads == policy::Reads::AsOwner) continue;
        auto granted = rules.require(*relation.table, Command::Select, role);
        if (!granted) return granted;
        const Table* seen = rules.schema_for(role).find_storage(relation.table->storage_name());
        const auto hidden = [&](std::size_t column) { return seen->columns.at(column).hidden; };
        if (seen != nullptr && std::ranges::any_of(relation.columns, hidden))
            return std::unexpected(query::permission_denied(*relation.table));
    }
    return {};
}

/// Finds functions over the rows of tables, as one role may call them.
struct Reader {
    const policy::AccessRules& rules;
    Role role;

    const Function* find(const Table& table, std::string_view name) const {
        // What a function returns has no type of its own, though it may have a table's name.
        if (rules.schema_for(role).find_storage(table.storage_name()) != &table) return nullptr;
        return sql::function_over(rules.schema(), table, name);
    }

    /// What was inlined; none where the function is of another kind.
    template <typename Inlined>
    Result<std::optional<Inlined>> readable(const Function& function,
                                            Result<std::optional<Inlined>> inlined) const {
        // It was read whole when it was made: what it does not find now is hidden from the role.
        if (!inlined && inlined.error().sqlstate == "42703") return std::optional<Inlined>();
        if (!inlined || !*inlined) return inlined;
        auto allowed = require_executor(function, role);
        if (allowed) allowed = require_read(rules, role, read_by(**inlined));
        if (!allowed) return std::unexpected(allowed.error());
        return inlined;
    }

    static std::vector<policy::ReadRelation> read_by(const sql::Expression& value) {
        return policy::relations_of(value);
    }
    static std::vector<policy::ReadRelation> read_by(const sql::ComputedRelation& relation) {
        return policy::relations_of(relation.query);
    }
};

Result<std::optional<query::ComputedColumn>> computed_column(const Reader& reader,
                                                             const Table& table,
                                                             std::string_view name,
                                                             std::string_view alias) {
    std::optional<query::ComputedColumn> none;
    const Function* function = reader.find(table, name);
    if (function == nullptr) return none;
    const auto value =
        reader.readable(*function, sql::computed_column(reader.rules.schema(), table, name));
    if (!value) return std::unexpected(value.error());
    if (!*value) return none;
    const auto filter = reader.rules.relation_filter(reader.role);
    return query::ComputedColumn{sql::sqlite_text(**value, alias, filter), (*value)->type};
}

Result<std::optional<query::ComputedRelation>> computed_relation(const Reader& reader,
                                                                 const Table& table,
                                                                 std::string_view name) {
    std::optional<query::ComputedRelation> none;
    const Function* function = reader.find(table, name);
    if (function == nullptr) return none;
    auto found =
        reader.readable(*function, sql::computed_relation(reader.rules.schema(), table, name));
    if (!found) return std::unexpected(found.error());
    if (!*found) return none;
    const Table* target = reader.rules.schema_for(reader.role).find_storage(function->result_table);
    if (target == nullptr) return none;
    const auto rows = [reader, query = std::move((*found)->query)](std::string_view alias) {
        return sql::sqlite_text(query, alias, reader.rules.relation_filter(reader.role));
    };
    return query::ComputedRelation{target, (*found)->single, rows};
}

}  // namespace

query::ComputedColumns computed_columns(const policy::AccessRules& rules, Role role) {
    return [&rules, role](const Table& table, std::string_view name, std::string_view alias) {
        return computed_column({rules, role}, table, name, alias);
    };
}

query::ComputedRelations computed_relations(const policy::AccessRules& rules, Role role) {
    return [&rules, role](const Table& table, std::string_view name) {
        return computed_relation({rules, role}, table, name);
    };
}

}  // namespace dunlin::data
