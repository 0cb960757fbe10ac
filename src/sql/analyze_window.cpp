// Window functions. What stands in OVER are arguments of their own kinds: "partition by",
// "order by …"; the frame, in SQLite's words, is the value.
#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer.h"

namespace dunlin::sql {

namespace {

using enum TypeKind;

/// How the result is typed.
enum class Gives : std::uint8_t { Integer, Real, Bucket, Argument };

struct WindowFunction {
    std::string_view name;
    Gives gives;
    std::size_t least;
    std::size_t most;
};

constexpr WindowFunction window_functions[] = {
    {"row_number", Gives::Integer, 0, 0},   {"rank", Gives::Integer, 0, 0},
    {"dense_rank", Gives::Integer, 0, 0},   {"percent_rank", Gives::Real, 0, 0},
    {"cume_dist", Gives::Real, 0, 0},       {"ntile", Gives::Bucket, 1, 1},
    {"lag", Gives::Argument, 1, 3},         {"lead", Gives::Argument, 1, 3},
    {"first_value", Gives::Argument, 1, 1}, {"last_value", Gives::Argument, 1, 1},
    {"nth_value", Gives::Argument, 2, 2},
};

const WindowFunction* window_function_of(std::string_view name) {
    const auto found = std::ranges::find(window_functions, name, &WindowFunction::name);
    return found == std::end(window_functions) ? nullptr : &*found;
}

/// The bits of frame_options in PostgreSQL's parsenodes.h.
enum Frame : unsigned {
    nondefault = 0x1,
    range = 0x2,
    rows = 0x4,
    start_unbounded_preceding = 0x20,
    end_unbounded_following = 0x100,
    start_current_row = 0x200,
    end_current_row = 0x400,
    start_preceding = 0x800,
    end_preceding = 0x1000,
    start_following = 0x2000,
    end_following = 0x4000,
    exclude = 0x8000 | 0x10000 | 0x20000,
};

/// `3 preceding`, for a whole number that is written out.
Parsed<std::string> offset_text(const PgQuery__Node* node, std::string_view direction) {
    const bool number = node != nullptr && node->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                        node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL;
    if (!number) return not_carried(-1, "this offset of a frame", "Write a whole number.");
    return fmt::format("{} {}", node->a_const->ival->ival, direction);
}

Parsed<std::string> frame_text(const PgQuery__WindowDef& window) {
    const auto options = static_cast<unsigned>(window.frame_options);
    if ((options & nondefault) == 0) return std::string();
    if ((options & exclude) != 0)
        return not_carried(window.location, "EXCLUDE in a frame", "Leave it out.");
    const bool offsets =
        (options & (start_preceding | end_preceding | start_following | end_following)) != 0;
    if (offsets && (options & range) != 0)
        return not_carried(window.location, "RANGE with an offset", "Use ROWS or GROUPS.");
    const auto bound = [&](bool start) -> Parsed<std::string> {
        const PgQuery__Node* offset = start ? window.start_offset : window.end_offset;
        if ((options & (start ? start_preceding : end_preceding)) != 0)
            return offset_text(offset, "preceding");
        if ((options & (start ? start_following : end_following)) != 0)
            return offset_text(offset, "following");
        if ((options & (start ? start_current_row : end_current_row)) != 0) return "current row";
        return start ? "unbounded preceding" : "unbounded following";
    };
    auto first = bound(true);
    if (!first) return first;
    auto last = bound(false);
    if (!last) return last;
    const std::string_view unit = (options & rows) != 0    ? "rows"
                                  : (options & range) != 0 ? "range"
                                                           : "groups";
    return fmt::format("{} between {} and {}", unit, *first, *last);
}

/// Makes the aggregate inside of what was made of its result one over the window.
void put_over(Expression& e, const Expression& window) {
    if (e.kind != Expression::Kind::Aggregate) {
        for (Expression& argument : e.arguments) put_over(argument, window);
        return;
    }
    e.kind = Expression::Kind::Window;
    e.value = window.value;
    std::ranges::copy(window.arguments, std::back_inserter(e.arguments));
}

}  // namespace

bool is_window_function(std::string_view name) {
    return window_function_of(name) != nullptr;
}

/// PARTITION BY, ORDER BY and the frame, as a window function without a name.
Parsed<Expression> Analyzer::window_of(const PgQuery__WindowDef& given, const Scope& scope) {
    const PgQuery__WindowDef* window = &given;
    for (std::size_t i = 0; given.name != nullptr && *given.name != 0; ++i) {
        if (scope.windows == nullptr || i == scope.windows->n_window_clause)
            return refuse(given.location, "42704",
                          fmt::format("window \"{}\" does not exist", given.name));
        window = scope.windows->window_clause[i]->window_def;
        if (std::string_view(window->name) == given.name) break;
    }
    if (window->refname != nullptr && *window->refname != 0)
        return not_carried(given.location, "a window made of another", "Write it out.");
    Scope inside = scope;
    inside.windows = nullptr;  // no window function inside of another
    Expression made{.kind = Expression::Kind::Window};
    for (std::size_t i = 0; i < window->n_partition_clause; ++i) {
        auto key = expression(*window->partition_clause[i], inside);
        if (!key) return key;
        if (auto equal = require_equality(key->type, given.location); !equal)
            return std::unexpected(equal.error());
        const Type type = key->type;
        made.arguments.push_back(make_operator("partition by", type, {std::move(*key)}));
    }
    for (std::size_t i = 0; i < window->n_order_clause; ++i) {
        const PgQuery__SortBy& sort = *window->order_clause[i]->sort_by;
        auto key = expression(*sort.node, inside);
        if (!key) return key;
        if (is_json(key->type) || key->type.array)
            return not_carried(given.location, "ordering by this type",
                               "Order by a part of it, such as ->> 'key'.");
        made.arguments.push_back(make_order(sort, std::move(*key)));
    }
    auto frame = frame_text(*window);
    if (!frame) return std::unexpected(frame.error());
    made.value = Value(std::move(*frame));
    return made;
}

Parsed<Expression> Analyzer::window_call(const std::string& name, const PgQuery__FuncCall& node,
                                         const Scope& scope) {
    if (scope.windows == nullptr)
        return refuse(node.location, "42P20", "window functions are not allowed here");
    if (node.agg_distinct != 0 || node.n_agg_order > 0) {
        return refuse(node.location, "0A000",
                      fmt::format("{} is not implemented for window functions",
                                  node.agg_distinct != 0 ? "DISTINCT" : "aggregate ORDER BY"),
                      "Leave it out.");
    }
    auto window = window_of(*node.over, scope);
    if (!window) return window;
    if (is_aggregate(name)) {
        auto made = aggregate(name, node, scope);
        if (!made) return made;
        put_over(*made, *window);
        return made;
    }
    if (node.agg_filter != nullptr)
        return refuse(node.location, "0A000",
                      "FILTER is not implemented for non-aggregate window functions",
                      "Leave it out.");
    Scope inside = scope;
    inside.windows = nullptr;
    inside.rows_into = nullptr;
    auto arguments = list(node.args, node.n_args, inside);
    if (!arguments) return std::unexpected(arguments.error());
    return ranked(name, std::move(*arguments), std::move(*window), node.location);
}

/// row_number() and the others that are no aggregates, over `window`.
Parsed<Expression> Analyzer::ranked(const std::string& name, std::vector<Expression> arguments,
                                    Expression window, int location) {
    const WindowFunction* known = window_function_of(name);
    if (known == nullptr)
        return refuse(
            location, "42809",
            "OVER specified, but " + name + " is not a window function nor an aggregate function",
            "Leave OVER out.");
    if (arguments.size() < known->least || arguments.size() > known->most)
        return refuse(location, "42883", "function " + name + " does not take these arguments",
                      "No function matches the given name and argument types.");
    if (known->gives == Gives::Argument && is_unknown(arguments[0]))
        arguments[0] = *coerce(std::move(arguments[0]), text_type());
    const bool counts = name == "ntile";
    for (std::size_t i = counts ? 0 : 1; i < arguments.size(); ++i) {
        const bool number = counts || i == 1;
        auto typed = coerce(arguments[i], number ? Type{.kind = Int4} : arguments[0].type);
        if (!typed) return refuse(location, typed.error());
        arguments[i] = std::move(*typed);
        const bool literal = arguments[i].kind == Expression::Kind::Literal &&
                             arguments[i].value.is_integer() && arguments[i].value.integer() >= 0;
        if (number && !literal)
            return not_carried(location, "a computed or negative number of rows",
                               "Write a whole number.");
    }
    Type type{.kind = known->gives == Gives::Integer ? Int8
                      : known->gives == Gives::Real  ? Float8
                                                     : Int4};
    if (known->gives == Gives::Argument) type = arguments[0].type;
    Expression made{.kind = Expression::Kind::Window,
                    .type = type,
                    .value = std::move(window.value),
                    .name = name,
                    .arguments = std::move(arguments)};
    std::ranges::move(window.arguments, std::back_inserter(made.arguments));
    return made;
}

}  // namespace dunlin::sql
