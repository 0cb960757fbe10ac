#include "api/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "api/openapi_parts.h"

namespace dunlin::api {

namespace json = boost::json;

namespace {

json::object response(std::string_view description) {
    return {{"description", description}};
}

json::array references(const std::vector<std::string>& names) {
    json::array list;
    for (const std::string& name : names) list.push_back({{"$ref", "#/parameters/" + name}});
    return list;
}

/// The first line of a comment is the summary, the rest the description.
json::object described(const std::string& tag, std::string_view comment) {
    json::object operation{{"tags", json::array{tag}}};
    if (comment.empty()) return operation;
    const auto line = comment.find('\n');
    operation["summary"] = comment.substr(0, line);
    const auto rest = line == comment.npos ? comment.npos : comment.find_first_not_of('\n', line);
    if (rest != comment.npos) operation["description"] = comment.substr(rest);
    return operation;
}

json::object operation(const Table& table, const std::vector<std::string>& parameters, int status,
                       json::object answer) {
    json::object out = described(table.name, table.comment);
    out["parameters"] = references(parameters);
    out["responses"] = {{std::to_string(status), std::move(answer)}};
    return out;
}

json::object table_path(const Table& table) {
    std::vector<std::string> filters;
    for (const Column& column : table.columns) {
        if (!column.hidden) filters.push_back("rowFilter." + table.name + "." + column.name);
    }
    const auto with = [&](std::vector<std::string> others) {
        others.insert(others.begin(), filters.begin(), filters.end());
        return others;
    };
    json::object rows = response("OK");
    rows["schema"] = {{"items", {{"$ref", "#/definitions/" + table.name}}}, {"type", "array"}};
    json::object get = operation(
        table, with({"select", "order", "range", "rangeUnit", "offset", "limit", "preferCount"}),
        200, std::move(rows));
    get["responses"].as_object()["206"] = response("Partial Content");
    json::object path{{"get", std::move(get)}};
    if (table.kind == RelationKind::View) return path;
    const std::string body = "body." + table.name;
    path["post"] = operation(table, {body, "select", "preferPost"}, 201, response("Created"));
    path["delete"] = operation(table, with({"preferReturn"}), 204, response("No Content"));
    path["patch"] = operation(table, with({body, "preferReturn"}), 204, response("No Content"));
    return path;
}

json::object function_path(const Function& function) {
    json::object base = described("(rpc) " + function.name, function.comment);
    base["produces"] = {"application/json", "application/vnd.pgrst.object+json;nulls=stripped",
                        "application/vnd.pgrst.object+json"};
    base["responses"] = {{"200", response("OK")}};
    json::object post = base;
    json::object arguments{{"in", "body"}, {"name", "args"}, {"required", true}};
    arguments["schema"] = function_definition(function);
    post["parameters"] = json::array{std::move(arguments), {{"$ref", "#/parameters/preferParams"}}};
    json::object path{{"post", std::move(post)}};
    if (function.volatility == Function::Volatility::Volatile) return path;
    json::array parameters;
    for (const Parameter& parameter : function.parameters) {
        parameters.push_back(query_parameter(parameter));
    }
    base["parameters"] = std::move(parameters);
    path["get"] = std::move(base);
    return path;
}

bool may_call(const Function& function, Role role) {
    if (function.result == FunctionResult::Trigger) return false;
    return function.executors.empty() ||
           std::ranges::find(function.executors, role_name(role)) != function.executors.end();
}

json::object root_path() {
    json::object get{{"tags", json::array{"Introspection"}},
                     {"summary", "OpenAPI description (this document)"},
                     {"produces", {"application/openapi+json", "application/json"}},
                     {"responses", {{"200", response("OK")}}}};
    return {{"get", std::move(get)}};
}

json::object all_paths(const Schema& schema, const OpenApiOptions& options) {
    json::object paths{{"/", root_path()}};
    for (const auto& [name, table] : schema.tables) {
        if (name.first == options.schema) paths["/" + name.second] = table_path(table);
    }
    for (const auto& [name, overloads] : schema.functions) {
        const auto found = std::ranges::find_if(
            overloads, [&](const Function& function) { return may_call(function, options.role); });
        if (name.first != options.schema || found == overloads.end()) continue;
        paths["/rpc/" + name.second] = function_path(*found);
    }
    return paths;
}

json::array media_types() {
    return {"application/json", "application/vnd.pgrst.object+json;nulls=stripped",
            "application/vnd.pgrst.object+json", "text/csv"};
}

}  // namespace

std::string openapi_document(const Schema& schema, const OpenApiOptions& options) {
    json::object definitions;
    json::object parameters = common_parameters();
    for (const auto& [name, table] : schema.tables) {
        if (name.first != options.schema) continue;
        definitions[name.second] = table_definition(table);
        add_table_parameters(table, parameters);
    }
    json::object document{
        {"swagger", "2.0"},
        {"info",
         {{"title", "Dunlin data API"},
          {"description", "The tables and functions of this project, as PostgREST shows them"},
          {"version", "14"}}},
        {"host", options.host},
        {"basePath", options.base_path},
        {"schemes", json::array{"http"}},
        {"consumes", media_types()},
        {"produces", media_types()},
        {"paths", all_paths(schema, options)},
        {"parameters", std::move(parameters)},
        {"definitions", std::move(definitions)},
    };
    return json::serialize(document);
}

}  // namespace dunlin::api
