#include "data/returned_rows.h"

#include <fmt/format.h>

#include <cmath>

#include "core/codec.h"
#include "core/limits.h"
#include "sql/sqlite_text.h"

namespace dunlin::data {

namespace {

/// Stands for the number of the parameter that has the rows, which is known last.
constexpr std::string_view rows_mark = "/*rows*/";

std::string hex_of(std::string_view bytes) {
    std::string hex;
    for (const char c : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return hex;
}

void write_cell(const Value& value, std::string& out) {
    if (value.is_null())
        out += "null";
    else if (value.is_integer())
        out += fmt::format("{}", value.integer());
    else if (value.is_text())
        codec::write_json_string(value.text(), out);
    else if (value.is_blob())
        codec::write_json_string(hex_of(value.bytes()), out);
    else if (std::isinf(value.real()))
        out += value.real() < 0 ? "-9e999" : "9e999";
    else  // with a point or exponent, so that SQLite reads a real
        out += fmt::format("{:.17e}", value.real());
}

/// The rows as stored, as one JSON array of arrays.
Value packed(const std::vector<Row>& rows) {
    std::string out = "[";
    for (const Row& row : rows) {
        out += out.size() > 1 ? ",[" : "[";
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) out.push_back(',');
            write_cell(row[i], out);
        }
        out.push_back(']');
    }
    return Value(out + "]");
}

/// The rows as a relation with the table's columns.
std::string relation_of(const Table& table) {
    std::string columns;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Type& type = table.columns[i].type;
        std::string cell = fmt::format("json_extract(value, '$[{}]')", i);
        if (!type.array && type.kind == TypeKind::Bytea) cell = "unhex(" + cell + ")";
        if (!type.array && type.kind == TypeKind::Numeric) cell += " collate pg_numeric";
        columns += fmt::format("{}{} as {}", columns.empty() ? "" : ", ", cell,
                               sql::quote_identifier(table.columns[i].name));
    }
    return fmt::format("(select {} from json_each({}))", columns, rows_mark);
}

/// Puts the parameter with the rows behind the others.
query::SqlText with_rows(query::SqlText text) {
    const auto at = text.sql.find(rows_mark);
    if (at != text.sql.npos)
        text.sql.replace(at, rows_mark.size(), fmt::format("?{}", text.parameters.size() + 1));
    return text;
}

engine::Statement statement_of(const query::SqlText& text, const std::vector<Row>& rows) {
    engine::Statement statement{text.sql, text.parameters};
    statement.parameters.push_back(packed(rows));
    return statement;
}

}  // namespace

Result<ReturnedRows> ReturnedRows::plan(const Tables&, Role, const Table& table,
                                        const query::RestQuery& query) {
    query::AccessConditions access;
    access.relation = relation_of(table);
    auto select = query::select_sql(table, query, access, limits::rows_per_request_max);
    if (!select) return std::unexpected(select.error());
    auto count = query::count_sql(table, query, access);
    if (!count) return std::unexpected(count.error());
    ReturnedRows plan;
    plan.select_ = with_rows(std::move(*select));
    plan.count_ = with_rows(std::move(*count));
    return plan;
}

Result<Rows> ReturnedRows::run(engine::Session& session, RowFormat format,
                               const std::vector<Row>& rows) const {
    if (format != RowFormat::Json) {
        return std::unexpected(sql_error("0A000", "rows of a function are given as plain JSON only",
                                         "", "Ask for application/json."));
    }
    auto found = session.run(statement_of(select_, rows));
    if (!found) return std::unexpected(found.error());
    Rows answer{.json = "[", .count = found->rows.size()};
    for (const Row& row : found->rows) {
        answer.json += answer.json.size() > 1 ? ",\n {" : "{";
        for (std::size_t i = 0; i < select_.columns.size(); ++i) {
            if (i > 0) answer.json.push_back(',');
            codec::write_json_string(select_.columns[i].name, answer.json);
            answer.json.push_back(':');
            codec::write_json(select_.columns[i].type, row[i], answer.json);
        }
        answer.json.push_back('}');
    }
    answer.json.push_back(']');
    return answer;
}

Result<std::uint64_t> ReturnedRows::count(engine::Session& session,
                                          const std::vector<Row>& rows) const {
    auto counted = session.run(statement_of(count_, rows));
    if (!counted) return std::unexpected(counted.error());
    return static_cast<std::uint64_t>(counted->rows.at(0).at(0).integer());
}

}  // namespace dunlin::data
