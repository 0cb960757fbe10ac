// One value beside several: IN, BETWEEN, ANY and ALL.
#include <algorithm>

#include "core/functions/type_spec.h"
#include "sql/analyzer.h"

namespace dunlin::sql {

Parsed<Expression> Analyzer::in_list(const PgQuery__AExpr& node, const Scope& scope) {
    auto subject = expression(*node.lexpr, scope);
    if (!subject) return subject;
    Expression result{.kind = Expression::Kind::In, .type = bool_type()};
    result.negated = dotted_name(node.name, node.n_name) == "<>";
    const PgQuery__List& items_node = *node.rexpr->list;
    auto items = list(items_node.items, items_node.n_items, scope);
    if (!items) return std::unexpected(items.error());
    for (std::size_t i = 0; i < items->size(); ++i) {
        const auto unified = unify(*subject, (*items)[i]);
        if (!unified) return refuse(location_of(*items_node.items[i]), unified.error());
        if (!*unified) return no_operator("=", *subject, (*items)[i], node.location);
    }
    for (auto& item : *items) {  // an earlier item may have had a narrower type
        auto typed = coerce(std::move(item), subject->type);
        if (!typed) return refuse(node.location, typed.error());
        item = std::move(*typed);
    }
    if (auto equal = require_equality(subject->type, node.location); !equal)
        return std::unexpected(equal.error());
    result.arguments.push_back(std::move(*subject));
    std::move(items->begin(), items->end(), std::back_inserter(result.arguments));
    return result;
}

Parsed<Expression> Analyzer::between(const PgQuery__AExpr& node, const Scope& scope) {
    const PgQuery__List& ends = *node.rexpr->list;
    Expression both = make_operator("and", bool_type(), {});
    for (std::size_t i = 0; i < 2; ++i) {
        auto subject = expression(*node.lexpr, scope);
        auto end = expression(*ends.items[i], scope);
        if (!subject) return subject;
        if (!end) return end;
        auto test =
            comparison(i == 0 ? ">=" : "<=", std::move(*subject), std::move(*end), node.location);
        if (!test) return test;
        both.arguments.push_back(std::move(*test));
    }
    if (node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN) return both;
    return make_operator("not", bool_type(), {std::move(both)});
}

Parsed<Expression> Analyzer::any_of_array(const PgQuery__AExpr& node, const Scope& scope) {
    const std::string name = dotted_name(node.name, node.n_name);
    const bool any = node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY;
    if (!(any && name == "=") && !(!any && name == "<>")) {
        return not_carried(node.location, name + (any ? " ANY" : " ALL"), "Use = ANY or <> ALL.");
    }
    auto subject = expression(*node.lexpr, scope);
    auto array = expression(*node.rexpr, scope);
    if (!subject) return subject;
    if (!array) return array;
    if (is_unknown(*array)) {
        Type wanted = is_unknown(*subject) ? text_type() : subject->type;
        wanted.array = true;
        auto typed = coerce(std::move(*array), wanted);
        if (!typed) return refuse(node.location, typed.error());
        array = std::move(*typed);
    }
    if (!array->type.array)
        return refuse(node.location, "42809", "op ANY/ALL (array) requires array on right side");
    // Elements are read from the array as the type in which they compare with the subject.
    Expression element = make_call("element", array->type, {});
    element.type.array = false;
    const auto unified = unify(*subject, element);
    if (!unified) return refuse(node.location, unified.error());
    if (!*unified) return no_operator(name, *subject, element, node.location);
    if (auto equal = require_equality(subject->type, node.location); !equal)
        return std::unexpected(equal.error());
    Expression spec = make_literal(Value(functions::type_spec(subject->type)), text_type());
    Expression found = make_call("pg_array_any", bool_type(),
                                 {std::move(*subject), std::move(*array), std::move(spec)});
    return any ? found : make_operator("not", bool_type(), {std::move(found)});
}

}  // namespace dunlin::sql
