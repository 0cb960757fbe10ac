#include "policy/predicate_compiler.h"

#include <algorithm>

#include "policy/correlation.h"
#include "policy/expression_walk.h"

namespace dunlin::policy {

using sql::Expression;
using sql::Query;
using Kind = Expression::Kind;
using Operation = Predicate::Operation;

namespace {

/// As what values compare in SQL: arrays by their stored text.
Type compared_as(const Type& type) {
    return type.array ? Type{.kind = TypeKind::Text} : type;
}

bool aggregates(const Query& query) {
    const auto is_aggregate = [](const Expression& e) { return e.kind == Kind::Aggregate; };
    return std::ranges::any_of(
        query.targets, [&](const auto& target) { return any(target.expression, is_aggregate); });
}

std::optional<Predicate::Comparison> comparison_of(std::string_view name) {
    using enum Predicate::Comparison;
    if (name == "=") return Equal;
    if (name == "<>") return NotEqual;
    if (name == "<") return Less;
    if (name == "<=") return LessEqual;
    if (name == ">") return Greater;
    if (name == ">=") return GreaterEqual;
    return std::nullopt;
}

/// Whether the text of a query names the table once: it is not read again by a policy or a
/// function.
bool reads_once(std::string_view text, std::string_view table) {
    const std::string name = sql::quote_identifier(table);
    const auto first = text.find(name);
    return first != text.npos && text.find(name, first + 1) == text.npos;
}

std::size_t push(Predicate& into, Predicate::Node node) {
    node.can_fail =
        node.operation == Operation::Call || node.operation == Operation::Slot ||
        node.operation == Operation::InSet ||
        std::ranges::any_of(node.children, [&](std::size_t i) { return into.nodes[i].can_fail; });
    into.nodes.push_back(std::move(node));
    return into.nodes.size() - 1;
}

}  // namespace

PredicateCompiler::PredicateCompiler(Shared& shared, Role role, const sql::RelationFilter& filter,
                                     TablesBehind tables_behind)
    : shared_(shared), role_(role), filter_(filter), tables_behind_(std::move(tables_behind)) {}

Result<Predicate> PredicateCompiler::compile(const Expression& expression) {
    Predicate predicate;
    auto root = add(expression, predicate);
    if (!root) return std::unexpected(root.error());
    predicate.root = *root;
    return predicate;
}

Result<std::size_t> PredicateCompiler::add(const Expression& e, Predicate& into) {
    const bool for_reader =
        e.kind != Kind::Literal && !looks_out(e, 0) && !has_subquery(e) && !is_volatile(e);
    if (for_reader && !in_slot_) return add_slot(e, into);
    switch (e.kind) {
        case Kind::Literal:
            return push(into, {.operation = Operation::Constant, .constant = e.value});
        case Kind::Column:
            return push(into, {.operation = Operation::Column, .number = e.column});
        case Kind::Operator:
            return add_operator(e, into);
        case Kind::Case:
            return add_children({.operation = Operation::Case}, e, into);
        case Kind::In:
            return add_children({.operation = Operation::In,
                                 .negated = e.negated,
                                 .type = compared_as(e.arguments[0].type)},
                                e, into);
        case Kind::Exists:
            return add_exists(e, into);
        case Kind::InQuery:
            return add_in_query(e, into);
        case Kind::Call: {
            if (e.name == "coalesce")
                return add_children({.operation = Operation::Coalesce}, e, into);
            const ScalarFunction* function = find_scalar_function(e.name);
            if (function == nullptr || !function->stable)
                return cannot_follow("the function " + e.name);
            return add_children({.operation = Operation::Call, .function = function}, e, into);
        }
        default:
            return cannot_follow("a scalar subquery or aggregate");
    }
}

Result<std::size_t> PredicateCompiler::add_slot(const Expression& e, Predicate& into) {
    in_slot_ = true;
    auto predicate = compile(e);
    in_slot_ = false;
    if (!predicate) return std::unexpected(predicate.error());
    uses_slots_ = true;
    return push(into, {.operation = Operation::Slot,
                       .number = shared_.slot(std::move(*predicate), sql::sqlite_text(e, ""))});
}

Result<std::size_t> PredicateCompiler::add_children(Predicate::Node node, const Expression& e,
                                                    Predicate& into) {
    for (const auto& argument : e.arguments) {
        auto child = add(argument, into);
        if (!child) return child;
        node.children.push_back(*child);
    }
    return push(into, std::move(node));
}

Result<std::size_t> PredicateCompiler::add_operator(const Expression& e, Predicate& into) {
    const std::string& name = e.name;
    if (name == "and") return add_children({.operation = Operation::And}, e, into);
    if (name == "or") return add_children({.operation = Operation::Or}, e, into);
    if (name == "not") return add_children({.operation = Operation::Not}, e, into);
    const bool negated = name.starts_with("is_not_");
    if (name.ends_with("null"))
        return add_children({.operation = Operation::IsNull, .negated = negated}, e, into);
    if (name.ends_with("true"))
        return add_children({.operation = Operation::IsTrue, .negated = negated}, e, into);
    if (name.ends_with("false"))
        return add_children({.operation = Operation::IsFalse, .negated = negated}, e, into);
    const Type type = compared_as(e.arguments[0].type);
    if (name.ends_with("distinct")) {
        return add_children({.operation = Operation::Distinct, .negated = negated, .type = type}, e,
                            into);
    }
    const auto comparison = comparison_of(name);
    if (!comparison) return cannot_follow("the operator " + name);
    return add_children({.operation = Operation::Compare, .comparison = *comparison, .type = type},
                        e, into);
}

/// Registers `query`, which has one target and looks at no row from outside.
Result<std::size_t> PredicateCompiler::use_set(const Query& query) {
    if (!query.group_by.empty() || query.having || query.limit || query.offset) {
        return cannot_follow("a subquery with GROUP BY, HAVING or LIMIT");
    }
    // A set is loaded again when its tables change, not when time goes on.
    if (is_volatile(query)) return cannot_follow("a subquery that asks for the time");
    std::set<std::string> names;
    for (const ReadRelation& relation : relations_of(query)) {
        auto collected = tables_behind_(relation, names);
        if (!collected) return std::unexpected(collected.error());
    }
    tables_.insert(names.begin(), names.end());
    std::string text = sql::sqlite_text(query, filter_);
    const bool one_table = names.size() == 1 && reads_once(text, *names.begin());
    const std::size_t index =
        shared_.set({.role = role_,
                     .sql = std::move(text),
                     .tables = {names.begin(), names.end()},
                     .row_condition = one_table ? row_condition(query) : nullptr});
    sets_.insert(index);
    return index;
}

/// What every row of the only table must fulfil to be looked at: the conditions that depend on
/// nothing but the row and the reader. The others only narrow the set further.
std::shared_ptr<const Predicate> PredicateCompiler::row_condition(const Query& query) const {
    const bool plain = query.relations.size() == 1 && query.joins.empty() &&
                       query.combined.empty() && query.relations[0].query == nullptr &&
                       query.relations[0].rows == nullptr &&
                       query.relations[0].table->kind == RelationKind::Table;
    if (!plain || !query.where) return nullptr;
    std::vector<Expression> conjuncts;
    split_conjuncts(*query.where, conjuncts);
    const auto compile = [&](const Expression& condition) {
        return PredicateCompiler(shared_, role_, filter_, tables_behind_).compile(condition);
    };
    std::erase_if(conjuncts, [&](const Expression& conjunct) {
        return has_subquery(conjunct) || looks_out(conjunct, 1) || !compile(conjunct);
    });
    const auto condition = join_conjuncts(std::move(conjuncts));
    if (!condition) return nullptr;
    auto predicate = compile(*condition);
    if (!predicate) return nullptr;
    return std::make_shared<const Predicate>(std::move(*predicate));
}

Result<std::size_t> PredicateCompiler::add_exists(const Expression& e, Predicate& into) {
    Query query = *e.query;
    // `exists (select count(*) …)` is always true: an aggregate gives its row also for no rows.
    if (aggregates(query)) return cannot_follow("EXISTS over an aggregate");
    for (const auto& join : query.joins) {
        if (join.on && looks_out(*join.on, 1)) return cannot_follow("a join tied to the row");
    }
    for (const auto& relation : query.relations) {
        const bool outwards = (relation.query != nullptr && looks_out(*relation.query, 2)) ||
                              (relation.rows != nullptr && looks_out(*relation.rows, 1));
        if (outwards) return cannot_follow("a subquery or function in FROM tied to the row");
    }
    if (!query.combined.empty()) return cannot_follow("EXISTS over a UNION");
    auto correlation = correlation_of(query);
    if (!correlation) return std::unexpected(correlation.error());
    query.where = join_conjuncts(std::move(correlation->rest));
    query.order_by.clear();
    query.distinct = true;
    const Expression one{
        .kind = Kind::Literal, .type = {.kind = TypeKind::Int8}, .value = Value(std::int64_t{1})};
    query.targets = {{"key", correlation->inner.value_or(one)}};
    auto set = use_set(query);
    if (!set) return set;
    Predicate::Node node{.operation = Operation::InSet, .is_exists = true, .number = *set};
    if (correlation->outer) {
        auto key = add(*correlation->outer, into);
        if (!key) return key;
        node.children.push_back(*key);
    }
    node.negated = e.negated && correlation->conditions.empty();
    const std::size_t found = push(into, std::move(node));
    if (correlation->conditions.empty()) return found;
    auto both = with_conditions(found, std::move(correlation->conditions), into);
    if (!both || !e.negated) return both;
    return push(into, {.operation = Operation::Not, .children = {*both}});
}

/// EXISTS is false, not NULL, where a condition over the row around it is NULL.
Result<std::size_t> PredicateCompiler::with_conditions(std::size_t found,
                                                       std::vector<Expression> conditions,
                                                       Predicate& into) {
    Predicate::Node both{.operation = Operation::And, .children = {found}};
    for (const Expression& condition : conditions) {
        auto truth = add(condition, into);
        if (!truth) return truth;
        both.children.push_back(push(into, {.operation = Operation::IsTrue, .children = {*truth}}));
    }
    return push(into, std::move(both));
}

Result<std::size_t> PredicateCompiler::add_in_query(const Expression& e, Predicate& into) {
    if (looks_out(*e.query, 1)) return cannot_follow("an IN subquery tied to the row");
    if (!hashes(e.arguments[0].type)) return cannot_follow("IN over numeric, char or JSON values");
    Query query = *e.query;
    query.order_by.clear();
    query.distinct = true;
    auto set = use_set(query);
    if (!set) return set;
    auto key = add(e.arguments[0], into);
    if (!key) return key;
    return push(
        into,
        {.operation = Operation::InSet, .negated = e.negated, .number = *set, .children = {*key}});
}

}  // namespace dunlin::policy
