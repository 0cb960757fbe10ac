#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/schema.h"

/// How the tables of a schema belong together, by their foreign keys. Pure.
namespace dunlin::query {

enum class Cardinality : std::uint8_t { ManyToOne, OneToOne, OneToMany, ManyToMany };

/// Pairs of columns that are equal in rows that belong together.
using ColumnPairs = std::vector<std::pair<std::size_t, std::size_t>>;

/// One way from the rows of `source` to those of `target`.
struct Relationship {
    Cardinality cardinality = Cardinality::ManyToOne;
    const Table* source = nullptr;  // borrowed from the Schema, like all of them
    const Table* target = nullptr;
    std::string constraint{};  // ManyToMany: the foreign key from the junction to `source`
    /// Of source and target; ManyToMany: of source and junction.
    ColumnPairs columns{};
    // ManyToMany
    const Table* junction = nullptr;
    std::string target_constraint{};
    ColumnPairs target_columns{};  // of junction and target

    /// At most one row of `target` belongs to a row of `source`.
    bool to_one() const {
        return cardinality == Cardinality::ManyToOne || cardinality == Cardinality::OneToOne;
    }
    bool to_itself() const { return source == target; }
};

/// Every relationship of a schema, also between tables and views: a view takes part with the
/// foreign keys of the tables behind it whose columns it shows unchanged (Column::base_table).
/// Hidden columns are not there. Borrows the schema; immutable. Made once per schema: the cost is
/// linear in its tables, keys and views.
class Relationships {
public:
    explicit Relationships(const Schema& schema);

    /// In PostgREST's order. `source` may be a copy of the schema's table; what only has its name,
    /// as the result of a function may, has none.
    const std::vector<Relationship>& of(const Table& source) const;

    /// The relationship that `target` names in a select on `source`: a table or view of the same
    /// schema, a constraint or a column of `source`; `hint` (may be empty) is a constraint, a
    /// column of either side or a junction. Fails with PGRST200 when there is none, PGRST201 when
    /// there are several.
    Result<const Relationship*> find(const Table& source, std::string_view target,
                                     std::string_view hint) const;

private:
    Error missing(const Table& source, std::string_view target, std::string_view hint) const;

    std::map<std::string, std::vector<Relationship>> by_source_;  // by storage name
};

}  // namespace dunlin::query
