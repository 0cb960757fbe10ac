#include "sql/ddl_function.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/plpgsql_parser.h"
#include "sql/plpgsql_scanner.h"
#include "sql/routine_body.h"
#include "sql/routine_compiler.h"

namespace dunlin::sql {

namespace {

std::string last_of(const PgQuery__TypeName& type) {
    return type.n_names == 0 ? "" : string_of(*type.names[type.n_names - 1]);
}

/// The table or view whose row type this is.
const Table* row_type(const Schema& schema, const PgQuery__TypeName& type) {
    if (type.n_array_bounds > 0) return nullptr;
    const RelationName name = relation_name(type.names, type.n_names);
    return schema.find(name.first, name.second);
}

Done refuse_pseudo_type(const PgQuery__TypeName& type) {
    const std::string name = last_of(type);
    if (name.starts_with("any") || name == "record" || name == "cstring" ||
        name == "event_trigger") {
        return not_carried(type.location, fmt::format("the type \"{}\" here", name),
                           "Name the type, or use RETURNS TABLE (…) or jsonb.");
    }
    return {};
}

Parsed<Parameter> parameter_of(const Schema& schema, const PgQuery__FunctionParameter& node) {
    Parameter made{.name = text_of(node.name), .type = {}};
    if (const Table* table = row_type(schema, *node.arg_type)) {
        made.row_table = table->storage_name();
        return made;
    }
    if (auto known = refuse_pseudo_type(*node.arg_type); !known)
        return std::unexpected(known.error());
    auto type = resolve_type(schema, *node.arg_type);
    if (!type) return std::unexpected(type.error());
    made.type = without_modifiers(std::move(*type));
    if (node.defexpr == nullptr) return made;
    auto value = analyze_expression(schema, nullptr, *node.defexpr, &made.type);
    if (!value) return std::unexpected(value.error());
    made.default_text = deparse_expression(*node.defexpr);
    return made;
}

Done add_parameter(Builder& builder, const PgQuery__FunctionParameter& node, Function& made) {
    using enum PgQuery__FunctionParameterMode;
    if (node.mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_VARIADIC) {
        return not_carried(node.arg_type->location, "VARIADIC", "Use an array.");
    }
    auto parameter = parameter_of(builder.schema, node);
    if (!parameter) return std::unexpected(parameter.error());
    const bool out = node.mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_OUT ||
                     node.mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_INOUT ||
                     node.mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_TABLE;
    const bool in = !out || node.mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_INOUT;
    const auto same = [&](const Parameter& other) {
        return !parameter->name.empty() && other.name == parameter->name;
    };
    const bool twice = (in && std::ranges::any_of(made.parameters, same)) ||
                       (out && std::ranges::any_of(made.result_columns, same));
    if (twice) {
        return refuse(node.arg_type->location, "42P13",
                      fmt::format("parameter name \"{}\" used more than once", parameter->name));
    }
    if (in && !made.parameters.empty() && parameter->default_text.empty() &&
        !made.parameters.back().default_text.empty()) {
        return refuse(node.arg_type->location, "42P13",
                      "input parameters after one with a default value must also have defaults");
    }
    if (out && !parameter->row_table.empty())
        return not_carried(node.arg_type->location, "a row as an OUT parameter",
                           "Name its columns.");
    if (out) made.result_columns.push_back(*parameter);
    if (in) made.parameters.push_back(std::move(*parameter));
    return {};
}

Done set_result(const Schema& schema, const PgQuery__CreateFunctionStmt& node, Function& made) {
    if (!made.result_columns.empty()) {
        made.result = FunctionResult::Columns;
        made.returns_set = node.return_type != nullptr && node.return_type->setof != 0;
        return {};
    }
    if (node.return_type == nullptr)
        return refuse(-1, "42P13", "function result type must be specified");
    const PgQuery__TypeName& type = *node.return_type;
    made.returns_set = type.setof != 0;
    const std::string name = last_of(type);
    if (name == "trigger") {
        made.result = FunctionResult::Trigger;
        if (!made.parameters.empty()) {
            return refuse(
                -1, "42P13", "trigger functions cannot have declared arguments",
                "The arguments of the trigger can be accessed through TG_NARGS and TG_ARGV "
                "instead.");
        }
        return {};
    }
    if (name == "void") return {};
    if (const Table* table = row_type(schema, type)) {
        made.result = FunctionResult::Row;
        made.result_table = table->storage_name();
        return {};
    }
    if (auto known = refuse_pseudo_type(type); !known) return known;
    auto result = resolve_type(schema, type);
    if (!result) return std::unexpected(result.error());
    made.result = FunctionResult::Scalar;
    made.result_type = without_modifiers(std::move(*result));
    return {};
}

bool flag_of(const PgQuery__DefElem& option) {
    return option.arg != nullptr && option.arg->node_case == PG_QUERY__NODE__NODE_BOOLEAN &&
           option.arg->boolean->boolval != 0;
}

Done set_language(const PgQuery__DefElem& option, Function& made) {
    std::string name = string_of(*option.arg);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (name == "sql")
        made.language = FunctionLanguage::Sql;
    else if (name == "plpgsql")
        made.language = FunctionLanguage::PlPgSql;
    else
        return not_carried(option.location, fmt::format("language {}", name),
                           "Use language sql or plpgsql.");
    return {};
}

}  // namespace

Done set_function_option(const PgQuery__DefElem& option, Function& made) {
    const std::string name = text_of(option.defname);
    if (name == "language") return set_language(option, made);
    if (name == "volatility") {
        const std::string word = string_of(*option.arg);
        made.volatility = word == "immutable" ? Function::Volatility::Immutable
                          : word == "stable"  ? Function::Volatility::Stable
                                              : Function::Volatility::Volatile;
    } else if (name == "strict") {
        made.strict = flag_of(option);
    } else if (name == "security") {
        made.security_definer = flag_of(option);
    } else if (name == "rows") {
        made.single_row =
            option.arg->node_case == PG_QUERY__NODE__NODE_INTEGER && option.arg->integer->ival == 1;
    } else if (name == "window") {
        return not_carried(option.location, "a window function", "Leave WINDOW out.");
    } else if (name == "set") {
        const auto& set = *option.arg->variable_set_stmt;
        if (text_of(set.name) != "search_path") {
            return not_carried(option.location,
                               fmt::format("SET {} of a function", text_of(set.name)),
                               "Leave it out; SET search_path is accepted.");
        }
    }
    return {};  // cost, parallel, leakproof, support: for a planner
}

namespace {

/// Where the body's first byte is in the migration.
int place_of_body(const Builder& builder, int as_location) {
    if (as_location < 0) return builder.offset;
    const auto start = static_cast<std::size_t>(as_location);
    if (start >= builder.file_text.size()) return builder.offset;
    const auto quote = builder.file_text.find_first_of("'$", start);
    if (quote == builder.file_text.npos) return builder.offset;
    if (builder.file_text[quote] == '\'') return static_cast<int>(quote) + 1;
    const auto close = builder.file_text.find('$', quote + 1);
    return close == builder.file_text.npos ? builder.offset : static_cast<int>(close) + 1;
}

/// `RETURN value` and `BEGIN ATOMIC … END` as the statements they stand for.
std::string text_of_body(const PgQuery__Node& body) {
    if (body.node_case == PG_QUERY__NODE__NODE_RETURN_STMT)
        return "SELECT " + deparse_expression(*body.return_stmt->returnval);
    std::string out;
    for (std::size_t i = 0; body.node_case == PG_QUERY__NODE__NODE_LIST && i < body.list->n_items;
         ++i) {
        const PgQuery__Node& item = *body.list->items[i];
        if (item.node_case != PG_QUERY__NODE__NODE_LIST) continue;
        for (std::size_t s = 0; s < item.list->n_items; ++s) {
            const PgQuery__Node& one = *item.list->items[s];
            out += (out.empty() ? "" : "; ") + (one.node_case == PG_QUERY__NODE__NODE_RETURN_STMT
                                                    ? text_of_body(one)
                                                    : deparse_statement(one));
        }
    }
    return out;
}

Parsed<int> set_body(const Builder& builder, const PgQuery__CreateFunctionStmt& node,
                     Function& made) {
    if (node.sql_body != nullptr) {
        made.body = text_of_body(*node.sql_body);
        return -1;
    }
    for (std::size_t i = 0; i < node.n_options; ++i) {
        const auto& option = *node.options[i]->def_elem;
        if (text_of(option.defname) != "as") continue;
        made.body = string_of(*option.arg->list->items[0]);
        return place_of_body(builder, option.location);
    }
    return refuse(-1, "42P13", "no function body specified");
}

Function* same_function(std::vector<Function>& functions, const Function& made) {
    const auto same = [&](const Function& other) {
        return signature_of(other) == signature_of(made);
    };
    const auto found = std::ranges::find_if(functions, same);
    return found == functions.end() ? nullptr : &*found;
}

/// PostgreSQL keeps what callers rely on.
Done require_same_result(const Schema& schema, const Function& before, const Function& made) {
    const auto names = [&](const Function& function) {
        std::vector<std::string> out;
        for (const Parameter& column : result_columns(schema, function))
            out.push_back(column.name + " " + sql_type_name(column.type));
        return out;
    };
    const bool same = before.result == made.result && before.returns_set == made.returns_set &&
                      before.result_table == made.result_table && names(before) == names(made);
    const std::string hint = fmt::format("Use DROP FUNCTION {} first.", shown_function(before));
    if (!same) return refuse(-1, "42P13", "cannot change return type of existing function", hint);
    for (std::size_t i = 0; i < before.parameters.size(); ++i) {
        const std::string& name = before.parameters[i].name;
        if (!name.empty() && name != made.parameters[i].name) {
            return refuse(-1, "42P13",
                          fmt::format("cannot change name of input parameter \"{}\"", name), hint);
        }
        if (!before.parameters[i].default_text.empty() && made.parameters[i].default_text.empty()) {
            return refuse(-1, "42P13", "cannot remove parameter defaults from existing function",
                          hint);
        }
    }
    return {};
}

}  // namespace

bool may_come_later(const Error& error) {
    return error.sqlstate == "42P01" || error.sqlstate == "42883" || error.sqlstate == "42703" ||
           error.sqlstate == "42704";
}

Type without_modifiers(Type type) {
    if (type.kind == TypeKind::Char && !type.array) type.kind = TypeKind::Text;  // bpchar
    type.length_max = 0;
    type.precision = type.scale = -1;
    return type;
}

std::string signature_of(const Function& function) {
    std::vector<std::string> types;
    for (const Parameter& parameter : function.parameters)
        types.push_back(parameter.row_table.empty() ? sql_type_name(parameter.type)
                                                    : parameter.row_table);
    return join(types, ", ");
}

std::string shown_function(const Function& function) {
    return fmt::format("{}({})", shown_name({function.schema, function.name}),
                       signature_of(function));
}

Done compile_function(const Schema& schema, const Function& function) {
    if (function.result == FunctionResult::Trigger) {
        auto body = plpgsql::parse_body(function.body);
        return body ? Done() : std::unexpected(body.error());
    }
    auto routine = RoutineCompiler(schema, function).compile();
    return routine ? Done() : std::unexpected(routine.error());
}

void compile_later(Builder& builder, const RelationName& name, const Function& function) {
    builder.compiled_later.insert_or_assign({name, signature_of(function)}, builder.offset);
}

Done create_function(Builder& builder, const PgQuery__CreateFunctionStmt& node) {
    if (node.is_procedure != 0)
        return not_carried(-1, "CREATE PROCEDURE", "Use a function that returns void.");
    const RelationName name = relation_name(node.funcname, node.n_funcname);
    Function made{.schema = name.first, .name = name.second};
    for (std::size_t i = 0; i < node.n_parameters; ++i) {
        auto done = add_parameter(builder, *node.parameters[i]->function_parameter, made);
        if (!done) return done;
    }
    if (auto done = set_result(builder.schema, node, made); !done) return done;
    for (std::size_t i = 0; i < node.n_options; ++i) {
        if (auto done = set_function_option(*node.options[i]->def_elem, made); !done) return done;
    }
    if (made.result == FunctionResult::Trigger && made.language == FunctionLanguage::Sql)
        return refuse(-1, "42P13", "SQL functions cannot return type trigger");
    auto body_at = set_body(builder, node, made);
    if (!body_at) return std::unexpected(body_at.error());
    std::optional<Schema> before;
    auto& overloads = builder.schema.functions[name];
    if (Function* known = same_function(overloads, made)) {
        if (node.replace == 0) {
            return refuse(-1, "42723",
                          fmt::format("function \"{}\" already exists with same argument types",
                                      name.second));
        }
        if (auto same = require_same_result(builder.schema, *known, made); !same) return same;
        before = builder.schema;
        made.comment = known->comment;
        made.executors = known->executors;
        *known = made;
    } else {
        overloads.push_back(made);
    }
    builder.bodies[{name, signature_of(made)}] = std::max(*body_at, 0);
    const Function& kept = *same_function(overloads, made);
    auto compiled = compile_function(builder.schema, kept);
    if (!compiled && may_come_later(compiled.error().error)) {
        compile_later(builder, name, kept);
        return {};
    }
    if (!compiled) return in_body(builder, kept, compiled.error());
    // Bodies that had it put in place may no longer be able to.
    const bool replaced = before.has_value();
    builder.compile_all = builder.compile_all || replaced || kept.result == FunctionResult::Trigger;
    return before ? remake_callers(builder, *before) : Done();
}

std::unexpected<Refusal> in_body(const Builder& builder, const Function& function,
                                 Refusal refusal) {
    const auto place =
        builder.bodies.find({{function.schema, function.name}, signature_of(function)});
    const bool known = place != builder.bodies.end() && refusal.offset >= 0;
    refusal.offset = known ? place->second + refusal.offset : -1;
    return std::unexpected(std::move(refusal));
}

std::unexpected<Refusal> no_longer_works(const Builder& builder, const Function& function,
                                         Refusal refusal) {
    if (builder.bodies.contains({{function.schema, function.name}, signature_of(function)}))
        return in_body(builder, function, std::move(refusal));
    return refuse(-1, "2BP01",
                  fmt::format("function {} would no longer work: {}", shown_function(function),
                              refusal.error.message),
                  "Drop the function or its trigger, or replace it in this file.");
}

}  // namespace dunlin::sql
