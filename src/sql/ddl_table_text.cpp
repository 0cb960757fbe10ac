#include <fmt/format.h>

#include "sql/ddl_table.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

using enum TypeKind;

/// char(n) is compared without its padding where that is asked for, not by its column.
std::string collated_text(const Type& type) {
    const std::string_view name = type.kind == Char ? "" : collation_name(type);
    return name.empty() ? "TEXT" : fmt::format("TEXT COLLATE {}", name);
}

std::string storage_class(const Type& type) {
    if (type.array) return "TEXT";
    switch (type.kind) {
        case Bool:
        case Int2:
        case Int4:
        case Int8:
        case Date:
        case Time:
        case Timestamp:
        case TimestampTz:
            return "INTEGER";
        case Float4:
        case Float8:
            return "REAL";
        case Bytea:
            return "BLOB";
        default:
            return collated_text(type);
    }
}

/// The condition that keeps a column to its type where the storage class does not; "" for none.
std::string type_condition(const Type& type, const std::string& column) {
    if (type.array) return fmt::format("json_valid({})", column);
    switch (type.kind) {
        case Bool:
            return fmt::format("{} in (0, 1)", column);
        case Int2:
            return fmt::format("{} between -32768 and 32767", column);
        case Int4:
            return fmt::format("{} between -2147483648 and 2147483647", column);
        case Varchar:
        case Char:
            return type.length_max > 0 ? fmt::format("length({}) <= {}", column, type.length_max)
                                       : "";
        case Json:
        case Jsonb:
            return fmt::format("json_valid({})", column);
        case Enum: {
            std::vector<std::string> labels;
            for (const std::string& label : type.labels)
                labels.push_back(quote_literal(Value(label)));
            return labels.empty() ? fmt::format("{} is null", column)
                                  : fmt::format("{} in ({})", column, join(labels, ", "));
        }
        default:
            return "";
    }
}

/// A stored text, analyzed again: its offsets mean nothing in the file, so they are dropped.
Parsed<std::string> stored_text(const Schema& schema, const Table* table, std::string_view text,
                                const Type* target) {
    auto expression = analyze_expression(schema, table, text, target);
    if (!expression) return refuse(-1, expression.error().error);
    return sqlite_text(*expression, "");
}

/// `INTEGER PRIMARY KEY` in SQLite numbers rows by itself, which only identity columns may do.
std::string column_type(const Table& table, std::size_t column) {
    const auto& key = table.primary_key.columns;
    const std::string type = storage_class(table.columns[column].type);
    const bool alone = key.size() == 1 && key[0] == column;
    return alone && type == "INTEGER" ? "INT" : type;
}

std::string_view action_text(ForeignKeyAction action) {
    switch (action) {
        case ForeignKeyAction::NoAction:
            return "NO ACTION";
        case ForeignKeyAction::Restrict:
            return "RESTRICT";
        case ForeignKeyAction::Cascade:
            return "CASCADE";
        case ForeignKeyAction::SetNull:
            return "SET NULL";
        case ForeignKeyAction::SetDefault:
            return "SET DEFAULT";
    }
    return "NO ACTION";
}

std::string foreign_key_text(const Table& table, const ForeignKey& key) {
    std::vector<std::string> targets;
    for (const std::string& name : key.target_columns) targets.push_back(quote_identifier(name));
    return fmt::format(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {} ON UPDATE {}{}",
        quote_identifier(key.name), quoted_columns(table, key.columns),
        quote_identifier(storage_name({key.target_schema, key.target_table})), join(targets, ", "),
        action_text(key.on_delete), action_text(key.on_update),
        key.deferred ? " DEFERRABLE INITIALLY DEFERRED" : "");
}

std::string key_text(const Table& table, const Key& key, std::string_view kind) {
    return fmt::format("CONSTRAINT {} {} ({})", quote_identifier(key.name), kind,
                       quoted_columns(table, key.columns));
}

}  // namespace

bool is_row_number(const Table& table, std::size_t column) {
    return table.columns[column].identity != IdentityColumn::None &&
           table.primary_key.columns.size() == 1 && table.primary_key.columns[0] == column;
}

Parsed<std::string> column_text(const Schema& schema, const Table& table, std::size_t index) {
    const Column& column = table.columns[index];
    const std::string name = quote_identifier(column.name);
    std::string out = name;
    if (is_row_number(table, index)) {
        out += fmt::format(" INTEGER CONSTRAINT {} PRIMARY KEY AUTOINCREMENT",
                           quote_identifier(table.primary_key.name));
    } else {
        out += " " + column_type(table, index);
        if (column.not_null) out += " NOT NULL";
    }
    if (!column.default_text.empty()) {
        auto text = stored_text(schema, nullptr, column.default_text, &column.type);
        if (!text) return text;
        out += " DEFAULT (" + *text + ")";
    }
    if (!column.generated_text.empty()) {
        auto text = stored_text(schema, &table, column.generated_text, &column.type);
        if (!text) return text;
        out += " GENERATED ALWAYS AS (" + *text + ") STORED";
    }
    const std::string condition = type_condition(column.type, name);
    if (condition.empty()) return out;
    return fmt::format("{} CONSTRAINT {} CHECK ({})", out,
                       quote_identifier(fmt::format("{}_{}_type", table.name, column.name)),
                       condition);
}

Parsed<std::string> create_table_text(const Schema& schema, const Table& table,
                                      std::string_view storage) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        auto text = column_text(schema, table, i);
        if (!text) return text;
        parts.push_back(std::move(*text));
    }
    const auto& key = table.primary_key.columns;
    const bool row_number = key.size() == 1 && is_row_number(table, key[0]);
    if (!key.empty() && !row_number)
        parts.push_back(key_text(table, table.primary_key, "PRIMARY KEY"));
    for (const Key& unique : table.unique_keys) parts.push_back(key_text(table, unique, "UNIQUE"));
    for (const CheckConstraint& check : table.checks) {
        auto text = stored_text(schema, &table, check.text, &bool_type());
        if (!text) return text;
        parts.push_back(
            fmt::format("CONSTRAINT {} CHECK ({})", quote_identifier(check.name), *text));
    }
    for (const ForeignKey& foreign : table.foreign_keys)
        parts.push_back(foreign_key_text(table, foreign));
    return fmt::format("CREATE TABLE {} ({}) STRICT", quote_identifier(storage), join(parts, ", "));
}

}  // namespace dunlin::sql
