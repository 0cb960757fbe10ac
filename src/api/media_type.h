#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "data/rows.h"

namespace dunlin::api {

/// One row as an object, or all rows.
enum class Shape : std::uint8_t { Array, SingleObject };

/// A form in which rows can be given.
struct Media {
    Shape shape = Shape::Array;
    data::RowFormat format = data::RowFormat::Json;
    /// The plan of the query instead of its rows.
    data::PlanForm plan = data::PlanForm::None;
    std::string plan_options{};  // those that were asked for and exist: "analyze|verbose"

    /// With the parameters that PostgREST gives it.
    std::string content_type() const;
};

enum class Plans : std::uint8_t { Refused, Allowed };

/// What the `Accept` header asks for: of what can be given the one with the highest q, and of
/// equals the first. Fails with PGRST107 when nothing in it can be given.
Result<Media> accepted_media(std::string_view accept, Plans plans);

/// Whether `Accept` admits the OpenAPI document. Fails with PGRST107.
Result<std::string_view> accepted_openapi(std::string_view accept);

}  // namespace dunlin::api
