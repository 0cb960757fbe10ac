#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/media_type.h"
#include "api/preferences.h"
#include "api/rest_settings.h"
#include "auth/authenticator.h"
#include "core/identity.h"
#include "http/message.h"
#include "query/body.h"
#include "query/rest_query.h"

/// A request to the data API, read but for the table or function it is about.
namespace dunlin::api {

/// What every request to `/rest/v1/` has.
struct Call {
    Identity identity;
    std::string schema;
    /// Whether the request named the schema, or could have named another: the answer says which.
    bool schema_negotiated = false;
    query::RestQuery query;
    Preferences preferences;
    Media media;
    bool rolls_back = false;  // what it writes is not to stay
};

/// The token of `Authorization: Bearer`, "" when there is none.
std::string_view bearer_of(const http::Request& request);

/// Key from the `apikey` header or parameter and token from `Authorization`.
Result<Identity> authenticate(const auth::Authenticator& authenticator,
                              const http::Request& request);

/// Fails as authenticate(), with PGRST106 for a schema that is not exposed, PGRST107, PGRST100 and
/// PGRST122.
Result<Call> read_call(const auth::Authenticator& authenticator, const RestSettings& settings,
                       const http::Request& request);

/// The same with other parameters than those of the request's query string.
Result<Call> read_call(const auth::Authenticator& authenticator, const RestSettings& settings,
                       const http::Request& request,
                       const std::vector<std::pair<std::string, std::string>>& parameters);

/// The schema that the profile header of the request names, or the first one.
struct Profile {
    std::string schema;
    bool negotiated = false;
};
Result<Profile> read_profile(const RestSettings& settings, const http::Request& request);

/// The body by its Content-Type: JSON, CSV or a form. Fails with PGRST102, 415 for another type.
Result<query::Body> read_body(const http::Request& request);

/// All headers of that name as one list (RFC 9110 section 5.3).
std::string all_headers(const http::Request& request, std::string_view name);

/// `text` as a part of a query string.
std::string encode_percent(std::string_view text);

}  // namespace dunlin::api
