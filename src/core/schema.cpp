#include "core/schema.h"

#include <algorithm>

namespace dunlin {

namespace {

/// SQLite does not tell "ROWID" from "rowid".
bool same_name(std::string_view left, std::string_view right) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::ranges::equal(left, right, {}, lower, lower);
}

}  // namespace

std::string SearchIndex::vector_over(std::string_view row) const {
    const std::string mark = "\"" + std::string(row_mark) + "\"";
    std::string out;
    std::size_t done = 0;
    for (std::size_t at = 0; (at = vector_pattern.find(mark, done)) != std::string::npos;) {
        out.append(vector_pattern, done, at - done).append(row);
        done = at + mark.size();
    }
    return out.append(vector_pattern, done);
}

std::string Table::storage_name() const {
    return schema == "public" ? name : schema + "." + name;
}

std::optional<std::size_t> Table::find_column(std::string_view column) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].name == column && !columns[i].hidden) return i;
    }
    return std::nullopt;
}

std::string_view Table::row_number() const {
    for (const std::string_view number : {"rowid", "oid", "_rowid_"}) {
        const bool taken = std::ranges::any_of(
            columns, [&](const Column& column) { return same_name(column.name, number); });
        if (!taken) return number;
    }
    return {};
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
