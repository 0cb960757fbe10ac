#include "server/typescript_functions.h"

#include <fmt/format.h>

#include <algorithm>

namespace dunlin::server {

namespace {

/// Functions are called by the names of their parameters; triggers and computed fields not at all.
bool is_callable(const Function& function) {
    if (function.result == FunctionResult::Trigger) return false;
    const bool takes_row = std::ranges::any_of(
        function.parameters, [](const Parameter& one) { return !one.row_table.empty(); });
    if (takes_row && function.result != FunctionResult::Row) return false;
    return std::ranges::none_of(function.parameters,
                                [](const Parameter& one) { return one.name.empty(); }) ||
           takes_row;
}

/// The row type of a table or view that the file has, else a row of whatever columns.
std::string row_text(const TypeScriptTypes& types, std::string_view storage_name) {
    const Table* table = types.schema().find_storage(storage_name);
    if (table == nullptr || !types.has_schema(table->schema)) return "Record<string, unknown>";
    return fmt::format("Database[{}][\"{}\"][{}][\"Row\"]", string_literal(table->schema),
                       table->kind == RelationKind::View ? "Views" : "Tables",
                       string_literal(table->name));
}

std::string parameter_text(const TypeScriptTypes& types, const Parameter& parameter) {
    const std::string type = parameter.row_table.empty() ? types.type_text(parameter.type)
                                                         : row_text(types, parameter.row_table);
    return fmt::format("{}{}: {}", property_name(parameter.name),
                       parameter.default_text.empty() ? "" : "?", type);
}

std::string arguments_text(const TypeScriptTypes& types, const Function& function) {
    if (function.parameters.empty()) return "never";
    std::string out = "{ ";
    for (const Parameter& parameter : function.parameters) {
        if (out.size() > 2) out += "; ";
        out += parameter_text(types, parameter);
    }
    return out + " }";
}

std::string columns_text(const TypeScriptTypes& types, const Function& function) {
    std::string out = "{ ";
    for (const Parameter& column : function.result_columns) {
        if (out.size() > 2) out += "; ";
        out += fmt::format("{}: {}", property_name(column.name), types.type_text(column.type));
    }
    return out + " }";
}

std::string result_text(const TypeScriptTypes& types, const Function& function) {
    switch (function.result) {
        case FunctionResult::Void:
        case FunctionResult::Trigger:
            return "undefined";
        case FunctionResult::Scalar:
            return types.type_text(function.result_type);
        case FunctionResult::Row:
            return row_text(types, function.result_table);
        case FunctionResult::Columns:
            return columns_text(types, function);
    }
    return "unknown";
}

/// What lets a select embed the rows that a function of a row gives.
std::string set_options_text(const TypeScriptTypes& types, const Function& function) {
    if (function.result != FunctionResult::Row) return "";
    const Table* target = types.schema().find_storage(function.result_table);
    if (target == nullptr) return "";
    const std::string* from =
        function.parameters.size() == 1 ? &function.parameters[0].row_table : nullptr;
    const Table* source =
        from == nullptr || from->empty() ? nullptr : types.schema().find_storage(*from);
    return fmt::format("; SetofOptions: {{ from: {}; to: {}; isOneToOne: {}; isSetofReturn: {} }}",
                       string_literal(source == nullptr ? "*" : source->name),
                       string_literal(target->name), function.single_row || !function.returns_set,
                       function.returns_set);
}

std::string function_text(const TypeScriptTypes& types, const Function& function) {
    return fmt::format("{{ Args: {}; Returns: {}{}{} }}", arguments_text(types, function),
                       result_text(types, function), function.returns_set ? "[]" : "",
                       set_options_text(types, function));
}

}  // namespace

bool print_functions(TypeScriptLines& out, const TypeScriptTypes& types,
                     const std::vector<Function>& overloads) {
    std::vector<const Function*> callable;
    for (const Function& function : overloads) {
        if (is_callable(function)) callable.push_back(&function);
    }
    if (callable.empty()) return false;
    const std::string name = property_name(callable.front()->name);
    if (callable.size() == 1) {
        out.line(fmt::format("{}: {}", name, function_text(types, *callable.front())));
        return true;
    }
    out.line(name + ":");
    for (const Function* function : callable)
        out.line(fmt::format("  | {}", function_text(types, *function)));
    return true;
}

}  // namespace dunlin::server
