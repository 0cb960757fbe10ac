#include "auth/credentials.h"

#include <boost/json/serialize.hpp>

#include "auth/address_identity.h"
#include "auth/error.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

Error refused_password(const PasswordRefusal& refusal) {
    if (refusal.code != "weak_password") return validation_failed(refusal.message);
    json::array reasons(refusal.reasons.begin(), refusal.reasons.end());
    json::object extra;
    extra["weak_password"] = json::object{{"reasons", std::move(reasons)}};
    return refused(ErrorCode::Unprocessable, refusal.code, refusal.message, json::serialize(extra));
}

}  // namespace

Result<Credentials> normal_credentials(Credentials credentials) {
    if (credentials.email.empty() == credentials.phone.empty()) {
        return std::unexpected(
            credentials.email.empty()
                ? validation_failed("missing email or phone")
                : validation_failed("Only an email address or phone number should be provided"));
    }
    std::string& address = credentials.email.empty() ? credentials.phone : credentials.email;
    auto normal = credentials.email.empty() ? normal_phone(address) : normal_email(address);
    if (!normal) return std::unexpected(normal.error());
    address = std::move(*normal);
    return credentials;
}

std::string account_of(const Credentials& credentials) {
    return credentials.email.empty() ? "phone:" + credentials.phone : "email:" + credentials.email;
}

Result<std::optional<User>> find_user(data::OwnerSession& session, const Credentials& credentials) {
    return credentials.email.empty() ? find_user_by_phone(session, credentials.phone)
                                     : find_user_by_email(session, credentials.email);
}

Error not_confirmed(const Credentials& credentials) {
    return credentials.email.empty()
               ? refused(ErrorCode::InvalidInput, "phone_not_confirmed", "Phone not confirmed")
               : refused(ErrorCode::InvalidInput, "email_not_confirmed", "Email not confirmed");
}

asio::awaitable<Result<std::string>> hash_new_password(const Context& context, std::string password,
                                                       std::string email) {
    const auto taken = check_password(context.password_policy, password, email);
    if (!taken) co_return std::unexpected(refused_password(taken.error()));
    co_return co_await context.passwords.hash(std::move(password));
}

User new_user(const Credentials& credentials, json::object metadata, std::int64_t now_us) {
    User user{.id = new_id(),
              .email = credentials.email,
              .phone = credentials.phone,
              .user_metadata = std::move(metadata),
              .created_at = now_us,
              .updated_at = now_us};
    const std::string_view provider = credentials.phone.empty() ? "email" : "phone";
    user.app_metadata["provider"] = provider;
    user.app_metadata["providers"] = json::array{provider};
    return user;
}

Result<void> create_user(data::OwnerSession& session, const User& user) {
    auto made = insert_user(session, user);
    if (!made || (user.email.empty() && user.phone.empty())) return made;
    return keep_address_identities(session, user, user.created_at.value_or(0));
}

}  // namespace dunlin::auth
