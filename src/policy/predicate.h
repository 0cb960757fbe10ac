#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/functions.h"
#include "policy/access_rules.h"
#include "sql/expression.h"

namespace dunlin::policy {

/// An expression over one row, compiled: no names, no allocation for comparisons of columns, slots and
/// constants. Immutable.
///
/// A tree of nodes in one vector; children are indexes. Three-valued: NULL is a null Value.
class Predicate {
public:
    enum class Operation : std::uint8_t {
        Constant,
        Column,   // number
        Slot,     // number, into Reader::slots
        Compare,  // comparison, type; two children
        And,
        Or,
        Not,
        IsNull,
        IsTrue,
        IsFalse,
        Distinct,
        Case,
        Coalesce,
        In,       // first child in the others
        InSet,    // child in set `number`; no child: the set is not empty
        Call,     // function
        Arithmetic,
    };
    enum class Comparison : std::uint8_t { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual };

    struct Node {
        Operation operation = Operation::Constant;
        Comparison comparison = Comparison::Equal;
        bool negated = false;
        char symbol = '+';  // Arithmetic
        std::size_t number = 0;
        Type type{};
        Value constant{};
        const ScalarFunction* function = nullptr;
        std::vector<std::size_t> children{};
    };

    std::vector<Node> nodes;
    std::size_t root = 0;

    /// The value for this row and reader. A function that fails gives NULL: the row is not shown.
    Value evaluate(const Row& row, const Reader& reader) const;
    bool holds(const Row& row, const Reader& reader) const;

private:
    const Value& peek(std::size_t node, const Row& row, const Reader& reader, Value& scratch) const;
    Value compute(const Node& node, const Row& row, const Reader& reader) const;
    Value junction(const Node& node, const Row& row, const Reader& reader) const;
    Value compare(const Node& node, const Row& row, const Reader& reader) const;
    Value in_list(const Node& node, const Row& row, const Reader& reader) const;
    Value in_set(const Node& node, const Row& row, const Reader& reader) const;
    Value call(const Node& node, const Row& row, const Reader& reader) const;
};

/// What compiling collects for all rules of a schema: reader slots and membership sets.
struct Shared {
    std::vector<Predicate> slots;
    std::vector<std::string> slot_texts;  // SQLite text of each, to find equal ones
    std::vector<SetQuery> sets;

    std::size_t slot(Predicate predicate, std::string text);
    std::size_t set(SetQuery query);
};

}  // namespace dunlin::policy
