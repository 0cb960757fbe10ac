#include "api/rest.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include "api/media_type.h"
#include "api/preferences.h"
#include "api/row_range.h"

namespace dunlin::api {

namespace json = boost::json;

namespace {

constexpr std::string_view base_path = "/rest/v1/";
constexpr std::string_view exposed_schema = "public";

/// Everything about a request that does not depend on its method.
struct Call {
    Identity identity;
    const Table* table = nullptr;
    query::RestQuery query;
    Preferences preferences;
    Shape shape = Shape::Array;
};

std::string_view bearer_of(const http::Request& request) {
    const std::string_view header = request.header("authorization");
    constexpr std::string_view prefix = "Bearer ";
    if (header.size() < prefix.size()) return {};
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        if ((header[i] | 0x20) != (prefix[i] | 0x20)) return {};
    }
    return header.substr(prefix.size());
}

Result<void> check_profile(const http::Request& request) {
    const bool reads = request.method == http::Method::Get || request.method == http::Method::Head;
    const auto profile = request.header(reads ? "accept-profile" : "content-profile");
    if (profile.empty() || profile == exposed_schema) return {};
    return std::unexpected(
        Error{ErrorCode::NotAcceptable, fmt::format("Invalid schema: {}", profile), "PGRST106", "",
              fmt::format("Only the following schemas are exposed: {}", exposed_schema)});
}

Result<const Table*> find_table(const data::Tables& tables, std::string_view name, Role role) {
    if (name.empty()) {
        return std::unexpected(
            Error{ErrorCode::NotFound, "Root endpoint metadata is disabled", "PGRST126"});
    }
    if (name.starts_with("rpc/")) {
        return std::unexpected(
            Error{ErrorCode::NotFound,
                  fmt::format("Could not find the function public.{} in the schema cache",
                              name.substr(4)),
                  "PGRST202", "", "Functions are not supported by this version."});
    }
    if (name.find('/') != name.npos) {
        return std::unexpected(
            Error{ErrorCode::NotFound, "Invalid path specified in request URL", "PGRST125"});
    }
    return tables.find(exposed_schema, name, role);
}

Result<Call> read_call(const auth::Authenticator& authenticator, const data::Tables& tables,
                       const http::Request& request) {
    Call call;
    auto identity = authenticate(authenticator, request);
    if (!identity) return std::unexpected(identity.error());
    call.identity = std::move(*identity);
    const auto profile = check_profile(request);
    if (!profile) return std::unexpected(profile.error());
    const auto shape = accepted_shape(request.header("accept"));
    if (!shape) return std::unexpected(shape.error());
    call.shape = *shape;
    const auto table = find_table(tables, std::string_view(request.path).substr(base_path.size()),
                                  call.identity.role);
    if (!table) return std::unexpected(table.error());
    call.table = *table;
    auto parsed = query::parse_rest_query(http::parse_query(request.query));
    if (!parsed) return std::unexpected(parsed.error());
    call.query = std::move(*parsed);
    const auto preferences = Preferences::parse(request.header("prefer"));
    if (!preferences) return std::unexpected(preferences.error());
    call.preferences = *preferences;
    return call;
}

Result<json::value> read_body(const http::Request& request) {
    const auto type = request.header("content-type");
    if (!type.empty() && !type.starts_with("application/json") &&
        !type.starts_with("application/vnd.pgrst.")) {
        return std::unexpected(Error{ErrorCode::UnsupportedMediaType,
                                     fmt::format("Content-Type not acceptable: {}", type),
                                     "PGRST102"});
    }
    boost::system::error_code failure;
    json::parse_options options;
    options.max_depth = 64;
    auto body = json::parse(request.body, failure, {}, options);
    if (failure) {
        return std::unexpected(Error{ErrorCode::InvalidInput, "Empty or invalid json", "PGRST102"});
    }
    return body;
}

/// PostgREST answers a refused right with 401 to somebody who has not signed in, 403 to others.
http::Response refusal(const Call& call, Error error) {
    if (error.sqlstate == "42501" && call.identity.role == Role::Anon) {
        error.code = ErrorCode::Unauthorized;
    }
    return http::Response::error(error);
}

/// The one row of a JSON array, for `Accept: application/vnd.pgrst.object+json`.
Result<std::string> single_object(const data::Rows& rows) {
    if (rows.count == 1) return rows.json.substr(1, rows.json.size() - 2);
    return std::unexpected(Error{ErrorCode::NotAcceptable,
                                 "Cannot coerce the result to a single JSON object", "PGRST116",
                                 fmt::format("The result contains {} rows", rows.count)});
}

Result<http::Response> body_answer(const Call& call, const data::Rows& rows, int status) {
    http::Response response{.status = status};
    response.set("Content-Type", std::string(content_type(call.shape)));
    if (call.shape == Shape::Array) {
        response.body = rows.json;
        return response;
    }
    auto object = single_object(rows);
    if (!object) return std::unexpected(object.error());
    response.body = std::move(*object);
    return response;
}

void add_preferences(const Call& call, http::Response& response) {
    const std::string applied = call.preferences.applied();
    if (!applied.empty()) response.set("Preference-Applied", applied);
}

data::Returning returning_of(const Call& call) {
    return call.preferences.returning == Return::Representation ? data::Returning::Representation
                                                                : data::Returning::Nothing;
}

/// The answer to a write: its rows when they were asked for, else just the status.
http::Response write_answer(const Call& call, const data::Rows& rows, int status_with_body,
                            int status_without, bool count_rows) {
    const bool wants_body = call.preferences.returning == Return::Representation;
    Result<http::Response> response = http::Response{.status = status_without};
    if (wants_body) response = body_answer(call, rows, status_with_body);
    if (!response) return http::Response::error(response.error());
    add_preferences(call, *response);
    const std::optional<std::uint64_t> total =
        call.preferences.count ? std::optional(rows.count) : std::nullopt;
    response->set("Content-Range", content_range(0, count_rows ? rows.count : 0, total));
    return std::move(*response);
}

}  // namespace

Result<Identity> authenticate(const auth::Authenticator& authenticator,
                              const http::Request& request) {
    std::string key(request.header("apikey"));
    if (key.empty()) key = request.parameter("apikey").value_or("");
    return authenticator.authenticate(key, bearer_of(request));
}

Rest::Rest(const auth::Authenticator& authenticator, data::Tables& tables)
    : authenticator_(authenticator), tables_(tables) {}

asio::awaitable<http::Response> Rest::get(const http::Request& request) const {
    auto call = read_call(authenticator_, tables_, request);
    if (!call) co_return http::Response::error(call.error());
    apply_range_header(request.header("range"), call->query);
    const std::uint64_t offset = call->query.offset.value_or(0);
    const data::ReadOptions options{.count_total = call->preferences.count};
    const auto rows = co_await tables_.select(call->identity, *call->table, call->query, options);
    if (!rows) co_return refusal(*call, rows.error());
    const auto status = range_status(offset, rows->count, rows->total);
    if (!status) co_return http::Response::error(status.error());
    auto response = body_answer(*call, *rows, *status);
    if (!response) co_return http::Response::error(response.error());
    response->set("Content-Range", content_range(offset, rows->count, rows->total));
    response->set("Content-Location", request.target);
    add_preferences(*call, *response);
    co_return std::move(*response);
}

asio::awaitable<http::Response> Rest::post(const http::Request& request) const {
    auto call = read_call(authenticator_, tables_, request);
    if (!call) co_return http::Response::error(call.error());
    auto body = read_body(request);
    if (!body) co_return http::Response::error(body.error());
    query::InsertOptions options;
    options.resolution = call->preferences.resolution.value_or(query::Resolution::None);
    options.missing_default = call->preferences.missing_default;
    const auto inserted = co_await tables_.insert(call->identity, *call->table, call->query,
                                                  std::move(*body), options, returning_of(*call));
    if (!inserted) co_return refusal(*call, inserted.error());
    auto response = write_answer(*call, inserted->rows, 201, 201, false);
    if (call->preferences.returning == Return::HeadersOnly && !inserted->location.empty()) {
        response.set("Location", "/" + call->table->name + "?" + inserted->location);
    }
    co_return response;
}

asio::awaitable<http::Response> Rest::patch(const http::Request& request) const {
    auto call = read_call(authenticator_, tables_, request);
    if (!call) co_return http::Response::error(call.error());
    auto body = read_body(request);
    if (!body) co_return http::Response::error(body.error());
    const auto updated = co_await tables_.update(call->identity, *call->table, call->query,
                                                 std::move(*body), returning_of(*call));
    if (!updated) co_return refusal(*call, updated.error());
    co_return write_answer(*call, *updated, 200, 204, true);
}

asio::awaitable<http::Response> Rest::remove(const http::Request& request) const {
    auto call = read_call(authenticator_, tables_, request);
    if (!call) co_return http::Response::error(call.error());
    const auto removed =
        co_await tables_.remove(call->identity, *call->table, call->query, returning_of(*call));
    if (!removed) co_return refusal(*call, removed.error());
    co_return write_answer(*call, *removed, 200, 204, false);
}

}  // namespace dunlin::api
