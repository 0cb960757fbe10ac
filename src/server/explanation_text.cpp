// `rules explain` for a terminal, and what it is told on the command line.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "server/rules_explain.h"

namespace dunlin::server {

namespace json = boost::json;

namespace {

std::string text_at(const json::object& object, const char* key) {
    const auto* value = object.if_contains(key);
    return value == nullptr ? std::string() : std::string(value->as_string());
}

std::string names_at(const json::object& object, const char* key) {
    std::string out;
    const auto* names = object.if_contains(key);
    if (names == nullptr) return out;
    for (const auto& name : names->as_array())
        out += (out.empty() ? "" : ", ") + std::string(name.as_string());
    return out;
}

void write_policy(const json::object& policy, std::string& out) {
    const std::string head =
        fmt::format("  {} \"{}\"", text_at(policy, "kind"), text_at(policy, "name"));
    if (!policy.at("counts").as_bool()) {
        out += fmt::format("{} does not count: {}\n", head, text_at(policy, "reason"));
        return;
    }
    const std::string verdict = text_at(policy, "verdict");
    out += fmt::format("{}{}{}\n      {}\n", head, verdict.empty() ? "" : " ", verdict,
                       text_at(policy, "condition"));
}

void write_rule(const json::object& rule, std::string& out) {
    std::string side = text_at(rule, "side");
    std::ranges::transform(side, side.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    out += fmt::format("\n{} of {}, asked of the {} row\n", side, text_at(rule, "command"),
                       text_at(rule, "row"));
    const std::string all = text_at(rule, "admits_all");
    if (!all.empty()) out += fmt::format("  {}\n", all);
    const auto& policies = rule.at("policies").as_array();
    for (const auto& policy : policies) write_policy(policy.as_object(), out);
    const bool counts = std::ranges::any_of(policies, [](const json::value& policy) {
        return policy.at("counts").as_bool() && policy.at("kind").as_string() == "permissive";
    });
    if (all.empty() && !counts) out += "  no permissive policy: nothing is admitted\n";
    out += fmt::format("  SQL: {}\n", text_at(rule, "sql"));
    const std::string verdict = text_at(rule, "verdict");
    if (!verdict.empty()) out += fmt::format("  together: {}\n", verdict);
}

}  // namespace

std::string explanation_text(const json::object& explanation) {
    std::string out = fmt::format("{} on {} as {} {}\n", text_at(explanation, "command"),
                                  text_at(explanation, "table"), text_at(explanation, "role"),
                                  text_at(explanation, "claims"));
    const std::string denied = text_at(explanation, "denied");
    out += denied.empty() ? "granted: yes\n" : fmt::format("granted: no, {}\n", denied);
    const std::string hidden = names_at(explanation, "hidden_columns");
    if (!hidden.empty()) out += fmt::format("hidden columns: {}\n", hidden);
    const std::string fixed = names_at(explanation, "columns_not_granted");
    if (!fixed.empty()) out += fmt::format("columns that may not be set: {}\n", fixed);
    for (const auto& rule : explanation.at("rules").as_array()) write_rule(rule.as_object(), out);
    const std::string result = text_at(explanation, "result");
    out += result.empty() ? "\nGive --row or --values to see who admits it.\n"
                          : fmt::format("\n{}\n", result);
    return out;
}

Result<Identity> identity_from_claims(std::string_view text) {
    constexpr Role roles[] = {Role::Anon, Role::Authenticated, Role::ServiceRole};
    const auto of_role = [&](std::string_view name) {
        return std::ranges::find(roles, name, role_name);
    };
    std::string claims(text);
    if (of_role(text) != std::end(roles)) {
        claims = fmt::format(R"({{"role":"{}"}})", text);
    } else if (!text.starts_with('{')) {
        json::object user{{"role", "authenticated"}, {"sub", text}};
        claims = json::serialize(user);
    }
    constexpr const char* form =
        "Write anon, authenticated, service_role, a user's id, or "
        "'{\"role\":\"authenticated\",\"sub\":\"USER\"}'.";
    const auto refused = [&](std::string message) {
        return std::unexpected(Error{ErrorCode::InvalidInput, std::move(message), "", "", form});
    };
    boost::system::error_code failure;
    const auto value = json::parse(claims, failure);
    if (failure) return refused("the claims are not JSON: " + failure.message());
    const auto& object = value.as_object();
    const auto text_claim = [&](const char* key) {
        const auto* found = object.if_contains(key);
        return found != nullptr && found->is_string() ? std::string(found->as_string())
                                                      : std::string();
    };
    const auto role = of_role(text_claim("role"));
    if (role == std::end(roles))
        return refused("the claim role is none of anon, authenticated, service_role");
    return Identity{.role = *role,
                    .user_id = text_claim("sub"),
                    .session_id = text_claim("session_id"),
                    .claims = claims};
}

Result<Command> command_from_name(std::string_view name) {
    if (name == "select") return Command::Select;
    if (name == "insert") return Command::Insert;
    if (name == "update") return Command::Update;
    if (name == "delete") return Command::Delete;
    return std::unexpected(Error{ErrorCode::InvalidInput,
                                 fmt::format("there is no command \"{}\"", name), "", "",
                                 "Write --command select, insert, update or delete."});
}

}  // namespace dunlin::server
