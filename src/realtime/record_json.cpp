#include "realtime/record_json.h"

#include <algorithm>
#include <numeric>

#include "core/codec.h"

namespace dunlin::realtime {

namespace {

template <typename Values>
void write_values(const Table& table, const Projection& columns, const Values& row,
                  std::size_t bytes_max, std::string& out) {
    out += '{';
    const std::size_t begin = out.size();
    for (const std::size_t index : columns) {
        const Column& column = table.columns[index];
        const std::size_t before = out.size();
        if (before != begin) out += ',';
        codec::write_json_string(column.name, out);
        out += ':';
        const std::size_t value_begin = out.size();
        codec::write_json(column.type, index < row.size() ? ValueView(row[index]) : ValueView(),
                          out);
        if (out.size() - value_begin > bytes_max) out.resize(before);
    }
    out += '}';
}

}  // namespace

Projection every_column(const Table& table) {
    Projection every(table.columns.size());
    std::iota(every.begin(), every.end(), std::size_t{0});
    return every;
}

Projection key_in(const Table& table, const Projection& columns) {
    Projection key = table.primary_key.columns;
    std::erase_if(key, [&](std::size_t column) {
        return std::ranges::find(columns, column) == columns.end();
    });
    return key;
}

void write_record(const Table& table, const Projection& columns, const Row& row,
                  std::size_t bytes_max, std::string& out) {
    write_values(table, columns, row, bytes_max, out);
}

void write_record(const Table& table, const Projection& columns, std::span<const ValueView> row,
                  std::string& out) {
    write_values(table, columns, row, SIZE_MAX, out);
}

}  // namespace dunlin::realtime
