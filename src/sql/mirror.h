#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/schema.h"

namespace dunlin::sql {

/// A column that has the value of another table's, in the row that a foreign key names.
struct Mirror {
    const Table* table = nullptr;  // borrowed, like the next
    const Table* source = nullptr;
    std::size_t column = 0;         // of table
    std::size_t via = 0;            // of table: the foreign key
    std::size_t source_column = 0;  // of source: the same value
    std::size_t source_key = 0;     // of source: what the foreign key names

    /// Begins the names of everything that is made for it.
    std::string name() const;
};

/// What a directive says: `mirrors [schema.]table.column via column`, names quoted or not.
struct MirrorText {
    std::string schema{};  // "" when it has none
    std::string table{};
    std::string column{};
    std::string via{};
};

/// Of a comment that begins with `dunlin:`. Nothing when it is not of this form.
std::optional<MirrorText> parse_mirror(std::string_view comment);

/// The functions that keep a mirror, in PL/pgSQL, as a migration would create them.
struct MirrorFunction {
    std::string name;
    std::string body;
    Trigger trigger;  // on `on`
    bool on_source = false;
};
std::vector<MirrorFunction> mirror_functions(const Mirror& mirror);

constexpr std::string_view mirror_prefix = "_dunlin_mirror_";

}  // namespace dunlin::sql
