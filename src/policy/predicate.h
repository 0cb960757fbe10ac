#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/functions.h"
#include "policy/access_rules.h"
#include "sql/expression.h"

namespace dunlin::policy {

/// An expression over one row, compiled: no names, no allocation for comparisons of columns, slots
/// and constants. Immutable.
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
        In,     // first child in the others
        InSet,  // child in set `number`; no child: the set is not empty
        Call,   // function
    };
    enum class Comparison : std::uint8_t {
        Equal,
        NotEqual,
        Less,
        LessEqual,
        Greater,
        GreaterEqual
    };

    struct Node {
        Operation operation = Operation::Constant;
        Comparison comparison = Comparison::Equal;
        bool negated = false;
        bool is_exists = false;  // InSet: EXISTS, which is never NULL
        std::size_t number = 0;
        Type type{};
        Value constant{};
        const ScalarFunction* function = nullptr;
        std::vector<std::size_t> children{};
        /// A function in it may fail, or what the reader was to bring may be missing.
        bool can_fail = false;
    };

    std::vector<Node> nodes;
    std::size_t root = 0;

    /// The value for this row and reader, or nothing when a function in it failed: SQL would fail
    /// as a whole then, so that no `is null` or `not` around it may make it true. SQL may also look
    /// at the parts of AND, OR and IN in any order and stop early, so all of them are tried: a row
    /// on which some order fails is hidden.
    std::optional<Value> evaluate(const Row& row, const Reader& reader) const;
    bool holds(const Row& row, const Reader& reader) const;

private:
    /// One evaluation.
    struct Run {
        const Row& row;
        const Reader& reader;
        bool failed = false;
    };

    const Value& peek(std::size_t node, Run& run, Value& scratch) const;
    const Value& slot(std::size_t number, Run& run) const;
    Value compute(const Node& node, Run& run) const;
    Value junction(const Node& node, Run& run) const;
    /// Tries the children of `node` from `first` on, for their failures.
    void probe(const Node& node, std::size_t first, Run& run) const;
    Value compare(const Node& node, Run& run) const;
    Value choose(const Node& node, Run& run) const;
    Value coalesce(const Node& node, Run& run) const;
    Value in_list(const Node& node, Run& run) const;
    Value in_set(const Node& node, Run& run) const;
    Value call(const Node& node, Run& run) const;
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
