#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/schema.h"
#include "core/value.h"
#include "query/body.h"

/// The arguments of a call, from the query string or the body. Pure.
namespace dunlin::query {

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// The query string of a GET on a function: what is no filter and has no meaning of its own is an
/// argument.
struct SplitParameters {
    NamedTexts arguments{};
    NamedTexts rest{};  // select, order, filters …
};
SplitParameters split_parameters(NamedTexts parameters);

/// By parameter, none where the function's default is to be taken. Fails with 22P02 and its kin for
/// a text that is not of the parameter's type, 0A000 for a parameter that is a row.
Result<std::vector<std::optional<Value>>> arguments_from_texts(const Function& function,
                                                               const NamedTexts& arguments);
Result<std::vector<std::optional<Value>>> arguments_from_object(const Function& function,
                                                                const BodyObject& object);
/// The body is the only argument.
Result<std::vector<std::optional<Value>>> argument_from_body(const Function& function,
                                                             std::string_view body);

}  // namespace dunlin::query
