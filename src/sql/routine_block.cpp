// The statements of a PL/pgSQL block.
#include <fmt/format.h>

#include "sql/routine_body.h"
#include "sql/routine_compiler.h"
#include "sql/routine_statement.h"

namespace dunlin::sql {

RoutineNode RoutineCompiler::node_of(RoutineNode::Kind kind, const Statement& statement) const {
    RoutineNode node{.kind = kind};
    node.line = line_column(function_.body, statement.offset).line;
    return node;
}

std::vector<std::size_t> RoutineCompiler::slots_of(const RowValue& row) const {
    std::vector<std::size_t> slots;
    for (const Expression& value : row.values) slots.push_back(value.column);
    return slots;
}

RoutineStatement RoutineCompiler::select_of(const std::vector<Expression>& values) const {
    RoutineStatement made;
    made.query.definer = function_.security_definer;
    for (const Expression& value : values) made.query.targets.push_back({"value", value});
    return made;
}

Parsed<Expression> select_value(Analyzer& analyzer, const PgQuery__SelectStmt& select) {
    const Analyzer::Scope root{};
    if (const auto* bare = bare_value(select)) return analyzer.expression(*bare, root);
    auto rows = analyzer.query(select, &root);  // `n := count(*) from t`
    if (!rows) return std::unexpected(rows.error());
    if (rows->targets.size() != 1) {
        return refuse(-1, "42601", fmt::format("query returned {} columns", rows->targets.size()));
    }
    const Type type = rows->targets[0].expression.type;
    return Expression{.kind = Expression::Kind::ScalarQuery,
                      .type = type,
                      .query = std::make_shared<const Query>(std::move(*rows))};
}

Parsed<Expression> RoutineCompiler::value(const Fragment& fragment) {
    const auto parsed = parse_value(fragment);
    if (!parsed) return std::unexpected(parsed.error());
    auto made = select_value(analyzer_, *parsed->node().select_stmt);
    if (!made) return moved(made.error(), *parsed, fragment);
    return made;
}

Parsed<Expression> RoutineCompiler::condition(Expression value, const Fragment& fragment) {
    auto truth = assign_variable(std::move(value), bool_type());
    if (!truth) return refuse(fragment.offset, truth.error());
    return std::move(*truth);
}

Parsed<Expression> RoutineCompiler::text(const Fragment& fragment) {
    auto made = value(fragment);
    if (!made) return made;
    auto printed = cast(std::move(*made), text_type());
    if (!printed) return refuse(fragment.offset, printed.error());
    return std::move(*printed);
}

std::optional<RowValue> RoutineCompiler::whole_row(const Fragment& fragment) {
    const auto parsed = parse_value(fragment);
    if (!parsed) return std::nullopt;
    const auto* bare = bare_value(*parsed->node().select_stmt);
    return bare == nullptr ? std::nullopt : analyzer_.row(*bare, {});
}

Parsed<RoutineStatement> RoutineCompiler::statement(const Fragment& fragment) {
    const auto parsed = parse_statement(fragment);
    if (!parsed) return std::unexpected(parsed.error());
    auto made = analyze_statement(analyzer_, schema_, parsed->node());
    if (!made) return moved(made.error(), *parsed, fragment);
    return made;
}

Parsed<RoutineBlock> RoutineCompiler::block(const std::vector<Statement>& statements) {
    RoutineBlock made;
    for (const Statement& statement : statements) {
        if (auto done = add(statement, made); !done) return std::unexpected(done.error());
    }
    return made;
}

Parsed<void> RoutineCompiler::add_block(const Statement& statement, RoutineBlock& into) {
    names_.open(statement.label);
    Parsed<void> done;
    for (const plpgsql::Declaration& declared : statement.declarations) {
        if (done) done = declare(declared, into);
    }
    if (done) {
        auto body = block(statement.body);
        if (body)
            std::move(body->begin(), body->end(), std::back_inserter(into));
        else
            done = std::unexpected(body.error());
    }
    names_.close();
    return done;
}

Parsed<void> RoutineCompiler::add(const Statement& statement, RoutineBlock& into) {
    switch (statement.kind) {
        case Statement::Kind::Assign:
            return assign(statement, into);
        case Statement::Kind::Sql:
        case Statement::Kind::Perform:
            return run(statement, into);
        case Statement::Kind::If:
            return add_if(statement, into);
        case Statement::Kind::Case:
            return add_case(statement, into);
        case Statement::Kind::Raise:
            return raise(statement, into);
        case Statement::Kind::Return:
            return add_return(statement, into);
        case Statement::Kind::ReturnNext:
            return return_next(statement, into);
        case Statement::Kind::ReturnQuery:
            return return_query(statement, into);
        case Statement::Kind::Block: {
            RoutineNode node = node_of(RoutineNode::Kind::Block, statement);
            auto done = add_block(statement, node.body);
            into.push_back(std::move(node));
            return done;
        }
        case Statement::Kind::Null:
            return {};
    }
    return {};
}

Parsed<void> RoutineCompiler::add_if(const Statement& statement, RoutineBlock& into) {
    RoutineNode node = node_of(RoutineNode::Kind::If, statement);
    for (const plpgsql::Branch& branch : statement.branches) {
        RoutineNode::Branch made;
        if (branch.condition) {
            // The first is always evaluated; a call there may stand before the IF.
            auto given = node.branches.empty()
                             ? value_or_call(*branch.condition, statement.offset, into)
                             : value(*branch.condition);
            if (!given) return std::unexpected(given.error());
            auto truth = condition(std::move(*given), *branch.condition);
            if (!truth) return std::unexpected(truth.error());
            made.condition = std::move(*truth);
        }
        auto body = block(branch.body);
        if (!body) return std::unexpected(body.error());
        made.body = std::move(*body);
        node.branches.push_back(std::move(made));
    }
    into.push_back(std::move(node));
    return {};
}

/// CASE is an IF over `subject IN (values)`, the subject evaluated once; without an ELSE it is an
/// error when no branch applies.
Parsed<void> RoutineCompiler::add_case(const Statement& statement, RoutineBlock& into) {
    Statement as_if = statement;
    as_if.kind = Statement::Kind::If;
    if (statement.fragment) {
        auto subject = value_or_call(*statement.fragment, statement.offset, into);
        if (!subject) return std::unexpected(subject.error());
        if (is_unknown(*subject)) subject->name.clear();
        const std::string name = fmt::format("__case__variable_{}__", ++cases_);
        RoutineNode node = node_of(RoutineNode::Kind::Assign, statement);
        const Expression variable = slot(name, subject->type);
        names_.declare(name, variable);
        node.slots = {variable.column};
        node.expression = std::move(*subject);
        into.push_back(std::move(node));
        for (plpgsql::Branch& branch : as_if.branches) {
            if (!branch.condition) continue;
            const std::string before = name + " in (";
            branch.condition->text = before + branch.condition->text + ")";
            branch.condition->offset -= static_cast<int>(before.size());
        }
    }
    const bool otherwise = !as_if.branches.empty() && !as_if.branches.back().condition;
    if (auto done = add_if(as_if, into); !done) return done;
    if (otherwise) return {};
    RoutineNode none = node_of(RoutineNode::Kind::Raise, statement);
    none.message = "case not found";
    none.sqlstate = "20000";
    none.hint = make_literal(Value("CASE statement is missing ELSE part."), text_type());
    into.back().branches.push_back({std::nullopt, {std::move(none)}});
    return {};
}

}  // namespace dunlin::sql
