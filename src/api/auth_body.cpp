#include "api/auth_body.h"

#include <fmt/format.h>

#include "api/auth_call.h"
#include "auth/error.h"

namespace dunlin::api {

namespace json = boost::json;

Result<void> take_texts(
    const json::object& body,
    std::initializer_list<std::pair<std::string_view, std::reference_wrapper<std::string>>> into) {
    for (const auto& [name, variable] : into) {
        auto text = text_member(body, name);
        if (!text) return std::unexpected(text.error());
        variable.get() = std::move(*text);
    }
    return {};
}

Result<bool> truth_member(const json::object& body, std::string_view name, bool otherwise) {
    const auto* member = body.if_contains(name);
    if (member == nullptr || member->is_null()) return otherwise;
    if (member->is_bool()) return member->get_bool();
    return std::unexpected(auth::validation_failed(fmt::format("{} must be true or false", name)));
}

Result<auth::Credentials> credentials_of(const json::object& body) {
    auth::Credentials credentials;
    auto taken = take_texts(body, {{"email", credentials.email},
                                   {"phone", credentials.phone},
                                   {"password", credentials.password}});
    if (!taken) return std::unexpected(taken.error());
    return credentials;
}

Result<auth::MessageOptions> message_options_of(const http::Request& request,
                                                const json::object& body) {
    auth::MessageOptions options;
    options.redirect_to = request.parameter("redirect_to").value_or("");
    std::string app;
    auto taken = take_texts(body, {{"code_challenge", options.pkce.challenge},
                                   {"code_challenge_method", options.pkce.method},
                                   {"channel", app}});
    if (!taken) return std::unexpected(taken.error());
    if (!app.empty()) options.app = std::move(app);
    return options;
}

}  // namespace dunlin::api
