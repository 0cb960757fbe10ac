#include "auth/redirect_answer.h"

#include <fmt/format.h>

#include <boost/json/value.hpp>

namespace dunlin::auth {

namespace json = boost::json;

QueryParameters session_parameters(const Context& context, const Grant& grant) {
    const json::object session = grant_json(context, grant);
    QueryParameters parameters;
    for (const std::string_view name :
         {"access_token", "expires_at", "expires_in", "refresh_token", "token_type"}) {
        const json::value& value = session.at(name);
        parameters.emplace_back(name, value.is_string() ? std::string(value.get_string())
                                                        : fmt::format("{}", value.as_int64()));
    }
    return parameters;
}

QueryParameters error_parameters(const Error& error) {
    // What comes from below sign-in is nobody's business.
    const bool ours = error.code != ErrorCode::Internal && error.sqlstate.contains('_');
    return {{"error", ours ? "access_denied" : "server_error"},
            {"error_code", ours ? error.sqlstate : "unexpected_failure"},
            {"error_description", ours ? error.message : "Unexpected failure"}};
}

}  // namespace dunlin::auth
