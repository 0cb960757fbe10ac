// Views as a role reads them. SQLite keeps a view's query as it is, without policies: right for a
// view with its owner's rights, who sees everything, and too much for one with the caller's.
#include <algorithm>

#include "policy/expression_walk.h"
#include "policy/rules.h"

namespace dunlin::policy {

/// Whether what stands in a view is read with the rights of the caller: in a view that says so, and
/// in a view in another.
bool AccessRules::Rules::asks_caller(const Table& view, const ReadRelation& inner) {
    if (inner.reads == Reads::AsOwner) return false;
    return view.security_invoker || inner.table->kind == RelationKind::View;
}

/// Whether reading a relation as SQLite has it shows rows that `role` may not see. A view with the
/// caller's rights asks for the caller's also where another view reads it.
bool AccessRules::Rules::hides_rows(const Table& relation, Role role) const {
    if (relation.kind == RelationKind::Table) {
        const auto found = rule(relation, Command::Select, role, Side::Using);
        return found.kind != sql::Expression::Kind::Literal || found.value != Value::boolean(true);
    }
    return std::ranges::any_of(relations_of(views.at(&relation)), [&](const auto& inner) {
        return asks_caller(relation, inner) && hides_rows(*inner.table, role);
    });
}

std::string AccessRules::Rules::source(const Table& relation, Role role) const {
    if (relation.kind == RelationKind::Table || !hides_rows(relation, role)) return {};
    sql::Query query = views.at(&relation);
    for (std::size_t i = 0; i < query.targets.size(); ++i) {
        query.targets[i].name = relation.columns[i].name;
    }
    sql::RelationFilter inside = filter(role, {});
    if (!relation.security_invoker) inside.condition = nullptr;
    return "(" + sql::sqlite_text(query, inside) + ")";
}

}  // namespace dunlin::policy
