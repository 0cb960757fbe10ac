#pragma once

#include <string>
#include <string_view>

#include "core/identity.h"
#include "core/schema.h"

namespace dunlin::api {

struct OpenApiOptions {
    std::string_view schema;  // whose tables and functions
    Role role = Role::Anon;   // what it may not call is left out
    std::string_view host;    // of the request
    std::string_view base_path;
};

/// The OpenAPI 2.0 document of a schema, laid out as PostgREST does: what `GET /rest/v1/` answers.
/// Hidden columns are left out.
std::string openapi_document(const Schema& schema, const OpenApiOptions& options);

}  // namespace dunlin::api
