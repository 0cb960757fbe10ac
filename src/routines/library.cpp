#include "routines/library.h"

#include <fmt/format.h>

#include <algorithm>

namespace dunlin::routines {

namespace {

ChangeKind kind_of(Command command) {
    return command == Command::Insert   ? ChangeKind::Insert
           : command == Command::Update ? ChangeKind::Update
                                        : ChangeKind::Delete;
}

bool has_before(const Table& table, Command command) {
    return std::any_of(table.triggers.begin(), table.triggers.end(), [&](const Trigger& trigger) {
        return trigger.enabled && fires_on(trigger, TriggerTiming::Before, kind_of(command));
    });
}

Result<std::string> default_text(const Schema& schema, const std::string& text, const Type& type) {
    if (text.empty()) return "";
    auto expression = sql::analyze_expression(schema, nullptr, text, &type);
    if (!expression) return std::unexpected(expression.error().error);
    return "select " + sql::sqlite_text(*expression, "");
}

}  // namespace

bool fires_on(const Trigger& trigger, TriggerTiming timing, ChangeKind kind) {
    if (trigger.timing != timing) return false;
    switch (kind) {
        case ChangeKind::Insert:
            return trigger.on_insert;
        case ChangeKind::Update:
            return trigger.on_update;
        case ChangeKind::Delete:
            return trigger.on_delete;
    }
    return false;
}

bool TableTriggers::has(TriggerTiming timing, ChangeKind kind) const {
    return std::any_of(triggers.begin(), triggers.end(), [&](const TriggerProgram& made) {
        return fires_on(*made.trigger, timing, kind);
    });
}

Library::Library(std::shared_ptr<const Schema> schema,
                 std::shared_ptr<const policy::AccessRules> rules)
    : schema_(std::move(schema)), rules_(std::move(rules)), by_rows_(has_before) {}

Result<std::shared_ptr<const Library>> Library::compile(
    std::shared_ptr<const policy::AccessRules> rules) {
    // The schema lives as long as the rules do.
    std::shared_ptr<const Schema> schema(rules, &rules->schema());
    std::shared_ptr<Library> library(new Library(std::move(schema), std::move(rules)));
    auto added = library->add_all();
    if (!added) return std::unexpected(added.error());
    return library;
}

Result<std::shared_ptr<const Library>> Library::compile(std::shared_ptr<const Schema> schema) {
    std::shared_ptr<Library> library(new Library(std::move(schema), nullptr));
    auto added = library->add_all();
    if (!added) return std::unexpected(added.error());
    return library;
}

Result<void> Library::add_all() {
    for (const auto& [name, table] : schema_->tables) {
        auto added = add_table(table);
        if (!added) return added;
    }
    if (rules_ == nullptr && tables_.empty()) return {};
    for (const auto& [name, overloads] : schema_->functions) {
        for (const Function& function : overloads) {
            auto added = add_function(function);
            if (!added) return added;
        }
    }
    return {};
}

Result<std::unique_ptr<Program>> Library::write(Result<sql::Routine> routine) const {
    if (!routine) return std::unexpected(routine.error());
    return writer().write(std::move(*routine));
}

Result<void> Library::add_table(const Table& table) {
    TableTriggers made{.table = &table};
    for (const Trigger& trigger : table.triggers) {
        if (!trigger.enabled) continue;
        auto program = write(sql::compile_trigger(*schema_, table, trigger));
        if (program)
            made.triggers.push_back({&trigger, std::move(*program)});
        else if (rules_ == nullptr)
            made.triggers.push_back({.trigger = &trigger, .broken = program.error()});
        else
            return std::unexpected(program.error());
    }
    if (made.triggers.empty()) return {};
    for (const Column& column : table.columns) {
        auto text = default_text(*schema_, column.default_text, column.type);
        if (!text) return std::unexpected(text.error());
        made.defaults.push_back(std::move(*text));
    }
    tables_.emplace(table.storage_name(), std::move(made));
    return {};
}

Result<void> Library::add_function(const Function& function) {
    if (function.result == FunctionResult::Trigger) return {};
    auto program = write(sql::compile_routine(*schema_, function));
    if (!program && rules_ != nullptr) return std::unexpected(program.error());
    FunctionProgram made{.function = &function};
    if (!program) {
        made.broken = program.error();
        functions_.emplace(&function, std::move(made));
        return {};
    }
    made.program = std::move(*program);
    for (const Parameter& parameter : function.parameters) {
        auto text = default_text(*schema_, parameter.default_text, parameter.type);
        if (!text) return std::unexpected(text.error());
        made.defaults.push_back(std::move(*text));
    }
    functions_.emplace(&function, std::move(made));
    return {};
}

const TableTriggers* Library::triggers(const std::string& storage_name) const {
    const auto found = tables_.find(storage_name);
    return found == tables_.end() ? nullptr : &found->second;
}

Result<const FunctionProgram*> Library::require(const Function& function) const {
    const FunctionProgram* made = find(function);
    if (made == nullptr) {
        return std::unexpected(
            sql_error("42883", fmt::format("function {}() does not exist", function.name)));
    }
    if (made->broken) return std::unexpected(*made->broken);
    return made;
}

Result<void> require_executor(const Function& function, Role role) {
    const auto& executors = function.executors;
    const bool may = executors.empty() ||
                     std::ranges::find(executors, role_name(role)) != executors.end() ||
                     std::ranges::find(executors, "public") != executors.end();
    if (may) return {};
    return std::unexpected(
        sql_error("42501", fmt::format("permission denied for function {}", function.name)));
}

const FunctionProgram* Library::find(const Function& function) const {
    const auto found = functions_.find(&function);
    return found == functions_.end() ? nullptr : &found->second;
}

}  // namespace dunlin::routines
