// Who asks: auth.uid() and its kin, read from the identity of the statement.
#include <openssl/rand.h>

#include <boost/json/parse.hpp>

#include "core/codec.h"
#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

const Identity& identity_of(const FunctionContext& context) {
    static const Identity nobody;
    return context.identity == nullptr ? nobody : *context.identity;
}

/// NULL unless the claim is a uuid, which is what auth.uid() gives.
Outcome auth_uid(Arguments, const FunctionContext& context) {
    const std::string& user = identity_of(context).user_id;
    if (user.empty()) return Value();
    auto uuid = codec::parse_text({.kind = TypeKind::Uuid}, user);
    return uuid ? std::move(*uuid) : Value();
}

Outcome auth_role(Arguments, const FunctionContext& context) {
    return Value(role_name(identity_of(context).role));
}

Outcome auth_jwt(Arguments, const FunctionContext& context) {
    return codec::parse_text({.kind = TypeKind::Jsonb}, identity_of(context).claims);
}

Outcome auth_email(Arguments, const FunctionContext& context) {
    boost::system::error_code failure;
    const auto claims = boost::json::parse(identity_of(context).claims, failure);
    if (failure || !claims.is_object()) return Value();
    const auto* email = claims.get_object().if_contains("email");
    if (email == nullptr || !email->is_string()) return Value();
    return Value(std::string(email->get_string()));
}

/// RFC 9562 version 4.
Outcome gen_random_uuid(Arguments, const FunctionContext&) {
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        return std::unexpected(sql_error("XX000", "no random numbers are to be had"));
    }
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (int i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
        text.push_back(digits[bytes[i] >> 4]);
        text.push_back(digits[bytes[i] & 15]);
    }
    return Value(std::move(text));
}

/// `(ok, table, text)`: whether a new row meets its policies. It fails where a condition would only
/// leave the row alone, and with `text` where SQLite could not ask at the right moment.
Outcome check_new_row(Arguments arguments, const FunctionContext&) {
    if (!arguments[2].is_null()) return std::unexpected(sql_error("0A000", arguments[2].text()));
    if (arguments[0].is_integer() && arguments[0].integer() != 0) return Value::boolean(true);
    return std::unexpected(sql_error(
        "42501",
        "new row violates row-level security policy for table \"" + arguments[1].text() + "\""));
}

/// realtime.topic(): NULL outside of a channel. Policies of realtime.messages never call it: there
/// it is the row's topic (policy/channel_messages.h).
Outcome realtime_topic(Arguments, const FunctionContext&) {
    return Value();
}

constexpr ScalarFunction claims_entries[] = {
    {"auth_email", 0, 0, true, auth_email},
    {"auth_jwt", 0, 0, true, auth_jwt},
    {"auth_role", 0, 0, true, auth_role},
    {"auth_uid", 0, 0, true, auth_uid},
    {"gen_random_uuid", 0, 0, false, gen_random_uuid},
    {"pg_check_new_row", 3, 3, true, check_new_row},
    {"realtime_topic", 0, 0, true, realtime_topic},
};

}  // namespace

std::span<const ScalarFunction> claim_functions() {
    return claims_entries;
}

}  // namespace dunlin::functions
