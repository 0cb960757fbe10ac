#include "query/column_rights.h"

#include <fmt/format.h>

#include <algorithm>

#include "query/sql_builder.h"

namespace dunlin::query {

Result<std::size_t> writable_column(const Table& table, std::string_view name, Command command) {
    const auto found = std::ranges::find(table.columns, name, &Column::name);
    if (found == table.columns.end()) return std::unexpected(column_not_in_cache(table, name));
    const bool writable = command == Command::Insert ? found->insertable : found->updatable;
    if (writable) return static_cast<std::size_t>(found - table.columns.begin());
    if (found->hidden) return std::unexpected(column_not_in_cache(table, name));
    return std::unexpected(permission_denied(table));
}

Error permission_denied(const Table& table) {
    return sql_error("42501",
                     fmt::format("permission denied for {} {}",
                                 table.kind == RelationKind::View ? "view" : "table", table.name));
}

}  // namespace dunlin::query
