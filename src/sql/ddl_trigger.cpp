#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl_function.h"
#include "sql/ddl_trigger.h"
#include "sql/routine_compiler.h"

namespace dunlin::sql {

namespace {

// pg_trigger.h
constexpr int before_bit = 1 << 1;
constexpr int insert_bit = 1 << 2;
constexpr int delete_bit = 1 << 3;
constexpr int update_bit = 1 << 4;
constexpr int truncate_bit = 1 << 5;
constexpr int instead_bit = 1 << 6;

Done refuse_kinds(const PgQuery__CreateTrigStmt& statement) {
    const int at = statement.relation->location;
    if (statement.isconstraint != 0) {
        return not_carried(at, "a constraint trigger",
                           "Use CREATE TRIGGER … AFTER … FOR EACH ROW.");
    }
    if ((statement.timing & instead_bit) != 0) {
        return not_carried(at, "an INSTEAD OF trigger",
                           "Write to the tables, or use a function called with /rpc.");
    }
    if ((statement.events & truncate_bit) != 0)
        return not_carried(at, "a trigger for TRUNCATE", "Leave TRUNCATE out.");
    if (statement.row == 0) {
        return not_carried(at, "a trigger FOR EACH STATEMENT",
                           "Use FOR EACH ROW: it fires once for each row that is written.");
    }
    if (statement.n_transition_rels > 0) {
        return not_carried(at, "REFERENCING NEW TABLE or OLD TABLE",
                           "Use FOR EACH ROW with NEW and OLD.");
    }
    return {};
}

const Function* trigger_function(const Schema& schema, const RelationName& name) {
    const auto overloads = schema.functions.find(name);
    if (overloads == schema.functions.end()) return nullptr;
    const auto found = std::ranges::find_if(
        overloads->second, [](const Function& function) { return function.parameters.empty(); });
    return found == overloads->second.end() ? nullptr : &*found;
}

std::unexpected<Refusal> no_function(const RelationName& name) {
    return refuse(-1, "42883", fmt::format("function {}() does not exist", shown_name(name)));
}

Done set_function(const Schema& schema, const PgQuery__CreateTrigStmt& statement, Trigger& made) {
    const RelationName name = relation_name(statement.funcname, statement.n_funcname);
    const Function* function = trigger_function(schema, name);
    if (function == nullptr) {
        return no_function(name);
    }
    if (function->result != FunctionResult::Trigger) {
        return refuse(-1, "42P17",
                      fmt::format("function {} must return type trigger", name.second));
    }
    made.function_schema = name.first;
    made.function_name = name.second;
    for (std::size_t i = 0; i < statement.n_args; ++i)
        made.arguments.push_back(string_of(*statement.args[i]));
    return {};
}

auto named(std::string_view name) {
    return [name](const Trigger& trigger) { return trigger.name == name; };
}

std::unexpected<Refusal> no_trigger(std::string_view name, const Table& table, int at) {
    return refuse(at, "42704",
                  fmt::format("trigger \"{}\" for table \"{}\" does not exist", name, table.name));
}

void insert_sorted(Table& table, Trigger trigger) {
    const auto place = std::ranges::upper_bound(table.triggers, trigger.name, {}, &Trigger::name);
    table.triggers.insert(place, std::move(trigger));
}

}  // namespace

Done create_trigger(Builder& builder, const PgQuery__CreateTrigStmt& statement) {
    if (auto done = refuse_kinds(statement); !done) return done;
    const int at = statement.relation->location;
    auto table = find_table(builder, relation_name(*statement.relation), at);
    if (!table) return std::unexpected(table.error());
    Trigger made{.name = text_of(statement.trigname)};
    made.timing =
        (statement.timing & before_bit) != 0 ? TriggerTiming::Before : TriggerTiming::After;
    made.on_insert = (statement.events & insert_bit) != 0;
    made.on_update = (statement.events & update_bit) != 0;
    made.on_delete = (statement.events & delete_bit) != 0;
    for (std::size_t i = 0; i < statement.n_columns; ++i) {
        auto column = find_column(**table, string_of(*statement.columns[i]), at);
        if (!column) return std::unexpected(column.error());
        made.update_of.push_back(*column);
    }
    if (auto done = set_function(builder.schema, statement, made); !done) return done;
    if (statement.when_clause != nullptr)
        made.when_text = deparse_expression(*statement.when_clause);
    auto& triggers = (*table)->triggers;
    if (std::ranges::any_of(triggers, named(made.name))) {
        if (statement.replace == 0) {
            return refuse(at, "42710",
                          fmt::format("trigger \"{}\" for relation \"{}\" already exists",
                                      made.name, (*table)->name));
        }
        std::erase_if(triggers, named(made.name));
    }
    const Function& function =
        *trigger_function(builder.schema, {made.function_schema, made.function_name});
    auto compiled = RoutineCompiler(builder.schema, function).compile(**table, made);
    if (!compiled && !may_come_later(compiled.error().error))
        return in_body(builder, function, compiled.error());
    builder.compile_all = builder.compile_all || !compiled;
    insert_sorted(**table, std::move(made));
    return {};
}

Done drop_trigger(Builder& builder, const RelationName& table_name, std::string_view name,
                  bool missing_ok) {
    const auto found = builder.schema.tables.find(table_name);
    if (found == builder.schema.tables.end() && missing_ok) {
        builder.note(
            fmt::format("relation \"{}\" does not exist, skipping", shown_name(table_name)));
        return {};
    }
    auto table = find_table(builder, table_name, -1);
    if (!table) return std::unexpected(table.error());
    if (std::erase_if((*table)->triggers, named(name)) > 0) return {};
    if (!missing_ok) return no_trigger(name, **table, -1);
    builder.note(fmt::format("trigger \"{}\" for relation \"{}\" does not exist, skipping", name,
                             (*table)->name));
    return {};
}

Done rename_trigger(Builder& builder, const PgQuery__RenameStmt& statement) {
    const int at = statement.relation->location;
    auto table = find_table(builder, relation_name(*statement.relation), at);
    if (!table) return std::unexpected(table.error());
    auto& triggers = (*table)->triggers;
    const auto found = std::ranges::find_if(triggers, named(text_of(statement.subname)));
    if (found == triggers.end()) return no_trigger(text_of(statement.subname), **table, at);
    if (std::ranges::any_of(triggers, named(text_of(statement.newname)))) {
        return refuse(at, "42710",
                      fmt::format("trigger \"{}\" for relation \"{}\" already exists",
                                  text_of(statement.newname), (*table)->name));
    }
    Trigger renamed = *found;
    renamed.name = text_of(statement.newname);
    triggers.erase(found);
    insert_sorted(**table, std::move(renamed));
    return {};
}

Done enable_trigger(Table& table, const PgQuery__AlterTableCmd& command, bool enabled) {
    const std::string name = text_of(command.name);
    bool known = name.empty();  // ALL, USER
    for (Trigger& trigger : table.triggers) {
        if (!name.empty() && trigger.name != name) continue;
        trigger.enabled = enabled;
        known = true;
    }
    return known ? Done() : no_trigger(name, table, -1);
}

Done require_no_trigger_of(const Table& table, std::size_t column, int offset) {
    for (const Trigger& trigger : table.triggers) {
        if (std::ranges::find(trigger.update_of, column) == trigger.update_of.end()) continue;
        return refuse(offset, "2BP01",
                      fmt::format("cannot drop column \"{}\" because trigger \"{}\" is for it",
                                  table.columns[column].name, trigger.name),
                      "Drop the trigger first.");
    }
    return {};
}

Done compile_triggers(const Builder& builder) {
    for (const auto& [table_name, table] : builder.schema.tables) {
        for (const Trigger& trigger : table.triggers) {
            const RelationName name{trigger.function_schema, trigger.function_name};
            const Function* function = trigger_function(builder.schema, name);
            if (function == nullptr) return no_function(name);
            auto routine = RoutineCompiler(builder.schema, *function).compile(table, trigger);
            if (!routine) return no_longer_works(builder, *function, routine.error());
        }
    }
    return {};
}

}  // namespace dunlin::sql
