#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema.h"
#include "core/value.h"
#include "sql/parser.h"

/// Typed expressions and queries: PostgreSQL's meaning, ready to be written as SQLite text
/// (sql/sqlite_text.h) or compiled to a row predicate (policy/). Immutable.
namespace dunlin::sql {

struct Query;

struct Expression {
    enum class Kind : std::uint8_t {
        Literal,  // value, type
        Column,   // relation (index of the enclosing query's relation), column, depth; name
        Call,  // name: a ScalarFunction of core/functions.h or a plain SQLite function; arguments
        Operator,  // name: = <> < <= > >= + - * / % || and or not is_null is_not_null is_distinct
                   // ...
        Case,      // arguments: when, then, ..., else (always present)
        In,        // arguments[0] in arguments[1..]; negated
        Exists,    // query
        InQuery,   // arguments[0] in query; negated
        ScalarQuery,  // query
        Aggregate,    // name, arguments; distinct
        Window,       // name, arguments; those of its window are operators (sql/analyze_window.cpp)
        Variable,     // column: index into the frame of the routine at work (sql/routine.h)
    };

    Kind kind = Kind::Literal;
    Type type{};
    Value value{};
    std::string name{};
    int relation = 0;
    int depth = 0;  // 0: this query, 1: the one around it, ...
    std::size_t column = 0;
    bool negated = false;
    bool distinct = false;
    std::vector<Expression> arguments{};
    std::shared_ptr<const Query> query{};  // shared by copies of this expression, never changed
};

/// One item of FROM. `FROM (SELECT …)`, a WITH query or a function of the project has `query`: its
/// rows; a set-returning function of PostgreSQL's has `rows`. `table` then only describes them and
/// is `described`, no table of the Schema; so it is for the `recursive` mention of a WITH query
/// inside of itself.
struct Relation {
    const Table* table = nullptr;  // borrowed from the Schema
    std::string alias;
    std::shared_ptr<const Query> query{};      // shared by copies of the query around it
    std::shared_ptr<const Table> described{};  // as above
    /// Gives a JSON array with the value of each row, or an array of its values. May use the
    /// columns of the relations before it.
    std::shared_ptr<const Expression> rows{};  // as above
    bool ordinality = false;                   // of `rows`: a last column counts them from 1
    std::string recursive{};                   // the name of the WITH query, "" for other relations
    std::vector<std::size_t> merged{};         // columns that USING made one with an earlier one's
};

struct OrderTerm {
    Expression expression;
    bool descending = false;
    bool nulls_first = false;
};

struct Join {
    enum class Kind : std::uint8_t { Inner, Left, Right, Full, Cross };
    Kind kind = Kind::Inner;
    int relation = 0;
    std::optional<Expression> on;
};

struct Target {
    std::string name;
    Expression expression;
};

/// UNION and its kin with another query.
struct Combination {
    enum class Kind : std::uint8_t { Union, UnionAll, Intersect, Except };
    Kind kind = Kind::Union;
    std::shared_ptr<const Query> query;  // shared by copies of the query around it
};

/// A SELECT: relations[0] joined with the others in order.
struct Query {
    std::vector<Relation> relations;
    std::vector<Join> joins;
    std::vector<Target> targets;
    std::optional<Expression> where;
    std::vector<Expression> group_by;
    std::optional<Expression> having;
    std::vector<OrderTerm> order_by;
    std::optional<Expression> limit;
    std::optional<Expression> offset;
    bool distinct = false;
    /// In order; one that has any has no ORDER BY, LIMIT or OFFSET of its own.
    std::vector<Combination> combined{};
    /// WITH RECURSIVE: the name under which what is in `combined` reads what came out before; ""
    /// for other queries.
    std::string recursive{};
    /// From the body of a SECURITY DEFINER function: read with its owner's rights, so that no
    /// policies apply to `relations`. Every query inside has the flag of its own.
    bool definer = false;
};

/// Resolves an expression node against the columns of `table` (may be null: no columns visible).
/// With `target`, literals and casts are coerced to that type, as in a default or an INSERT.
/// Fails with PostgreSQL's SQLSTATE (42703 unknown column, 42883 unknown function, 42804 types) or
/// 0A000 for what SQLite cannot carry, with the remedy in Error::hint.
Parsed<Expression> analyze_expression(const Schema& schema, const Table* table,
                                      const PgQuery__Node& node, const Type* target = nullptr);

/// As above from PostgreSQL text (a stored default, check or policy).
Parsed<Expression> analyze_expression(const Schema& schema, const Table* table,
                                      std::string_view text, const Type* target = nullptr);

/// A SELECT statement node, e.g. a view or the source of an INSERT.
Parsed<Query> analyze_query(const Schema& schema, const PgQuery__SelectStmt& statement);

/// The type named by a TypeName node, looking up enums and domains (a domain gives its base type).
/// Fails with 42704 for an unknown type and 0A000 for one that SQLite cannot carry.
Parsed<Type> resolve_type(const Schema& schema, const PgQuery__TypeName& name);

}  // namespace dunlin::sql
