#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sql/parser.h"

/// PL/pgSQL as written: what plpgsql_parser.h makes of a function's body. Texts keep their place.
namespace dunlin::sql::plpgsql {

/// A piece of the body: an expression, a statement, a type.
struct Fragment {
    std::string text;
    int offset = 0;  // of its first byte in the body
};

/// `a`, `new.a`, `block.a`: what is assigned to.
struct Target {
    std::vector<std::string> names;
    int offset = 0;
};

struct Declaration {
    enum class Kind : std::uint8_t { Typed, ColumnType, RowType, Record, Alias };
    Kind kind = Kind::Typed;
    std::string name;
    int offset = 0;
    bool constant = false;
    bool not_null = false;
    Fragment type{};                   // Typed
    std::vector<std::string> names{};  // of %TYPE, %ROWTYPE; ALIAS FOR
    std::optional<Fragment> value{};
};

struct Statement;
using Statements = std::vector<Statement>;

struct Branch {
    std::optional<Fragment> condition;  // IF; of CASE with a subject the list of its values
    Statements body;
};

struct RaiseOption {
    std::string name;  // message, detail, hint, errcode, …
    Fragment value;
};

struct Statement {
    enum class Kind : std::uint8_t {
        Assign,       // target := fragment
        Sql,          // fragment [INTO targets]
        Perform,      // fragment, a SELECT
        If,           // branches
        Case,         // [fragment] branches; no ELSE is an error when none applies
        Raise,        // name (level), format, arguments, options
        Return,       // [fragment]
        ReturnNext,   // [fragment]
        ReturnQuery,  // fragment
        Block,        // declarations, body
        Null,
    };
    Kind kind = Kind::Null;
    int offset = 0;
    std::optional<Fragment> fragment{};
    std::vector<Target> targets{};
    bool strict = false;
    std::vector<Branch> branches{};
    std::string level{};               // Raise
    std::optional<Fragment> format{};  // Raise: a string as written
    std::string condition{};           // Raise: name of a condition, or SQLSTATE
    std::vector<Fragment> arguments{};
    std::vector<RaiseOption> options{};
    std::string label{};  // Block
    std::vector<Declaration> declarations{};
    Statements body{};
};

}  // namespace dunlin::sql::plpgsql
