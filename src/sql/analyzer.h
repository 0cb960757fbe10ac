#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sql/coerce.h"
#include "sql/expression.h"
#include "sql/routine_names.h"

namespace dunlin::sql {

/// Turns syntax nodes into typed expressions. One per statement; internal to the module.
///
/// Every method fails with the SQLSTATE PostgreSQL uses and the offset of the node it is about.
class Analyzer {
public:
    explicit Analyzer(const Schema& schema) : schema_(schema) {}
    /// Inside a routine: `names` are its variables; `definer` marks what is read with its owner's
    /// rights.
    Analyzer(const Schema& schema, const RoutineNames& names, bool definer)
        : schema_(schema), names_(&names), definer_(definer), in_routine_(true) {}

    /// The names that an expression may use: the relations of a query, then those around it.
    struct Scope {
        const Query* query = nullptr;
        const Scope* outer = nullptr;
        bool aggregates = false;
        /// Where window functions may stand: the statement with their named windows.
        const PgQuery__SelectStmt* windows = nullptr;
        /// In a select list: the query that a function which gives rows is joined to.
        Query* rows_into = nullptr;
    };

    /// Whether what is read here is read with the rights of a function's owner.
    bool definer() const { return definer_; }

    Parsed<Expression> expression(const PgQuery__Node& node, const Scope& scope);
    Parsed<Query> query(const PgQuery__SelectStmt& statement, const Scope* outer);
    Parsed<Type> type(const PgQuery__TypeName& name);
    /// The whole row that `node` names (a relation's alias, NEW, a record), if it does.
    std::optional<RowValue> row(const PgQuery__Node& node, const Scope& scope);
    /// FROM, in order, into `query`.
    Parsed<void> add_from(const PgQuery__Node& node, Query& query, const Scope* outer);
    /// One output column, or those of `*`.
    Parsed<void> add_target(const PgQuery__ResTarget& target, Query& query, const Scope& scope);
    /// The body of `function` in the place of a call, `given` being its parameters in order, in
    /// terms of the scope around it.
    Parsed<Expression> inlined(const Function& function, std::vector<RowOrValue> given, int at);
    /// The same for one that gives rows: the query, one level inside of that scope.
    Parsed<Query> inlined_rows(const Function& function, std::vector<RowOrValue> given, int at);
    Parsed<Expression> condition(const PgQuery__Node& node, const Scope& scope,
                                 std::string_view where);
    /// A call of a function of the project, with its parameters in order.
    struct UserCall {
        const Function* function = nullptr;
        std::vector<RowOrValue> given;
    };
    /// What `node` calls when it is nothing else than such a call, else nothing.
    Parsed<std::optional<UserCall>> whole_call(const PgQuery__Node& node, const Scope& scope);

private:
    Parsed<Expression> constant(const PgQuery__AConst& node);
    Parsed<Expression> column(const PgQuery__ColumnRef& node, const Scope& scope);
    Parsed<std::optional<Expression>> table_column(const std::string& qualifier,
                                                   const std::string& name, int location,
                                                   const Scope& scope);
    Parsed<Expression> variable(const PgQuery__ColumnRef& node, const Expression* column,
                                const Scope& scope);
    Parsed<Expression> parameter(const PgQuery__ParamRef& node, const Scope& scope);
    Parsed<Expression> indirection(const PgQuery__AIndirection& node, const Scope& scope);
    Parsed<Expression> subscripted(Expression value, const PgQuery__Node& node, const Scope& scope);
    Parsed<Expression> substituted(const Expression& value, const Scope& scope);
    RowValue substituted(const RowValue& row, const Scope& scope);
    Parsed<std::optional<Expression>> computed_field(const PgQuery__ColumnRef& node,
                                                     const Scope& scope);
    std::unexpected<Refusal> no_column(const PgQuery__ColumnRef& node) const;
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
    Parsed<Expression> trigger_depth(int at);
    Parsed<Expression> window_call(const std::string& name, const PgQuery__FuncCall& node,
                                   const Scope& scope);
    Parsed<Expression> window_of(const PgQuery__WindowDef& given, const Scope& scope);
    Parsed<Expression> ranked(const std::string& name, std::vector<Expression> arguments,
                              Expression window, int location);
    Parsed<Expression> rows_in_list(const std::string& name, const PgQuery__FuncCall& node,
                                    const Scope& scope);
    Parsed<Expression> aggregate(const std::string& name, const PgQuery__FuncCall& node,
                                 const Scope& scope);
    Parsed<Expression> plain_aggregate(const std::string& name, const PgQuery__FuncCall& node,
                                       const Scope& scope);
    Parsed<Expression> array_of_group(const PgQuery__FuncCall& node, const Scope& scope);
    Parsed<Expression> json_of_group(const std::string& name, const PgQuery__FuncCall& node,
                                     const Scope& scope);
    Parsed<Expression> object_of_group(const std::string& name, const PgQuery__FuncCall& node,
                                       const Scope& scope);
    Parsed<Expression> text_of_group(const PgQuery__FuncCall& node, const Scope& scope);
    Parsed<void> arrange(const PgQuery__FuncCall& node, Expression& aggregate,
                         const Expression* distinct, const Scope& scope);
    Parsed<Expression> subquery(const PgQuery__SubLink& node, const Scope& scope);
    Parsed<Expression> array_of_query(const Query& rows, int location);

    /// Of a call of a function of the project; nothing when there is none of that name.
    Parsed<std::optional<Expression>> user_call(const PgQuery__FuncCall& node, const Scope& scope);
    Parsed<std::optional<UserCall>> resolve_call(const PgQuery__FuncCall& node, const Scope& scope);
    class Inside;
    Parsed<Expression> inlined_select(const Function& function);
    Parsed<RoutineNames> bind(const Function& function, std::vector<RowOrValue>& given, int at);
    /// Functions that make JSON and text of what is given; nothing for other names.
    Parsed<std::optional<Expression>> json_call(const std::string& name,
                                                const PgQuery__FuncCall& node, const Scope& scope);
    Parsed<Expression> json_value(const PgQuery__Node& node, bool binary, const Scope& scope);
    Parsed<Expression> built_json(const std::string& name, const PgQuery__FuncCall& node,
                                  const Scope& scope);
    Parsed<Expression> format_call(const PgQuery__FuncCall& node, const Scope& scope);

    Parsed<Relation> relation(const PgQuery__Node& node, const Query& before, const Scope* outer);
    Parsed<std::optional<Relation>> rows_relation(const PgQuery__RangeFunction& node,
                                                  const PgQuery__FuncCall& call,
                                                  const Scope& scope);
    Parsed<std::optional<Query>> recursive_query(const PgQuery__CommonTableExpr& node,
                                                 const Scope* outer);
    Parsed<Relation> table_relation(const PgQuery__RangeVar& range, const Scope* outer);
    Parsed<Relation> subquery_relation(const PgQuery__RangeSubselect& node, const Scope* outer);
    Parsed<Relation> function_relation(const PgQuery__RangeFunction& node, const Query& before,
                                       const Scope* outer);
    Parsed<void> add_relation(const PgQuery__Node& node, Query& query, Join::Kind kind,
                              const Scope* outer);
    Parsed<void> add_join(const PgQuery__JoinExpr& node, Query& query, const Scope* outer);
    Parsed<void> join_using(const PgQuery__JoinExpr& node, Query& query);
    Parsed<void> add_with(const PgQuery__WithClause& with, const Scope* outer);
    Parsed<std::optional<Query>> rows_of_call(const PgQuery__SelectStmt& select,
                                              const Scope* outer);
    Parsed<Query> plain_query(const PgQuery__SelectStmt& statement, const Scope* outer);
    Parsed<Query> combined_query(const PgQuery__SelectStmt& statement, const Scope* outer);
    Parsed<Query> values_query(const PgQuery__SelectStmt& statement, const Scope* outer);
    Parsed<void> add_limits(const PgQuery__SelectStmt& statement, Query& query, const Scope& scope);
    Parsed<void> add_star(const PgQuery__Node& value, const std::string& qualifier, Query& query,
                          const Scope& scope);
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

    /// A query of WITH, and how many scopes were around it.
    struct WithQuery {
        std::string name;
        std::shared_ptr<const Query> query;  // shared by the relations that name it
        std::vector<std::string> columns;
        int level = 0;
        /// While its recursive term is analysed: its columns, and how often it is named.
        std::shared_ptr<const Table> described{};
        std::size_t mentions = 0;
    };

    const Schema& schema_;
    std::size_t depth_ = 0;
    const RoutineNames* names_ = nullptr;
    bool definer_ = false;
    bool in_routine_ = false;
    std::vector<WithQuery> with_{};
    std::vector<const Function*> calls_{};  // being inlined, outermost first
    std::size_t inlined_nodes_ = 0;
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
/// The name of a called function without the schemas that need not be written.
std::string plain_name(const PgQuery__FuncCall& node);
bool is_aggregate(std::string_view name);
bool is_window_function(std::string_view name);
/// A key of ORDER BY inside of an aggregate or window.
Expression make_order(const PgQuery__SortBy& sort, Expression key);
/// A value as to_json() prints it.
Expression as_json(Expression value);
/// A row as to_jsonb() makes it.
Expression row_as_jsonb(const RowValue& row);
/// Written alike and of the same relations.
bool same_expression(const Expression& left, const Expression& right);
/// Fails for types without = or whose equality is not that of the stored values.
Parsed<void> require_equality(const Type& type, int location);
/// Fails with 42803 for a column that has more than one value in a group.
Parsed<void> require_grouped(const Query& query);
/// "auth.uid" of a list of String nodes.
std::string dotted_name(PgQuery__Node* const* nodes, std::size_t count);
int location_of(const PgQuery__Node& node);

}  // namespace dunlin::sql
