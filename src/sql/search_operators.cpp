#include <algorithm>

#include "core/full_text_configuration.h"
#include "sql/special_operators.h"

namespace dunlin::sql {

namespace {

const Type vector_type{.kind = TypeKind::TsVector};
const Type query_type{.kind = TypeKind::TsQuery};

Expression text_literal(std::string_view text) {
    return make_literal(Value(text), text_type());
}

Expression default_vector(Expression text) {
    return make_call("pg_to_tsvector", vector_type, {std::move(text)});
}

/// How to_tsquery() and its kin are told apart by pg_to_tsquery.
struct QueryFunction {
    std::string_view name;
    std::string_view kind;
};

constexpr QueryFunction query_functions[] = {
    {"to_tsquery", "tsquery"},
    {"plainto_tsquery", "plain"},
    {"phraseto_tsquery", "phrase"},
    {"websearch_to_tsquery", "web"},
};

/// The name of a configuration is looked up when it is written, not when it is used; written out
/// in one way, so that a search finds its index.
Parsed<void> resolve_configuration(Expression& name, int location) {
    if (name.kind != Expression::Kind::Literal || !name.value.is_text()) return {};
    const auto found = full_text::find_configuration(name.value.text());
    if (!found) return refuse(location, found.error());
    name.value = Value((*found)->name);
    return {};
}

/// [configuration,] text or JSON; `function` is called with both.
std::optional<Parsed<Expression>> vector_function(const std::vector<Expression>& given,
                                                  int location) {
    if (given.empty() || given.size() > 2) return std::nullopt;
    std::vector<Expression> arguments;
    if (given.size() == 2) {
        auto name = coerce(given[0], text_type());
        if (!name) return std::nullopt;
        if (auto known = resolve_configuration(*name, location); !known)
            return std::unexpected(known.error());
        arguments.push_back(std::move(*name));
    }
    const bool json = is_json(given.back().type);
    auto searched = json ? Result<Expression>(given.back()) : coerce(given.back(), text_type());
    if (!searched) return std::nullopt;
    arguments.push_back(std::move(*searched));
    return make_call(json ? "pg_json_to_tsvector" : "pg_to_tsvector", vector_type,
                     std::move(arguments));
}

std::optional<Parsed<Expression>> query_function(std::string_view kind,
                                                 const std::vector<Expression>& given,
                                                 int location) {
    if (given.empty() || given.size() > 2) return std::nullopt;
    std::vector<Expression> arguments = {text_literal(kind)};
    for (const Expression& argument : given) {
        auto text = coerce(argument, text_type());
        if (!text) return std::nullopt;
        arguments.push_back(std::move(*text));
    }
    if (given.size() == 2) {
        if (auto known = resolve_configuration(arguments[1], location); !known)
            return std::unexpected(known.error());
    }
    return make_call("pg_to_tsquery", query_type, std::move(arguments));
}

/// ts_rank([weights,] vector, query [, normalization])
std::optional<Parsed<Expression>> rank_function(std::vector<Expression> given) {
    const Type weights{.kind = TypeKind::Float4, .array = true};
    const bool weighted = !given.empty() && !is_scalar(given[0].type, TypeKind::TsVector);
    if (!weighted) given.insert(given.begin(), make_literal(Value(), weights));
    if (given.size() == 3)
        given.push_back(make_literal(Value(std::int64_t{0}), {.kind = TypeKind::Int4}));
    if (given.size() != 4) return std::nullopt;
    const Type wanted[] = {weights, vector_type, query_type, {.kind = TypeKind::Int4}};
    for (std::size_t i = 0; i < given.size(); ++i) {
        auto typed = i == 0 && weighted ? cast(given[i], wanted[i]) : coerce(given[i], wanted[i]);
        if (!typed) return std::nullopt;
        given[i] = std::move(*typed);
    }
    return make_call("pg_ts_rank", {.kind = TypeKind::Float4}, std::move(given));
}

}  // namespace

std::optional<Parsed<Expression>> search_function(const std::string& name,
                                                  const std::vector<Expression>& arguments,
                                                  int location) {
    if (name == "to_tsvector") return vector_function(arguments, location);
    for (const QueryFunction& function : query_functions) {
        if (function.name == name) return query_function(function.kind, arguments, location);
    }
    if (name == "ts_rank") return rank_function(arguments);
    if (arguments.empty() || !is_scalar(arguments[0].type, TypeKind::TsVector)) return std::nullopt;
    if (name == "setweight" && arguments.size() == 2) {
        auto weight = coerce(arguments[1], text_type());
        if (!weight) return refuse(location, weight.error());
        return make_call("pg_setweight", vector_type, {arguments[0], std::move(*weight)});
    }
    if (name == "strip" && arguments.size() == 1)
        return make_call("pg_tsvector_strip", vector_type, arguments);
    if (name == "length" && arguments.size() == 1)
        return make_call("pg_tsvector_length", {.kind = TypeKind::Int4}, arguments);
    return std::nullopt;
}

std::optional<Parsed<Expression>> search_operation(const std::string& name, const Expression& left,
                                                   const Expression& right, int location) {
    const Type &vector = vector_type, &query = query_type;
    const bool of_vectors = is_scalar(left.type, vector.kind) || is_scalar(right.type, vector.kind);
    const bool of_queries = is_scalar(left.type, query.kind) || is_scalar(right.type, query.kind);
    if (name == "||" && of_vectors) {
        auto first = coerce(left, vector), second = coerce(right, vector);
        if (!first || !second) return no_operator(name, left, right, location);
        return make_call("pg_tsvector_concat", vector, {std::move(*first), std::move(*second)});
    }
    if (of_queries && (name == "&&" || name == "||" || name == "<->")) {
        auto first = coerce(left, query), second = coerce(right, query);
        if (!first || !second) return no_operator(name, left, right, location);
        const std::string_view function = name == "&&"   ? "pg_tsquery_and"
                                          : name == "||" ? "pg_tsquery_or"
                                                         : "pg_tsquery_phrase";
        return make_call(std::string(function), query, {std::move(*first), std::move(*second)});
    }
    if (name != "@@") return std::nullopt;
    if (is_scalar(left.type, query.kind)) {  // query @@ vector
        auto found = coerce(right, vector);
        if (!found) return no_operator(name, left, right, location);
        return make_call("pg_tsvector_matches", bool_type(), {std::move(*found), left});
    }
    auto wanted = coerce(right, query);
    const bool plain = is_text(right.type) && !is_unknown(right);
    if (plain) wanted = make_call("pg_to_tsquery", query, {text_literal("plain"), right});
    if (!wanted && is_unknown(right)) return refuse(location, wanted.error());
    const bool text = is_text(left.type) && !is_unknown(left);
    auto searched = text ? Result<Expression>(default_vector(left)) : coerce(left, vector);
    if (!searched && is_unknown(left)) return refuse(location, searched.error());
    if (!searched || !wanted) return no_operator(name, left, right, location);
    return make_call("pg_tsvector_matches", bool_type(),
                     {std::move(*searched), std::move(*wanted)});
}

}  // namespace dunlin::sql
