#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sql/expression.h"

/// What names mean inside a routine besides columns: parameters, variables, NEW and OLD.
namespace dunlin::sql {

/// A whole row: of a relation, NEW, OLD, a record, a parameter with a table's type.
struct RowValue {
    const Table* table = nullptr;  // borrowed; null for a record of its own columns
    std::vector<std::string> names{};
    std::vector<Expression> values{};
};

using RowOrValue = std::variant<Expression, RowValue>;

/// What pg_trigger_depth() is found by: no name is written like this.
constexpr std::string_view trigger_depth_name = "pg_trigger_depth()";

class RoutineNames {
public:
    /// When a name is a column as well: PL/pgSQL refuses it, SQL takes the column.
    enum class Conflict : std::uint8_t { Refused, ColumnFirst };

    explicit RoutineNames(Conflict conflict) : conflict_(conflict) {}

    Conflict conflict() const { return conflict_; }

    /// Names that are declared from now on are of a block, and hide those around it.
    void open(std::string label) { scopes_.push_back({std::move(label), {}}); }
    void close() { scopes_.pop_back(); }
    void declare(const std::string& name, RowOrValue meaning);
    /// A record that has not been assigned yet, and so has no columns.
    void declare_record(const std::string& name);
    bool declared_here(const std::string& name) const;
    /// Whether it was given columns; they are of the record from then on.
    bool assign_record(std::span<const std::string> names, RowValue row);
    /// What `$n` means, in order.
    void add_parameter(RowOrValue meaning) { parameters_.push_back(std::move(meaning)); }
    const std::vector<RowOrValue>& parameters() const { return parameters_; }

    struct Found {
        const RowOrValue* meaning = nullptr;  // of the name
        const Expression* value = nullptr;    // the value, or the field of a row
        bool unassigned = false;              // a record without columns yet
        bool no_field = false;                // a row without such a column
    };
    /// Of `a`, `row.a`, `block.a`, `block.row.a`; innermost first. All empty when it means nothing.
    Found find(std::span<const std::string> names) const;

private:
    struct Unassigned {};
    using Meaning = std::variant<RowOrValue, Unassigned>;
    struct Scope {
        std::string label;
        std::map<std::string, Meaning> names;
    };

    static Found inside(const Meaning& meaning, std::span<const std::string> rest);

    Conflict conflict_;
    std::vector<Scope> scopes_;  // outermost first
    std::vector<RowOrValue> parameters_;
};

}  // namespace dunlin::sql
