#include "query/call_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/codec.h"

namespace dunlin::query {

namespace {

using namespace std::string_view_literals;

/// Mean the same for every relation, so that no argument can be called so.
constexpr std::array own_names = {"select"sv, "columns"sv, "on_conflict"sv, "apikey"sv};
/// Also behind the name of an embedded relation: `rel.order`.
constexpr std::array relation_names = {"order"sv, "limit"sv, "offset"sv, "and"sv, "or"sv};
constexpr std::array operators = {
    "eq"sv,    "neq"sv,   "gt"sv,     "gte"sv, "lt"sv, "lte"sv,        "like"sv,
    "ilike"sv, "match"sv, "imatch"sv, "in"sv,  "is"sv, "isdistinct"sv, "fts"sv,
    "plfts"sv, "phfts"sv, "wfts"sv,   "cs"sv,  "cd"sv, "ov"sv,         "sl"sv,
    "sr"sv,    "nxl"sv,   "nxr"sv,    "adj"sv, "not"sv};

bool is_one_of(std::string_view text, auto& names) {
    return std::find(names.begin(), names.end(), text) != names.end();
}

bool has_meaning(std::string_view name) {
    const auto dot = name.rfind('.');
    return is_one_of(name, own_names) ||
           is_one_of(dot == name.npos ? name : name.substr(dot + 1), relation_names);
}

/// `eq.1`, `not.is.null`, `fts(english).word`, `like(any).{a,b}`
bool is_condition(std::string_view value) {
    const auto end = value.find_first_of(".(");
    if (end == value.npos || !is_one_of(value.substr(0, end), operators)) return false;
    return value[end] == '.' || value.find(").", end) != value.npos;
}

Result<void> require_values(const Function& function) {
    for (const Parameter& parameter : function.parameters) {
        if (parameter.row_table.empty()) continue;
        return std::unexpected(
            sql_error("0A000",
                      fmt::format("the parameter \"{}\" of function {} is a row of a table, which "
                                  "a call cannot give",
                                  parameter.name, function.name),
                      "", "Select the function as a computed column of that table."));
    }
    return {};
}

using Arguments = std::vector<std::optional<Value>>;

/// `read` gives nothing for a parameter that is not given.
template <class Read>
Result<Arguments> read_all(const Function& function, Read read) {
    auto plain = require_values(function);
    if (!plain) return std::unexpected(plain.error());
    Arguments values;
    for (const Parameter& parameter : function.parameters) {
        auto value = read(parameter);
        if (!value) return std::unexpected(value.error());
        values.push_back(std::move(*value));
    }
    return values;
}

using Given = Result<std::optional<Value>>;

Given optional_of(Result<Value> value) {
    if (!value) return std::unexpected(value.error());
    return std::optional(std::move(*value));
}

}  // namespace

SplitParameters split_parameters(NamedTexts parameters) {
    SplitParameters split;
    for (auto& parameter : parameters) {
        const bool rest = has_meaning(parameter.first) || is_condition(parameter.second);
        (rest ? split.rest : split.arguments).push_back(std::move(parameter));
    }
    return split;
}

Result<Arguments> arguments_from_texts(const Function& function, const NamedTexts& arguments) {
    return read_all(function, [&](const Parameter& parameter) -> Given {
        // The last one counts.
        const auto found =
            std::find_if(arguments.rbegin(), arguments.rend(),
                         [&](const auto& argument) { return argument.first == parameter.name; });
        if (found == arguments.rend()) return std::nullopt;
        return optional_of(codec::parse_text(parameter.type, found->second));
    });
}

Result<Arguments> arguments_from_object(const Function& function, const BodyObject& object) {
    return read_all(function, [&](const Parameter& parameter) -> Given {
        const std::string* json = object.find(parameter.name);
        if (json == nullptr) return std::nullopt;
        return optional_of(codec::from_json_text(parameter.type, *json));
    });
}

Result<Arguments> argument_from_body(const Function& function, std::string_view body) {
    const Type& type = function.parameters.at(0).type;
    if (type.kind == TypeKind::Bytea) return Arguments{Value(Blob{std::string(body)})};
    auto value = codec::parse_text(type, body);
    if (!value) return std::unexpected(value.error());
    return Arguments{std::move(*value)};
}

}  // namespace dunlin::query
