// What is done with functions that are there: ALTER, DROP, COMMENT, GRANT; and what calls them.
#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl_function.h"
#include "sql/ddl_table.h"
#include "sql/ddl_trigger.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

/// The types in parentheses, as signature_of() writes them.
Parsed<std::string> named_signature(const Schema& schema, const PgQuery__ObjectWithArgs& named) {
    std::vector<std::string> types;
    for (std::size_t i = 0; i < named.n_objargs; ++i) {
        const PgQuery__TypeName& type = *named.objargs[i]->type_name;
        const RelationName name = relation_name(type.names, type.n_names);
        if (const Table* table = schema.find(name.first, name.second)) {
            types.push_back(table->storage_name());
            continue;
        }
        auto resolved = resolve_type(schema, type);
        if (!resolved) return std::unexpected(resolved.error());
        types.push_back(sql_type_name(without_modifiers(std::move(*resolved))));
    }
    return join(types, ", ");
}

}  // namespace

Parsed<Function*> find_function(Builder& builder, const PgQuery__ObjectWithArgs& named) {
    const RelationName name = relation_name(named.objname, named.n_objname);
    const auto overloads = builder.schema.functions.find(name);
    if (named.args_unspecified != 0) {
        if (overloads == builder.schema.functions.end()) {
            return refuse(-1, "42883",
                          fmt::format("could not find a function named \"{}\"", shown_name(name)));
        }
        if (overloads->second.size() == 1) return &overloads->second.front();
        return refuse(-1, "42725",
                      fmt::format("function name \"{}\" is not unique", shown_name(name)),
                      "Specify the argument list to select the function unambiguously.");
    }
    auto signature = named_signature(builder.schema, named);
    if (!signature) return std::unexpected(signature.error());
    if (overloads != builder.schema.functions.end()) {
        for (Function& function : overloads->second) {
            if (signature_of(function) == *signature) return &function;
        }
    }
    return refuse(-1, "42883",
                  fmt::format("function {}({}) does not exist", shown_name(name), *signature));
}

Done remake_callers(Builder& builder, const Schema& before) {
    if (auto valid = require_valid_dependents(builder); !valid) return valid;
    for (auto& [name, table] : builder.schema.tables) {
        const auto old = before.tables.find(name);
        if (old == before.tables.end()) continue;
        const bool view = table.kind == RelationKind::View;
        const auto text = [&](const Schema& schema, const Table& of) {
            return view ? create_view_text(schema, of)
                        : create_table_text(schema, of, of.storage_name());
        };
        const auto was = text(before, old->second);
        const auto now = text(builder.schema, table);
        if (!now) {
            return refuse(-1, "2BP01",
                          fmt::format("table \"{}\" would no longer work: {}", shown_name(name),
                                      now.error().error.message),
                          "Change the table first.");
        }
        if (was && *was == *now) continue;
        if (!view) {
            if (auto done = rebuild_table(builder, table, {}); !done) return done;
            continue;
        }
        auto above = drop_views_over(builder, name);
        builder.run("DROP VIEW " + quote_identifier(table.storage_name()));
        builder.run(*now);
        if (auto done = restore_views(builder, std::move(above)); !done) return done;
    }
    return {};
}

Done alter_function(Builder& builder, const PgQuery__AlterFunctionStmt& statement) {
    auto function = find_function(builder, *statement.func);
    if (!function) return std::unexpected(function.error());
    const Schema before = builder.schema;
    for (std::size_t i = 0; i < statement.n_actions; ++i) {
        auto done = set_function_option(*statement.actions[i]->def_elem, **function);
        if (!done) return done;
    }
    return remake_callers(builder, before);
}

Done drop_function(Builder& builder, const PgQuery__ObjectWithArgs& named, bool cascade,
                   bool missing_ok) {
    auto function = find_function(builder, named);
    if (!function) {
        const bool missing = missing_ok && (function.error().error.sqlstate == "42883" ||
                                            function.error().error.sqlstate == "42704");
        if (!missing) return std::unexpected(function.error());
        builder.note(function.error().error.message + ", skipping");
        return {};
    }
    const Function dropped = **function;
    const Schema before = builder.schema;
    for (auto& [name, table] : builder.schema.tables) {
        const auto uses = [&](const Trigger& trigger) {
            return dropped.result == FunctionResult::Trigger &&
                   trigger.function_schema == dropped.schema &&
                   trigger.function_name == dropped.name;
        };
        const auto found = std::ranges::find_if(table.triggers, uses);
        if (found == table.triggers.end()) continue;
        if (!cascade) {
            return refuse(-1,
                          sql_error("2BP01",
                                    fmt::format("cannot drop function {} because other objects "
                                                "depend on it",
                                                shown_function(dropped)),
                                    fmt::format("trigger {} on table {} depends on function {}",
                                                found->name, table.name, shown_function(dropped)),
                                    "Use DROP ... CASCADE to drop the dependent objects too."));
        }
        std::erase_if(table.triggers, uses);
    }
    const Builder::FunctionKey key{{dropped.schema, dropped.name}, signature_of(dropped)};
    builder.compiled_later.erase(key);
    builder.bodies.erase(key);
    auto& overloads = builder.schema.functions[key.first];
    std::erase_if(overloads,
                  [&](const Function& other) { return signature_of(other) == key.second; });
    if (overloads.empty()) builder.schema.functions.erase(key.first);
    builder.compile_all = true;
    return remake_callers(builder, before);
}

Done rename_function(Builder& builder, const PgQuery__RenameStmt& statement) {
    auto function = find_function(builder, *statement.object->object_with_args);
    if (!function) return std::unexpected(function.error());
    const Schema before = builder.schema;
    Function renamed = **function;
    renamed.name = text_of(statement.newname);
    auto& others = builder.schema.functions[{renamed.schema, renamed.name}];
    const auto same = [&](const Function& other) {
        return signature_of(other) == signature_of(renamed);
    };
    if (std::ranges::any_of(others, same)) {
        return refuse(-1, "42723",
                      fmt::format("function {} already exists in schema \"{}\"",
                                  shown_function(renamed), renamed.schema));
    }
    for (auto& [name, table] : builder.schema.tables) {
        for (Trigger& trigger : table.triggers) {
            const bool uses = renamed.result == FunctionResult::Trigger &&
                              trigger.function_schema == renamed.schema &&
                              trigger.function_name == (*function)->name;
            if (uses) trigger.function_name = renamed.name;
        }
    }
    const RelationName old{renamed.schema, (*function)->name};
    std::erase_if(builder.schema.functions[old], same);
    if (builder.schema.functions[old].empty()) builder.schema.functions.erase(old);
    others.push_back(std::move(renamed));
    builder.compile_all = true;
    return remake_callers(builder, before);
}

Done comment_on_function(Builder& builder, const PgQuery__CommentStmt& statement) {
    auto function = find_function(builder, *statement.object->object_with_args);
    if (!function) return std::unexpected(function.error());
    (*function)->comment = text_of(statement.comment);
    return {};
}

Done compile_rest(Builder& builder) {
    for (const auto& [name, overloads] : builder.schema.functions) {
        for (const Function& function : overloads) {
            const auto later = builder.compiled_later.find({name, signature_of(function)});
            if (!builder.compile_all && later == builder.compiled_later.end()) continue;
            auto compiled = compile_function(builder.schema, function);
            if (compiled) continue;
            if (later != builder.compiled_later.end()) builder.offset = later->second;
            return no_longer_works(builder, function, compiled.error());
        }
    }
    return builder.compile_all ? compile_triggers(builder) : Done();
}

}  // namespace dunlin::sql
