#include "policy/correlation.h"

#include <utility>

#include "policy/expression_walk.h"
#include "sql/expression_shift.h"

namespace dunlin::policy {

using sql::Expression;
using sql::Query;
using Kind = Expression::Kind;

namespace {

/// Whether something of the row around the subquery decides, and nothing of its own rows.
bool is_of_outer_row(const Expression& e) {
    return looks_out(e, 1) && !has_subquery(e) && !any(e, [](const Expression& inner) {
               return inner.kind == Kind::Column && inner.depth == 0;
           });
}

Expression as_seen_outside(Expression e) {
    sql::shift(e, -1);
    return e;
}

/// `conjunct` is over both the row around the subquery and its own rows.
Result<void> tie(const Expression& conjunct, Correlation& found) {
    const bool equality = conjunct.kind == Kind::Operator && conjunct.name == "=";
    if (!equality || found.outer)
        return cannot_follow("a subquery tied to the row by more than one equality");
    for (const auto& [outer, inner] : {std::pair{0, 1}, {1, 0}}) {
        const Expression& of_row = conjunct.arguments[static_cast<std::size_t>(outer)];
        const Expression& other = conjunct.arguments[static_cast<std::size_t>(inner)];
        if (!is_of_outer_row(of_row) || looks_out(of_row, 2) || looks_out(other, 1)) continue;
        found.outer = as_seen_outside(of_row);
        found.inner = other;
    }
    if (!found.outer) return cannot_follow("this subquery");
    if (!hashes(found.outer->type))
        return cannot_follow("a subquery tied to the row by a numeric, char or JSON column");
    return {};
}

}  // namespace

std::unexpected<Error> cannot_follow(std::string what) {
    return std::unexpected(Error{ErrorCode::NotSupported,
                                 std::move(what) + " cannot be evaluated on live changes",
                                 "0A000"});
}

bool has_subquery(const Expression& e) {
    return any(e, [](const Expression& inner) {
        return inner.query != nullptr || inner.kind == Kind::Aggregate;
    });
}

bool hashes(const Type& type) {
    if (type.array || !collation_name(type).empty()) return false;
    switch (type.kind) {
        case TypeKind::Float4:
        case TypeKind::Float8:
        case TypeKind::Json:
        case TypeKind::Jsonb:
            return false;
        default:
            return true;
    }
}

void split_conjuncts(const Expression& e, std::vector<Expression>& out) {
    if (e.kind == Kind::Operator && e.name == "and") {
        for (const auto& argument : e.arguments) split_conjuncts(argument, out);
    } else {
        out.push_back(e);
    }
}

std::optional<Expression> join_conjuncts(std::vector<Expression> conjuncts) {
    if (conjuncts.empty()) return std::nullopt;
    if (conjuncts.size() == 1) return std::move(conjuncts[0]);
    return Expression{.kind = Kind::Operator,
                      .type = {.kind = TypeKind::Bool},
                      .name = "and",
                      .arguments = std::move(conjuncts)};
}

Result<Correlation> correlation_of(const Query& query) {
    Correlation found;
    std::vector<Expression> conjuncts;
    if (query.where) split_conjuncts(*query.where, conjuncts);
    for (auto& conjunct : conjuncts) {
        if (!looks_out(conjunct, 1)) {
            found.rest.push_back(std::move(conjunct));
        } else if (is_of_outer_row(conjunct) && !looks_out(conjunct, 2)) {
            found.conditions.push_back(as_seen_outside(std::move(conjunct)));
        } else if (auto tied = tie(conjunct, found); !tied) {
            return std::unexpected(tied.error());
        }
    }
    return found;
}

}  // namespace dunlin::policy
