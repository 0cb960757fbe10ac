#pragma once

#include <map>
#include <string>
#include <vector>

#include "sql/analyzer.h"
#include "sql/plpgsql_tree.h"
#include "sql/routine.h"

/// Makes a routine of a function's body. Internal to the module. Offsets of refusals count from
/// the start of the body.
namespace dunlin::sql {

/// What a piece of a body says, with where it stands.
struct ParsedFragment {
    SyntaxTree tree;
    int moved;  // from an offset in the text that was parsed to the body
    const PgQuery__Node& node() const { return *tree.statements()[0]->stmt; }
};
/// An expression: `node()` is `SELECT expression`.
Parsed<ParsedFragment> parse_value(const plpgsql::Fragment& fragment);
/// One statement.
Parsed<ParsedFragment> parse_statement(const plpgsql::Fragment& fragment);
std::unexpected<Refusal> moved(Refusal refusal, const ParsedFragment& fragment,
                               const plpgsql::Fragment& from);

/// The value of `SELECT value …`: of itself, or of the one row of a query.
Parsed<Expression> select_value(Analyzer& analyzer, const PgQuery__SelectStmt& select);

/// As PL/pgSQL assigns: like a column's value, else by way of text.
Result<Expression> assign_variable(Expression value, const Type& type);

class RoutineCompiler {
public:
    RoutineCompiler(const Schema& schema, const Function& function);

    Parsed<Routine> compile();
    Parsed<Routine> compile(const Table& table, const Trigger& trigger);

private:
    using Statement = plpgsql::Statement;
    using Fragment = plpgsql::Fragment;

    void declare_parameters();
    void declare_results();
    void declare_depth();
    void declare_trigger(const Table& table, const Trigger& trigger);
    Parsed<void> compile_when(const Table& table, const Trigger& trigger);
    Parsed<Routine> compile_body();
    Parsed<Routine> compile_sql_body();
    Parsed<void> add_sql(const PgQuery__Node& node, int line, bool last);
    Parsed<void> last_statement(RoutineStatement statement, const PgQuery__Node& node);

    Expression slot(std::string name, Type type, bool not_null = false);
    RowValue row_slots(const std::string& name, const Table& table);

    Parsed<void> declare(const plpgsql::Declaration& declared, RoutineBlock& into);
    Parsed<void> declare_typed(const plpgsql::Declaration& declared, RoutineBlock& into);
    Parsed<Type> type_of(const plpgsql::Declaration& declared);
    const Table* row_type_of(const plpgsql::Declaration& declared) const;

    Parsed<RoutineBlock> block(const std::vector<Statement>& statements);
    Parsed<void> add(const Statement& statement, RoutineBlock& into);
    Parsed<void> add_block(const Statement& statement, RoutineBlock& into);
    Parsed<void> assign(const Statement& statement, RoutineBlock& into);
    Parsed<void> assign_row(const Statement& statement, RoutineBlock& into);
    Parsed<void> run(const Statement& statement, RoutineBlock& into);
    Parsed<void> run_into(const Statement& statement, RoutineStatement made, RoutineBlock& into);
    Parsed<std::vector<std::size_t>> into_slots(const Statement& statement,
                                                const std::vector<Target>& outputs);
    Parsed<void> add_if(const Statement& statement, RoutineBlock& into);
    Parsed<void> add_case(const Statement& statement, RoutineBlock& into);
    Parsed<void> raise(const Statement& statement, RoutineBlock& into);
    Parsed<void> raise_format(const Statement& statement, RoutineNode& node);
    Parsed<void> raise_option(const plpgsql::RaiseOption& option, RoutineNode& node);
    Parsed<void> add_return(const Statement& statement, RoutineBlock& into);
    Parsed<void> return_trigger(const Statement& statement, RoutineNode node, RoutineBlock& into);
    Parsed<void> return_row(const Statement& statement, RoutineNode node, RoutineBlock& into);
    Parsed<void> return_next(const Statement& statement, RoutineBlock& into);
    Parsed<void> return_query(const Statement& statement, RoutineBlock& into);

    // routine_call.cpp: calls that stand alone, of functions that cannot be put in place.
    struct Call {
        const Function* function = nullptr;
        RoutineNode node;
        RowValue row{};     // what it gives, in slots
        bool from = false;  // SELECT * FROM f(…)
    };
    enum class Use : std::uint8_t { Value, Nothing };
    Parsed<std::optional<Call>> call_in(const PgQuery__SelectStmt& select, Use use);
    Parsed<Expression> value_or_call(const Fragment& fragment, int offset, RoutineBlock& into);
    Parsed<std::optional<RowValue>> row_or_call(const Statement& statement, RoutineBlock& into);
    Parsed<bool> run_call(const Statement& statement, RoutineBlock& into);
    Parsed<void> call_into(const Statement& statement, Call call, RoutineBlock& into);
    Parsed<Expression> value(const Fragment& fragment);
    Parsed<Expression> condition(Expression value, const Fragment& fragment);
    Parsed<Expression> text(const Fragment& fragment);
    std::optional<RowValue> whole_row(const Fragment& fragment);
    Parsed<RoutineStatement> statement(const Fragment& fragment);
    /// A SELECT of these values, to be assigned to slots.
    RoutineStatement select_of(const std::vector<Expression>& values) const;
    Parsed<std::size_t> slot_of(const plpgsql::Target& target);
    RoutineNode node_of(RoutineNode::Kind kind, const Statement& statement) const;
    std::vector<std::size_t> slots_of(const RowValue& row) const;

    const Schema& schema_;
    const Function& function_;
    RoutineNames names_;
    Analyzer analyzer_;
    Routine routine_;
    const Trigger* trigger_ = nullptr;
    std::map<std::size_t, std::string> constants_;  // slots that may not be assigned
    std::size_t cases_ = 0;
};

}  // namespace dunlin::sql
