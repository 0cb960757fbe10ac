#include "sql/plpgsql_inline.h"

#include <fmt/format.h>

#include <span>

#include "sql/plpgsql_parser.h"
#include "sql/routine_compiler.h"
#include "sql/routine_statement.h"

namespace dunlin::sql::plpgsql {

namespace {

/// IFs one after the other double the paths through a body; each is walked on its own.
constexpr std::size_t steps_max = 500;

using Path = std::vector<const Statement*>;

class Inliner {
public:
    Inliner(Analyzer& analyzer, const Schema& schema, const Function& function, RoutineNames& names)
        : analyzer_(analyzer), schema_(schema), function_(function), names_(names) {}

    Parsed<Expression> body();

private:
    std::unexpected<Refusal> refuse_body(int at, std::string_view why) const;
    Parsed<void> declare(const Declaration& declared);
    Parsed<Expression> value(const Fragment& fragment);
    Parsed<Expression> follow(Path path);
    Parsed<Expression> choose(const Statement& statement, const Path& rest);
    Parsed<Expression> result(const Statement& statement);
    Parsed<void> assign(const Statement& statement);
    Parsed<void> select_into(const Statement& statement);
    Parsed<void> bind(const Target& target, Expression value);

    Analyzer& analyzer_;
    const Schema& schema_;
    const Function& function_;
    RoutineNames& names_;
    std::size_t steps_ = 0;
};

std::unexpected<Refusal> Inliner::refuse_body(int at, std::string_view why) const {
    return not_carried(
        at,
        fmt::format("calling the PL/pgSQL function \"{}\", {}, inside of a statement",
                    function_.name, why),
        "Make it a function in language sql with one SELECT.");
}

Parsed<Expression> Inliner::body() {
    auto outer = parse_body(function_.body);
    if (!outer) return std::unexpected(outer.error());
    names_.open(outer->label);
    for (const Declaration& declared : outer->declarations) {
        if (auto done = declare(declared); !done) return std::unexpected(done.error());
    }
    Path path;
    for (const Statement& statement : outer->body) path.push_back(&statement);
    return follow(std::move(path));
}

Parsed<void> Inliner::declare(const Declaration& declared) {
    if (declared.kind == Declaration::Kind::Record || declared.kind == Declaration::Kind::RowType) {
        names_.declare_record(declared.name);
        return {};
    }
    if (declared.kind != Declaration::Kind::Typed || declared.not_null)
        return refuse_body(declared.offset, "which declares this variable");
    if (schema_.find("public", declared.type.text) != nullptr) {
        names_.declare_record(declared.name);
        return {};
    }
    const Fragment typed{"null::" + declared.type.text, declared.type.offset};
    auto first = value(typed);
    if (!first) return std::unexpected(first.error());
    const Type type = first->type;
    if (declared.value) {
        auto given = value(*declared.value);
        if (!given) return std::unexpected(given.error());
        auto assigned = assign_variable(std::move(*given), type);
        if (!assigned) return refuse(declared.offset, assigned.error());
        first = std::move(*assigned);
    }
    names_.declare(declared.name, std::move(*first));
    return {};
}

Parsed<Expression> Inliner::value(const Fragment& fragment) {
    const auto parsed = parse_value(fragment);
    if (!parsed) return std::unexpected(parsed.error());
    return select_value(analyzer_, *parsed->node().select_stmt);
}

Parsed<Expression> Inliner::follow(Path path) {
    for (std::size_t i = 0; i < path.size(); ++i) {
        const Statement& statement = *path[i];
        if (++steps_ > steps_max) return refuse_body(statement.offset, "which has too many paths");
        Parsed<void> done;
        switch (statement.kind) {
            case Statement::Kind::Return:
                return result(statement);
            case Statement::Kind::If: {
                path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i) + 1);
                return choose(statement, path);
            }
            case Statement::Kind::Assign:
                done = assign(statement);
                break;
            case Statement::Kind::Sql:
                done = select_into(statement);
                break;
            case Statement::Kind::Null:
                break;
            default:
                return refuse_body(statement.offset, "which does more than IF and RETURN");
        }
        if (!done) return std::unexpected(done.error());
    }
    return refuse_body(0, "which can end without RETURN");
}

/// What comes after an IF comes after each of its branches.
Parsed<Expression> Inliner::choose(const Statement& statement, const Path& rest) {
    const RoutineNames before = names_;
    Expression made{.kind = Expression::Kind::Case, .type = function_.result_type};
    bool otherwise = false;
    for (const Branch& branch : statement.branches) {
        names_ = before;
        if (branch.condition) {
            auto condition = value(*branch.condition);
            if (!condition) return condition;
            auto truth = assign_variable(std::move(*condition), bool_type());
            if (!truth) return refuse(branch.condition->offset, truth.error());
            made.arguments.push_back(std::move(*truth));
        }
        otherwise = otherwise || !branch.condition;
        Path path;
        for (const Statement& inner : branch.body) path.push_back(&inner);
        path.insert(path.end(), rest.begin(), rest.end());
        auto value = follow(std::move(path));
        if (!value) return value;
        made.arguments.push_back(std::move(*value));
    }
    names_ = before;
    if (!otherwise) {
        auto value = follow(rest);
        if (!value) return value;
        made.arguments.push_back(std::move(*value));
    }
    return made;
}

Parsed<Expression> Inliner::result(const Statement& statement) {
    if (!statement.fragment) return refuse_body(statement.offset, "which returns nothing");
    auto made = value(*statement.fragment);
    if (!made) return made;
    auto typed = assign_variable(std::move(*made), function_.result_type);
    if (!typed) return refuse(statement.offset, typed.error());
    return std::move(*typed);
}

/// A variable means its value from here on.
Parsed<void> Inliner::bind(const Target& target, Expression value) {
    const auto found = names_.find(target.names);
    if (target.names.size() != 1 || found.value == nullptr)
        return refuse_body(target.offset, "which assigns to this variable");
    auto typed = assign_variable(std::move(value), found.value->type);
    if (!typed) return refuse(target.offset, typed.error());
    names_.declare(target.names.front(), std::move(*typed));
    return {};
}

Parsed<void> Inliner::assign(const Statement& statement) {
    auto given = value(*statement.fragment);
    if (!given) return std::unexpected(given.error());
    return bind(statement.targets.front(), std::move(*given));
}

Parsed<void> Inliner::select_into(const Statement& statement) {
    const auto parsed = parse_statement(*statement.fragment);
    if (!parsed) return std::unexpected(parsed.error());
    if (parsed->node().node_case != PG_QUERY__NODE__NODE_SELECT_STMT || statement.strict ||
        statement.targets.empty()) {
        return refuse_body(statement.offset, "which does more than read");
    }
    const Analyzer::Scope root{};
    auto rows = analyzer_.query(*parsed->node().select_stmt, &root);
    if (!rows) return std::unexpected(rows.error());
    if (rows->distinct || (rows->limit && rows->limit->kind != Expression::Kind::Literal))
        return refuse_body(statement.offset, "which selects by DISTINCT or a computed LIMIT");
    if (!rows->limit || rows->limit->value != Value(std::int64_t{0}))
        rows->limit = make_literal(Value(std::int64_t{1}), {.kind = TypeKind::Int8});
    // One subquery for each column: all see the same row, the first.
    RowValue row;
    for (const sql::Target& output : rows->targets) {
        Query one = *rows;
        one.targets = {output};
        row.names.push_back(output.name);
        row.values.push_back({.kind = Expression::Kind::ScalarQuery,
                              .type = output.expression.type,
                              .query = std::make_shared<const Query>(std::move(one))});
    }
    Query any = *rows;
    Expression found{.kind = Expression::Kind::Exists, .type = bool_type()};
    found.query = std::make_shared<const Query>(std::move(any));
    names_.declare("found", std::move(found));
    const Target& first = statement.targets.front();
    if (names_.find(first.names).unassigned) {
        names_.assign_record(first.names, std::move(row));
        return {};
    }
    if (statement.targets.size() != row.values.size())
        return refuse_body(statement.offset, "which selects more or less than its variables");
    for (std::size_t i = 0; i < row.values.size(); ++i) {
        auto bound = bind(statement.targets[i], std::move(row.values[i]));
        if (!bound) return bound;
    }
    return {};
}

}  // namespace

Parsed<Expression> inlined_body(Analyzer& analyzer, const Schema& schema, const Function& function,
                                RoutineNames& names) {
    return Inliner(analyzer, schema, function, names).body();
}

}  // namespace dunlin::sql::plpgsql
