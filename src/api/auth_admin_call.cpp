#include "api/auth_admin_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/auth_call.h"
#include "auth/error.h"
#include "auth/oauth_requests.h"

namespace dunlin::api {

namespace json = boost::json;

namespace {

constexpr std::int64_t page_number_max = 1'000'000'000;

Result<std::int64_t> count_parameter(const http::Request& request, std::string_view name,
                                     std::int64_t otherwise) {
    const std::string text = request.parameter(name).value_or("");
    if (text.empty()) return otherwise;
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc() && end == text.data() + text.size() && number >= 1 &&
        number <= page_number_max) {
        return number;
    }
    return std::unexpected(auth::validation_failed(
        fmt::format("Bad Pagination Parameters: {} must be a whole number from 1", name)));
}

std::string link_to(const http::Request& request, std::int64_t number, auth::Page page,
                    std::string_view relation) {
    std::vector<std::pair<std::string, std::string>> query{{"page", std::to_string(number)},
                                                           {"per_page", std::to_string(page.rows)}};
    const std::string filter = request.parameter("filter").value_or("");
    if (!filter.empty()) query.emplace_back("filter", filter);
    return fmt::format("<{}?{}>; rel=\"{}\"", request.path, auth::encode_query(query), relation);
}

}  // namespace

Result<auth::UserAttributes> attributes_of(const json::object& body) {
    auth::UserAttributes attributes;
    for (const auto& [name, into] : {std::pair{"id", &attributes.id},
                                     {"email", &attributes.email},
                                     {"phone", &attributes.phone},
                                     {"password", &attributes.password},
                                     {"password_hash", &attributes.password_hash},
                                     {"role", &attributes.role},
                                     {"ban_duration", &attributes.ban_duration}}) {
        auto member = text_member(body, name);
        if (!member) return std::unexpected(member.error());
        *into = std::move(*member);
    }
    for (const auto& [name, into] : {std::pair{"email_confirm", &attributes.email_confirm},
                                     {"phone_confirm", &attributes.phone_confirm}}) {
        const auto member = flag_member(body, name);
        if (!member) return std::unexpected(member.error());
        *into = *member;
    }
    for (const auto& [name, into] : {std::pair{"user_metadata", &attributes.user_metadata},
                                     {"app_metadata", &attributes.app_metadata}}) {
        auto member = object_member(body, name);
        if (!member) return std::unexpected(member.error());
        *into = std::move(*member);
    }
    return attributes;
}

Result<bool> flag_member(const json::object& body, std::string_view name) {
    const auto* member = body.if_contains(name);
    if (member == nullptr || member->is_null()) return false;
    if (member->is_bool()) return member->get_bool();
    return std::unexpected(auth::validation_failed(fmt::format("{} must be true or false", name)));
}

Result<auth::Page> page_of(const http::Request& request) {
    const auto number = count_parameter(request, "page", 1);
    if (!number) return std::unexpected(number.error());
    const auto rows = count_parameter(request, "per_page", 50);
    if (!rows) return std::unexpected(rows.error());
    return auth::Page{.number = *number, .rows = std::min(*rows, auth::page_rows_max)};
}

http::Response page_answer(const http::Request& request, const json::object& body, auth::Page page,
                           std::int64_t total) {
    const std::int64_t last = (total + page.rows - 1) / page.rows;
    auto response = auth_answer(request, 200, body);
    response.set("X-Total-Count", std::to_string(total));
    std::string links;
    if (last > page.number) links = link_to(request, page.number + 1, page, "next") + ", ";
    response.set("Link", links + link_to(request, last, page, "last"));
    return response;
}

}  // namespace dunlin::api
