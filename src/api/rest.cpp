#include "api/rest.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/answer.h"
#include "api/openapi.h"
#include "api/row_range.h"
#include "query/single_upsert.h"

namespace dunlin::api {

namespace {

constexpr std::string_view base_path = "/rest/v1/";

std::string_view resource_of(const http::Request& request) {
    return std::string_view(request.path).substr(base_path.size());
}

Error unsupported_method(const http::Request& request) {
    return Error{ErrorCode::MethodNotAllowed,
                 fmt::format("Unsupported HTTP method: {}", http::method_name(request.method)),
                 "PGRST117"};
}

Error no_function(const http::Request& request, std::string_view name) {
    using enum http::Method;
    if (request.method == Put || request.method == Patch || request.method == Delete) {
        return Error{
            ErrorCode::MethodNotAllowed,
            fmt::format("Cannot use the {} method on RPC", http::method_name(request.method)),
            "PGRST101"};
    }
    return Error{ErrorCode::NotFound,
                 fmt::format("Could not find the function public.{} in the schema cache", name),
                 "PGRST202", "", "Functions are not supported by this version."};
}

Result<void> check_resource(const http::Request& request) {
    const auto resource = resource_of(request);
    if (resource.empty()) return std::unexpected(unsupported_method(request));
    if (resource.starts_with("rpc/")) {
        return std::unexpected(no_function(request, resource.substr(4)));
    }
    if (resource.find('/') == resource.npos) return {};
    return std::unexpected(
        Error{ErrorCode::NotFound, "Invalid path specified in request URL", "PGRST125"});
}

data::Returning returning_of(const Preferences& preferences) {
    if (!preferences.returning) return data::Returning::Nothing;
    switch (*preferences.returning) {
        case Return::Minimal:
            return data::Returning::Nothing;
        case Return::HeadersOnly:
            return data::Returning::Location;
        case Return::Representation:
            return data::Returning::Representation;
    }
    return data::Returning::Nothing;
}

data::WriteOptions write_options(const Call& call) {
    return {
        .returning = returning_of(call.preferences),
        .format = call.media.format,
        .missing = call.preferences.missing.value_or(query::Missing::Null),
        .exactly_one = call.media.shape == Shape::SingleObject,
        .plan = call.media.plan,
        .undo = call.rolls_back,
    };
}

/// `/people?a=b&c=d`, sorted by name, as PostgREST names what it gave.
std::string canonical_location(const Table& table, const http::Request& request) {
    auto parameters = http::parse_query(request.query);
    std::ranges::sort(parameters);
    std::string location;
    for (const auto& [name, value] : parameters) {
        if (name == "apikey") continue;
        location += location.empty() ? "?" : "&";
        location += encode_percent(name) + "=" + encode_percent(value);
    }
    return "/" + encode_percent(table.name) + location;
}

}  // namespace

Rest::Rest(const auth::Authenticator& authenticator, data::Tables& tables, RestSettings settings)
    : authenticator_(authenticator), tables_(tables), settings_(std::move(settings)) {}

Result<Rest::TableCall> Rest::read(const http::Request& request) const {
    auto call = read_call(authenticator_, settings_, request);
    if (!call) return std::unexpected(call.error());
    const auto resource = check_resource(request);
    if (!resource) return std::unexpected(resource.error());
    const auto table = tables_.find(call->schema, resource_of(request), call->identity.role);
    if (!table) return std::unexpected(table.error());
    return TableCall{std::move(*call), *table};
}

/// The OpenAPI document.
http::Response Rest::root(const http::Request& request) const {
    const auto identity = authenticate(authenticator_, request);
    if (!identity) return http::Response::error(identity.error());
    const auto profile = read_profile(settings_, request);
    if (!profile) return http::Response::error(profile.error());
    if (!settings_.openapi) {
        return http::Response::error(
            Error{ErrorCode::NotFound, "Root endpoint metadata is disabled", "PGRST126"});
    }
    const auto type = accepted_openapi(all_headers(request, "accept"));
    if (!type) return http::Response::error(type.error());
    http::Response response;
    response.set("Content-Type", std::string(*type));
    if (profile->negotiated) response.set("Content-Profile", profile->schema);
    response.body = openapi_document(tables_.rules().schema_for(identity->role),
                                     {.schema = profile->schema,
                                      .role = identity->role,
                                      .host = request.header("host"),
                                      .base_path = "/rest/v1"});
    return response;
}

asio::awaitable<http::Response> Rest::get(const http::Request& request) const {
    if (resource_of(request).empty()) co_return root(request);
    auto read_request = read(request);
    if (!read_request) co_return http::Response::error(read_request.error());
    Call& call = read_request->call;
    const Table& table = *read_request->table;
    const auto narrowed = apply_range_header(request, call.query);
    if (!narrowed) co_return http::Response::error(narrowed.error());
    const std::uint64_t offset = call.query.offset.value_or(0);
    const data::ReadOptions options{.count_total = call.preferences.count.has_value(),
                                    .format = call.media.format,
                                    .rows_max = settings_.rows_max,
                                    .plan = call.media.plan,
                                    .position = call.preferences.position};
    auto rows = co_await tables_.select(call.identity, table, call.query, options);
    if (!rows) co_return refusal(call, rows.error());
    if (wants_plan(call)) co_return plan_answer(call, *rows);
    const auto status = range_status(offset, rows->count, rows->total);
    if (!status) co_return past_the_end(status.error(), rows->total);
    auto response = rows_answer(call, *rows, *status);
    if (!response) co_return http::Response::error(response.error());
    response->set("Content-Range", content_range(offset, rows->count, rows->total));
    response->set("Content-Location", canonical_location(table, request));
    if (rows->position) response->set("Dunlin-Position", rows->position->to_string());
    add_preferences(call, Action::Read, *response);
    co_return std::move(*response);
}

asio::awaitable<http::Response> Rest::post(const http::Request& request) const {
    auto read_request = read(request);
    if (!read_request) co_return http::Response::error(read_request.error());
    Call& call = read_request->call;
    const Table& table = *read_request->table;
    auto body = read_body(request);
    if (!body) co_return http::Response::error(body.error());
    // Without a key there is nothing to resolve a conflict by.
    if (table.primary_key.columns.empty() && call.query.on_conflict.empty()) {
        call.preferences.resolution.reset();
    }
    auto options = write_options(call);
    options.resolution = call.preferences.resolution.value_or(query::Resolution::None);
    auto inserted =
        co_await tables_.insert(call.identity, table, call.query, std::move(*body), options);
    if (!inserted) co_return refusal(call, inserted.error());
    if (wants_plan(call)) co_return plan_answer(call, inserted->rows);
    co_return insert_answer(call, table.name, *inserted);
}

asio::awaitable<http::Response> Rest::put(const http::Request& request) const {
    auto read_request = read(request);
    if (!read_request) co_return http::Response::error(read_request.error());
    Call& call = read_request->call;
    const Table& table = *read_request->table;
    auto body = read_body(request);
    if (!body) co_return http::Response::error(body.error());
    const auto single = query::check_single_upsert(table, call.query, *body);
    if (!single) co_return http::Response::error(single.error());
    auto options = write_options(call);
    options.resolution = query::Resolution::MergeDuplicates;
    call.query.filters.clear();
    auto put = co_await tables_.insert(call.identity, table, call.query, std::move(*body), options);
    if (!put) co_return refusal(call, put.error());
    if (wants_plan(call)) co_return plan_answer(call, put->rows);
    co_return put_answer(call, *put);
}

asio::awaitable<http::Response> Rest::patch(const http::Request& request) const {
    auto read_request = read(request);
    if (!read_request) co_return http::Response::error(read_request.error());
    const Call& call = read_request->call;
    auto body = read_body(request);
    if (!body) co_return http::Response::error(body.error());
    auto options = write_options(call);
    options.affected_max = call.preferences.strict_affected_max();
    auto updated = co_await tables_.update(call.identity, *read_request->table, call.query,
                                           std::move(*body), options);
    if (!updated) co_return refusal(call, updated.error());
    if (wants_plan(call)) co_return plan_answer(call, updated->rows);
    co_return change_answer(call, Action::Update, *updated);
}

asio::awaitable<http::Response> Rest::remove(const http::Request& request) const {
    auto read_request = read(request);
    if (!read_request) co_return http::Response::error(read_request.error());
    const Call& call = read_request->call;
    auto options = write_options(call);
    options.affected_max = call.preferences.strict_affected_max();
    auto removed =
        co_await tables_.remove(call.identity, *read_request->table, call.query, options);
    if (!removed) co_return refusal(call, removed.error());
    if (wants_plan(call)) co_return plan_answer(call, removed->rows);
    co_return change_answer(call, Action::Delete, *removed);
}

}  // namespace dunlin::api
