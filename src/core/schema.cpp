#include "core/schema.h"

namespace dunlin {

std::string Table::storage_name() const {
    return schema == "public" ? name : schema + "." + name;
}

std::optional<std::size_t> Table::find_column(std::string_view column) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].name == column && !columns[i].hidden) return i;
    }
    return std::nullopt;
}

const Table* Schema::find(std::string_view schema, std::string_view name) const {
    const auto found = tables.find({std::string(schema), std::string(name)});
    return found == tables.end() ? nullptr : &found->second;
}

const Table* Schema::find_storage(std::string_view storage_name) const {
    const auto dot = storage_name.find('.');
    if (dot == std::string_view::npos) return find("public", storage_name);
    return find(storage_name.substr(0, dot), storage_name.substr(dot + 1));
}

}  // namespace dunlin
