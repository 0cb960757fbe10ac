#include "api/rpc.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "api/answer.h"
#include "api/row_range.h"
#include "http/ascii.h"
#include "query/call_arguments.h"

namespace dunlin::api {

namespace {

using query::ArgumentsFrom;

constexpr std::string_view base_path = "/rest/v1/rpc/";

Result<std::string> function_name(const http::Request& request) {
    const std::string name = request.path.substr(base_path.size());
    if (!name.empty() && name.find('/') == name.npos) return name;
    return std::unexpected(
        Error{ErrorCode::NotFound, "Invalid path specified in request URL", "PGRST125"});
}

Result<ArgumentsFrom> arguments_from(const http::Request& request) {
    const std::string_view header = request.header("content-type");
    const auto type = http::trim(header.substr(0, header.find(';')));
    if (type.empty() || type == "application/json" || type.starts_with("application/vnd.pgrst."))
        return ArgumentsFrom::Json;
    if (type == "application/x-www-form-urlencoded") return ArgumentsFrom::Form;
    if (type == "text/plain") return ArgumentsFrom::Text;
    if (type == "application/octet-stream") return ArgumentsFrom::Bytes;
    return std::unexpected(Error{ErrorCode::UnsupportedMediaType,
                                 fmt::format("Content-Type not acceptable: {}", type), "PGRST102"});
}

std::set<std::string> names_of(const query::NamedTexts& arguments) {
    std::set<std::string> names;
    for (const auto& [name, text] : arguments) names.insert(name);
    return names;
}

/// The object with the arguments; `columns` says which of its members count.
Result<query::BodyObject> arguments_object(const http::Request& request, const Call& call) {
    query::BodyObject none;
    if (http::trim(request.body).empty()) return none;
    auto body = query::parse_json_body(request.body);
    if (!body) return std::unexpected(body.error());
    if (body->objects.empty()) return none;
    query::BodyObject object = std::move(body->objects.front());
    if (call.query.columns.empty()) return object;
    std::erase_if(object.members, [&](const auto& member) {
        return std::ranges::find(call.query.columns, member.first) == call.query.columns.end();
    });
    return object;
}

std::set<std::string> names_of(const query::BodyObject& object) {
    std::set<std::string> names;
    for (const auto& [name, text] : object.members) names.insert(name);
    return names;
}

}  // namespace

Rpc::Rpc(const auth::Authenticator& authenticator, data::Functions& functions,
         RestSettings settings)
    : authenticator_(authenticator), functions_(functions), settings_(std::move(settings)) {}

asio::awaitable<http::Response> Rpc::get(const http::Request& request) const {
    auto split = query::split_parameters(http::parse_query(request.query));
    auto call = read_call(authenticator_, settings_, request, split.rest);
    if (!call) co_return http::Response::error(call.error());
    const auto name = function_name(request);
    if (!name) co_return http::Response::error(name.error());
    const auto choice = query::choose_function(functions_.schema(), call->schema, *name,
                                               names_of(split.arguments), ArgumentsFrom::Query);
    if (!choice) co_return http::Response::error(choice.error());
    auto arguments = query::arguments_from_texts(*choice->function, split.arguments);
    if (!arguments) co_return refusal(*call, arguments.error());
    co_return co_await this->call(request, std::move(*call),
                                  {choice->function, std::move(*arguments)}, true);
}

asio::awaitable<http::Response> Rpc::post(const http::Request& request) const {
    auto call = read_call(authenticator_, settings_, request);
    if (!call) co_return http::Response::error(call.error());
    const auto name = function_name(request);
    if (!name) co_return http::Response::error(name.error());
    const auto from = arguments_from(request);
    if (!from) co_return http::Response::error(from.error());
    query::NamedTexts fields;
    query::BodyObject object;
    if (*from == ArgumentsFrom::Form) fields = http::parse_query(request.body);
    std::optional<Error> no_object;
    if (*from == ArgumentsFrom::Json) {
        const auto body = http::trim(request.body);
        if (!body.empty() && !query::is_json(body))
            co_return http::Response::error(query::invalid_body("Empty or invalid json"));
        auto given = arguments_object(request, *call);
        if (given)
            object = std::move(*given);
        else
            no_object = given.error();
    }
    const auto choice = query::choose_function(
        functions_.schema(), call->schema, *name,
        *from == ArgumentsFrom::Form ? names_of(fields) : names_of(object), *from);
    if (!choice) co_return http::Response::error(choice.error());
    // Any JSON may be the one unnamed argument, but names are those of an object.
    if (no_object && !choice->whole_body) co_return http::Response::error(*no_object);
    auto arguments = choice->whole_body ? query::argument_from_body(*choice->function, request.body)
                     : *from == ArgumentsFrom::Form
                         ? query::arguments_from_texts(*choice->function, fields)
                         : query::arguments_from_object(*choice->function, object);
    if (!arguments) co_return refusal(*call, arguments.error());
    co_return co_await this->call(request, std::move(*call),
                                  {choice->function, std::move(*arguments)}, false);
}

asio::awaitable<http::Response> Rpc::refuse(const http::Request& request) const {
    co_return http::Response::error(
        Error{ErrorCode::MethodNotAllowed,
              fmt::format("Cannot use the {} method on RPC", http::method_name(request.method)),
              "PGRST101"});
}

asio::awaitable<http::Response> Rpc::call(const http::Request& request, Call call,
                                          data::FunctionCall function, bool reads) const {
    const auto narrowed = apply_range_header(request, call.query);
    if (!narrowed) co_return http::Response::error(narrowed.error());
    if (call.media.plan != data::PlanForm::None) {
        co_return http::Response::error(sql_error("0A000", "the plan of a function cannot be shown",
                                                  "", "Ask for that of a table."));
    }
    const std::uint64_t offset = call.query.offset.value_or(0);
    const data::CallOptions options{
        .read_only = reads,
        .count_total = call.preferences.count.has_value(),
        .format = call.media.format,
        .affected_max = call.preferences.strict_affected_max(),
        .undo = call.rolls_back,
    };
    auto answer = co_await functions_.call(call.identity, std::move(function), call.query, options);
    if (!answer) co_return refusal(call, answer.error());
    using Kind = data::CallAnswer::Kind;
    http::Response response{.status = 204};
    if (answer->kind == Kind::Value) {
        response.status = 200;
        response.set("Content-Type", "application/json; charset=utf-8");
        add_profile(call, response);
        response.body = answer->rows.json;
    } else if (answer->kind != Kind::Nothing) {
        const auto status = range_status(offset, answer->rows.count, answer->rows.total);
        if (!status) co_return past_the_end(status.error(), answer->rows.total);
        if (answer->kind == Kind::Object && call.media.format != data::RowFormat::Csv)
            call.media.shape = Shape::SingleObject;
        auto made = rows_answer(call, answer->rows, *status);
        if (!made) co_return http::Response::error(made.error());
        response = std::move(*made);
    }
    if (answer->kind != Kind::Nothing) {
        response.set("Content-Range",
                     content_range(offset, answer->rows.count, answer->rows.total));
    }
    add_preferences(call, Action::Read, response);
    co_return response;
}

}  // namespace dunlin::api
