#include "query/function_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "core/nearest_name.h"

namespace dunlin::query {

namespace {

using Names = std::set<std::string>;

constexpr double likeness_min = 0.33;

/// What somebody asks for, for messages.
struct Wanted {
    std::string_view schema;
    std::string_view name;
    const Names& arguments;
    ArgumentsFrom from;

    bool only_body() const { return from == ArgumentsFrom::Text || from == ArgumentsFrom::Bytes; }
};

bool is_callable(const Function& function) {
    return function.result != FunctionResult::Trigger;
}

std::vector<const Function*> overloads(const Schema& schema, const Wanted& wanted) {
    std::vector<const Function*> found;
    const auto of_name =
        schema.functions.find({std::string(wanted.schema), std::string(wanted.name)});
    if (of_name == schema.functions.end()) return found;
    for (const Function& function : of_name->second) {
        if (is_callable(function)) found.push_back(&function);
    }
    return found;
}

/// Every parameter without a default is given, and nothing that is no parameter.
bool fits(const Function& function, const Wanted& wanted) {
    if (function.parameters.empty()) return wanted.arguments.empty() && !wanted.only_body();
    std::size_t known = 0;
    for (const Parameter& parameter : function.parameters) {
        const bool given = !parameter.name.empty() && wanted.arguments.contains(parameter.name);
        if (!given && parameter.default_text.empty()) return false;
        known += given ? 1 : 0;
    }
    return known == wanted.arguments.size();
}

bool takes_body(const Function& function, ArgumentsFrom from) {
    if (function.parameters.size() != 1 || !function.parameters[0].name.empty()) return false;
    const Type& type = function.parameters[0].type;
    if (type.array || !function.parameters[0].row_table.empty()) return false;
    switch (from) {
        case ArgumentsFrom::Json:
            return type.kind == TypeKind::Json || type.kind == TypeKind::Jsonb;
        case ArgumentsFrom::Text:
            return type.kind == TypeKind::Text;
        case ArgumentsFrom::Bytes:
            return type.kind == TypeKind::Bytea;
        default:
            return false;
    }
}

std::string named(std::string_view schema, std::string_view name) {
    return fmt::format("{}.{}", schema, name);
}

/// `public.f(a => integer, b => text)`
std::string signature(const Function& function) {
    std::vector<std::string> parameters;
    for (const Parameter& parameter : function.parameters) {
        const std::string type =
            parameter.row_table.empty() ? sql_type_name(parameter.type) : parameter.row_table;
        parameters.push_back(fmt::format("{} => {}", parameter.name, type));
    }
    return fmt::format("{}({})", named(function.schema, function.name),
                       fmt::join(parameters, ", "));
}

Error ambiguous(const std::vector<const Function*>& functions) {
    std::vector<std::string> signatures;
    for (const Function* function : functions) signatures.push_back(signature(*function));
    return Error{ErrorCode::MultipleChoices,
                 fmt::format("Could not choose the best candidate function between: {}",
                             fmt::join(signatures, ", ")),
                 "PGRST203", "",
                 "Try renaming the parameters or the function itself in the database so function "
                 "overloading can be resolved"};
}

std::string list_of(const Names& names) {
    return fmt::format("({})", fmt::join(names, ", "));
}

/// The function of another name, or of this name with other parameters, that is nearest.
std::string hint_for(const Schema& schema, const Wanted& wanted) {
    std::vector<std::string> candidates;
    const auto same_name = overloads(schema, wanted);
    if (same_name.empty()) {
        for (const auto& [key, functions] : schema.functions) {
            if (key.first == wanted.schema && std::ranges::any_of(functions, is_callable))
                candidates.push_back(key.second);
        }
    }
    for (const Function* function : same_name) {
        Names names;
        for (const Parameter& parameter : function->parameters) names.insert(parameter.name);
        candidates.push_back(list_of(names));
    }
    std::string near = same_name.empty()
                           ? nearest_name(wanted.name, candidates, likeness_min)
                           : nearest_name(list_of(wanted.arguments), candidates, likeness_min);
    // Who gives nothing is told what there is.
    if (near.empty() && !same_name.empty() && wanted.arguments.empty()) near = candidates.front();
    if (near.empty()) return "";
    return fmt::format("Perhaps you meant to call the function {}.{}{}", wanted.schema,
                       same_name.empty() ? "" : wanted.name, near);
}

std::string searched_for(const Wanted& wanted) {
    switch (wanted.from) {
        case ArgumentsFrom::Text:
            return " with a single unnamed text parameter";
        case ArgumentsFrom::Bytes:
            return " with a single unnamed bytea parameter";
        default:
            break;
    }
    std::string out = " without parameters";
    if (!wanted.arguments.empty()) {
        out = fmt::format(" with parameter{} {}", wanted.arguments.size() > 1 ? "s" : "",
                          fmt::join(wanted.arguments, ", "));
    }
    if (wanted.from == ArgumentsFrom::Json) out += " or with a single unnamed json/jsonb parameter";
    return out;
}

Error not_found(const Schema& schema, const Wanted& wanted) {
    std::string asked =
        wanted.arguments.empty() ? " without parameters" : list_of(wanted.arguments);
    if (wanted.only_body()) asked.clear();
    const std::string function = named(wanted.schema, wanted.name);
    return Error{
        ErrorCode::NotFound,
        fmt::format("Could not find the function {}{} in the schema cache", function, asked),
        "PGRST202",
        fmt::format(
            "Searched for the function {}{}, but no matches were found in the schema cache.",
            function, searched_for(wanted)),
        wanted.only_body() ? "" : hint_for(schema, wanted)};
}

}  // namespace

Result<FunctionChoice> choose_function(const Schema& schema, std::string_view schema_name,
                                       std::string_view name, const Names& arguments,
                                       ArgumentsFrom from) {
    const Wanted wanted{schema_name, name, arguments, from};
    std::vector<const Function*> by_names, by_body;
    for (const Function* function : overloads(schema, wanted)) {
        if (fits(*function, wanted))
            by_names.push_back(function);
        else if (takes_body(*function, from))
            by_body.push_back(function);
    }
    const auto& found = by_names.empty() ? by_body : by_names;
    if (found.empty()) return std::unexpected(not_found(schema, wanted));
    if (found.size() > 1) return std::unexpected(ambiguous(found));
    return FunctionChoice{found.front(), by_names.empty()};
}

}  // namespace dunlin::query
