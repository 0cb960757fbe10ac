#include "cli/user_actions.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "auth/oauth_requests.h"
#include "auth/user_attributes.h"
#include "cli/admin_client.h"
#include "cli/password_prompt.h"
#include "cli/project_options.h"
#include "cli/user_text.h"

namespace dunlin::cli {

namespace json = boost::json;

namespace {

Error invalid(std::string message) {
    return Error{ErrorCode::InvalidInput, std::move(message)};
}

/// A client, and the account that the command is about.
struct Found {
    AdminClient client;
    json::value user;
    std::string id() const { return text_at(user, "id"); }
};

Result<json::value> find_by_address(AdminClient& client, const std::string& address) {
    const std::string filter = address.starts_with('+') ? address.substr(1) : address;
    auto listed = client.call(
        "GET", "users?" + auth::encode_query({{"filter", filter}, {"per_page", "1000"}}));
    if (!listed) return listed;
    for (const auto& user : listed->at("users").as_array()) {
        const bool same_email = auth::normal_email(address).value_or("") == text_at(user, "email");
        const bool same_phone = auth::normal_phone(address).value_or("") == text_at(user, "phone");
        if ((same_email && !text_at(user, "email").empty()) ||
            (same_phone && !text_at(user, "phone").empty())) {
            return user;
        }
    }
    return std::unexpected(invalid(fmt::format("there is no user {}", address)));
}

Result<Found> find(const UsersOptions& options) {
    auto client = AdminClient::open(options.line, options.url);
    if (!client) return std::unexpected(client.error());
    auto user = auth::is_uuid(options.user) ? client->call("GET", "users/" + options.user)
                                            : find_by_address(*client, options.user);
    if (!user) return std::unexpected(user.error());
    return Found{std::move(*client), std::move(*user)};
}

Result<void> add_metadata(json::object& body, std::string_view name, const std::string& text) {
    if (text.empty()) return {};
    boost::system::error_code failure;
    auto parsed = json::parse(text, failure);
    if (failure || !parsed.is_object()) {
        return std::unexpected(invalid(fmt::format("{} must be a JSON object", name)));
    }
    body[name] = std::move(parsed);
    return {};
}

Result<json::object> new_user(const UsersOptions& options) {
    json::object body;
    if (!options.email.empty()) body["email"] = options.email;
    if (!options.phone.empty()) body["phone"] = options.phone;
    if (body.empty()) return std::unexpected(invalid("give --email or --phone"));
    if (!options.role.empty()) body["role"] = options.role;
    auto added = add_metadata(body, "app_metadata", options.app_metadata);
    if (added) added = add_metadata(body, "user_metadata", options.user_metadata);
    if (!added) return std::unexpected(added.error());
    body["email_confirm"] = !options.unconfirmed && !options.email.empty();
    body["phone_confirm"] = !options.unconfirmed && !options.phone.empty();
    if (options.without_password) return body;
    auto password = read_new_password(options.email.empty() ? options.phone : options.email);
    if (!password) return std::unexpected(password.error());
    body["password"] = std::move(*password);
    return body;
}

/// Prints an answer: as it came, or as `text`.
int print(const UsersOptions& options, const json::value& answer, const std::string& text) {
    if (options.format == "json") {
        fmt::print("{}\n", json::serialize(answer));
    } else {
        fmt::print("{}", text);
    }
    return 0;
}

/// Changes the account and prints `done`, which has a place for its name.
int change(const UsersOptions& options, json::object body, std::string_view done) {
    auto found = find(options);
    if (!found) return print_error(found.error());
    const auto changed = found->client.call("PUT", "users/" + found->id(), std::move(body));
    if (!changed) return print_error(changed.error());
    return print(options, *changed, fmt::format("{} {}\n", name_of(*changed), done));
}

}  // namespace

int create_user(const UsersOptions& options) {
    auto client = AdminClient::open(options.line, options.url);
    if (!client) return print_error(client.error());
    auto body = new_user(options);
    if (!body) return print_error(body.error());
    const auto created = client->call("POST", "users", std::move(*body));
    if (!created) return print_error(created.error());
    return print(options, *created,
                 fmt::format("{} created: {}\n", name_of(*created), text_at(*created, "id")));
}

int list_users(const UsersOptions& options) {
    auto client = AdminClient::open(options.line, options.url);
    if (!client) return print_error(client.error());
    const auto listed = client->call(
        "GET", "users?" + auth::encode_query({{"page", std::to_string(options.page)},
                                              {"per_page", std::to_string(options.page_rows)},
                                              {"filter", options.filter}}));
    if (!listed) return print_error(listed.error());
    return print(options, *listed, users_table(listed->at("users").as_array()));
}

int show_user(const UsersOptions& options) {
    const auto found = find(options);
    if (!found) return print_error(found.error());
    return print(options, found->user, user_lines(found->user));
}

int ban_user(const UsersOptions& options) {
    return change(options, {{"ban_duration", options.duration}},
                  "is banned and signed out everywhere");
}

int unban_user(const UsersOptions& options) {
    return change(options, {{"ban_duration", "none"}}, "may sign in again");
}

int reset_password(const UsersOptions& options) {
    auto found = find(options);  // before anybody is asked for a password
    if (!found) return print_error(found.error());
    auto password = read_new_password(name_of(found->user));
    if (!password) return print_error(password.error());
    const auto changed = found->client.call("PUT", "users/" + found->id(),
                                            json::object{{"password", std::move(*password)}});
    if (!changed) return print_error(changed.error());
    return print(
        options, *changed,
        fmt::format("{} has a new password and is signed out everywhere\n", name_of(*changed)));
}

int delete_user(const UsersOptions& options) {
    auto found = find(options);
    if (!found) return print_error(found.error());
    const auto removed = found->client.call("DELETE", "users/" + found->id(),
                                            json::object{{"should_soft_delete", options.soft}});
    if (!removed) return print_error(removed.error());
    return print(options, found->user, fmt::format("{} deleted\n", name_of(found->user)));
}

int list_sessions(const UsersOptions& options) {
    auto found = find(options);
    if (!found) return print_error(found.error());
    const auto listed = found->client.call("GET", "users/" + found->id() + "/sessions");
    if (!listed) return print_error(listed.error());
    return print(options, *listed, sessions_table(listed->at("sessions").as_array()));
}

int sign_out(const UsersOptions& options) {
    auto found = find(options);
    if (!found) return print_error(found.error());
    if (!options.session.empty() && !auth::is_uuid(options.session)) {
        return print_error(invalid("--session must be the id of a session"));
    }
    const std::string path = "users/" + found->id() + "/sessions" +
                             (options.session.empty() ? "" : "/" + options.session);
    const auto ended = found->client.call("DELETE", path);
    if (!ended) return print_error(ended.error());
    return print(options, found->user,
                 fmt::format("{} is signed out {}\n", name_of(found->user),
                             options.session.empty() ? "everywhere" : "on this device"));
}

}  // namespace dunlin::cli
