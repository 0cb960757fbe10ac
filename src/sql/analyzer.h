#pragma once

#include <map>

#include "sql/coerce.h"
#include "sql/expression.h"

namespace dunlin::sql {

/// Turns syntax nodes into typed expressions. One per statement; internal to the module.
///
/// Every method fails with the SQLSTATE PostgreSQL uses and the offset of the node it is about.
class Analyzer {
public:
    explicit Analyzer(const Schema& schema) : schema_(schema) {}

    /// The names that an expression may use: the relations of a query, then those around it.
    struct Scope {
        const Query* query = nullptr;
        const Scope* outer = nullptr;
        bool aggregates = false;
    };

    Parsed<Expression> expression(const PgQuery__Node& node, const Scope& scope);
    Parsed<Query> query(const PgQuery__SelectStmt& statement, const Scope* outer);
    Parsed<Type> type(const PgQuery__TypeName& name);
    Parsed<Expression> condition(const PgQuery__Node& node, const Scope& scope,
                                 std::string_view where);

private:
    Parsed<Expression> constant(const PgQuery__AConst& node);
    Parsed<Expression> column(const PgQuery__ColumnRef& node, const Scope& scope);
    Parsed<Expression> type_cast(const PgQuery__TypeCast& node, const Scope& scope);
    Parsed<Expression> boolean(const PgQuery__BoolExpr& node, const Scope& scope);
    Parsed<Expression> case_of(const PgQuery__CaseExpr& node, const Scope& scope);
    Parsed<std::vector<Expression>> list(PgQuery__Node* const* nodes, std::size_t count,
                                         const Scope& scope);
    Parsed<Expression> coalesce(const PgQuery__CoalesceExpr& node, const Scope& scope);
    Parsed<Expression> greatest(const PgQuery__MinMaxExpr& node, const Scope& scope);
    Parsed<Expression> array(const PgQuery__AArrayExpr& node, const Scope& scope);
    Parsed<Expression> value_function(const PgQuery__SQLValueFunction& node);

    Parsed<Expression> operation(const PgQuery__AExpr& node, const Scope& scope);
    Parsed<Expression> binary(const std::string& name, Expression left, Expression right,
                              int location);
    Parsed<Expression> comparison(const std::string& name, Expression left, Expression right,
                                  int location);
    Parsed<Expression> unary(const std::string& name, Expression operand, int location);
    Parsed<Expression> arithmetic(const std::string& name, Expression left, Expression right,
                                  int location);
    Parsed<Expression> in_list(const PgQuery__AExpr& node, const Scope& scope);
    Parsed<Expression> between(const PgQuery__AExpr& node, const Scope& scope);
    Parsed<Expression> any_of_array(const PgQuery__AExpr& node, const Scope& scope);

    Parsed<Expression> call(const PgQuery__FuncCall& node, const Scope& scope);
    Parsed<Expression> aggregate(const std::string& name, const PgQuery__FuncCall& node,
                                 std::vector<Expression> arguments, const Scope& scope);
    Parsed<Expression> subquery(const PgQuery__SubLink& node, const Scope& scope);

    Parsed<void> add_relation(const PgQuery__Node& node, Query& query, Join::Kind kind);
    Parsed<void> add_join(const PgQuery__JoinExpr& node, Query& query, const Scope* outer);
    Parsed<void> add_from(const PgQuery__Node& node, Query& query, const Scope* outer);
    Parsed<void> add_target(const PgQuery__ResTarget& target, Query& query, const Scope& scope);
    Parsed<Expression> group_key(const PgQuery__Node& node, const Query& query, const Scope& scope);
    Parsed<void> add_order(const PgQuery__SortBy& sort, Query& query, const Scope& scope);

    /// Counts how deep the analysis is in nodes that contain nodes: the stack must hold them.
    struct Nesting {
        explicit Nesting(std::size_t& counted) : depth(counted) { ++depth; }
        ~Nesting() { --depth; }
        Nesting(const Nesting&) = delete;
        Nesting& operator=(const Nesting&) = delete;
        std::size_t& depth;
    };
    Parsed<void> require_shallow(int offset) const;

    const Schema& schema_;
    std::size_t depth_ = 0;
};

std::unexpected<Refusal> refuse(int offset, Error error);
std::unexpected<Refusal> refuse(int offset, std::string_view sqlstate, std::string message,
                                std::string hint = {});
/// 0A000 with a way out.
std::unexpected<Refusal> not_carried(int offset, std::string what, std::string hint);
/// 42883 for an operator between types that have none.
std::unexpected<Refusal> no_operator(const std::string& name, const Expression& left,
                                     const Expression& right, int location);
std::string type_text(const Expression& expression);
/// Fails for types without = or whose equality is not that of the stored values.
Parsed<void> require_equality(const Type& type, int location);
/// Fails with 42803 for a column that has more than one value in a group.
Parsed<void> require_grouped(const Query& query);
/// "auth.uid" of a list of String nodes.
std::string dotted_name(PgQuery__Node* const* nodes, std::size_t count);
int location_of(const PgQuery__Node& node);

}  // namespace dunlin::sql
