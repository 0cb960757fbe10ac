#pragma once

#include <set>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/schema.h"

/// Which function a call means: the rules of PostgREST. Pure.
namespace dunlin::query {

/// How the arguments of a call come.
enum class ArgumentsFrom : std::uint8_t {
    Query,  // the query string of GET and HEAD
    Json,   // a JSON object, or any JSON for a function of one unnamed json parameter
    Form,   // fields of a form
    Text,   // a text/plain body for one unnamed text parameter
    Bytes,  // an application/octet-stream body for one unnamed bytea parameter
};

struct FunctionChoice {
    const Function* function = nullptr;  // borrowed from the Schema
    bool whole_body = false;             // the body is the one unnamed parameter
};

/// Chooses by the names of the arguments. Trigger functions are not there. Fails with PGRST202 and
/// a near name, PGRST203 when several fit.
Result<FunctionChoice> choose_function(const Schema& schema, std::string_view schema_name,
                                       std::string_view name,
                                       const std::set<std::string>& arguments, ArgumentsFrom from);

}  // namespace dunlin::query
