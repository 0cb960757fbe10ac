#include "api/answer.h"

#include <fmt/format.h>

#include "api/row_range.h"

namespace dunlin::api {

namespace {

bool wants_rows(const Call& call) {
    return call.preferences.returning == Return::Representation;
}

/// How many rows a write touched, for Content-Range. PostgREST has no plan of a write to take
/// count=planned from.
std::optional<std::uint64_t> counted(const Call& call, std::uint64_t rows) {
    const auto& count = call.preferences.count;
    if (!count || *count == Count::Planned) return std::nullopt;
    return rows;
}

Result<http::Response> written_answer(const Call& call, data::WriteResult& result,
                                      int status_with_rows, int status_without) {
    if (wants_rows(call)) return rows_answer(call, result.rows, status_with_rows);
    return http::Response{.status = status_without};
}

std::string location_of(const std::string& table, const data::WriteResult& result) {
    std::string location;
    for (const auto& [column, filter] : result.location) {
        location += location.empty() ? "?" : "&";
        location += encode_percent(column) + "=" + encode_percent(filter);
    }
    return "/" + encode_percent(table) + location;
}

}  // namespace

http::Response refusal(const Call& call, Error error) {
    if (error.sqlstate == "42501" && call.identity.role == Role::Anon) {
        error.code = ErrorCode::Unauthorized;
    }
    return http::Response::error(error);
}

void add_profile(const Call& call, http::Response& response) {
    if (call.schema_negotiated) response.set("Content-Profile", call.schema);
}

http::Response past_the_end(const Error& error, std::optional<std::uint64_t> total) {
    auto response = http::Response::error(error);
    response.set("Content-Range", content_range(0, 0, total));
    return response;
}

Result<http::Response> rows_answer(const Call& call, data::Rows& rows, int status) {
    http::Response response{.status = status};
    response.set("Content-Type", call.media.content_type());
    add_profile(call, response);
    if (call.media.shape == Shape::Array) {
        response.body = std::move(rows.json);
        return response;
    }
    if (rows.count != 1) {
        return std::unexpected(Error{ErrorCode::NotAcceptable,
                                     "Cannot coerce the result to a single JSON object", "PGRST116",
                                     fmt::format("The result contains {} rows", rows.count)});
    }
    response.body = rows.json.substr(1, rows.json.size() - 2);
    return response;
}

bool wants_plan(const Call& call) {
    return call.media.plan != data::PlanForm::None;
}

http::Response plan_answer(const Call& call, const data::Rows& plan) {
    http::Response response;
    response.set("Content-Type", call.media.content_type());
    add_profile(call, response);
    response.body = plan.json;
    return response;
}

void add_preferences(const Call& call, Action action, http::Response& response) {
    const std::string applied = call.preferences.applied(action);
    if (!applied.empty()) response.set("Preference-Applied", applied);
}

http::Response insert_answer(const Call& call, const std::string& table,
                             data::WriteResult& result) {
    const bool merged_all =
        call.preferences.resolution == query::Resolution::MergeDuplicates && result.inserted == 0;
    const int status = merged_all ? 200 : 201;
    auto response = written_answer(call, result, status, status);
    if (!response) return http::Response::error(response.error());
    if (!result.location.empty()) response->set("Location", location_of(table, result));
    response->set("Content-Range", content_range(0, 0, counted(call, result.rows.count)));
    add_preferences(call, Action::Create, *response);
    return std::move(*response);
}

http::Response put_answer(const Call& call, data::WriteResult& result) {
    auto response = written_answer(call, result, result.inserted > 0 ? 201 : 200, 204);
    if (!response) return http::Response::error(response.error());
    add_preferences(call, Action::Put, *response);
    return std::move(*response);
}

http::Response change_answer(const Call& call, Action action, data::WriteResult& result) {
    auto response = written_answer(call, result, 200, 204);
    if (!response) return http::Response::error(response.error());
    const std::uint64_t shown = action == Action::Update ? result.rows.count : 0;
    response->set("Content-Range", content_range(0, shown, counted(call, result.rows.count)));
    add_preferences(call, action, *response);
    return std::move(*response);
}

}  // namespace dunlin::api
