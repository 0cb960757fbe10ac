#include "auth/key_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <iterator>
#include <utility>

#include "auth/base64url.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::int64_t file_version = 1;
constexpr std::size_t kid_bytes_max = 128;

constexpr std::pair<KeyState, std::string_view> state_names[] = {
    {KeyState::Standby, "standby"},
    {KeyState::InUse, "in_use"},
    {KeyState::VerifyOnly, "verify_only"},
};

std::unexpected<Error> wrong(std::string message) {
    return std::unexpected(Error{ErrorCode::InvalidInput, std::move(message)});
}

std::string_view text_of(const json::object& entry, std::string_view name) {
    const auto* member = entry.if_contains(name);
    return member != nullptr && member->is_string() ? std::string_view(member->as_string())
                                                    : std::string_view();
}

std::int64_t integer_of(const json::object& entry, std::string_view name) {
    const auto* member = entry.if_contains(name);
    return member != nullptr && member->is_int64() ? member->as_int64() : 0;
}

Result<SigningKey> read_key(const json::object& entry) {
    const std::string kid(text_of(entry, "kid"));
    if (kid.empty() || kid.size() > kid_bytes_max || !is_base64url(kid)) {
        return wrong("a key has no kid, or one that is not base64url");
    }
    const auto algorithm = algorithm_named(text_of(entry, "algorithm"));
    if (!algorithm) return wrong(fmt::format("key {}: algorithm must be ES256 or RS256", kid));
    const auto state = std::ranges::find(state_names, text_of(entry, "state"),
                                         &std::pair<KeyState, std::string_view>::second);
    if (state == std::end(state_names)) {
        return wrong(fmt::format("key {}: state must be standby, in_use or verify_only", kid));
    }
    auto pair = KeyPair::from_pem(*algorithm, text_of(entry, "private_key"));
    if (!pair) return wrong(fmt::format("key {}: private_key is {}", kid, pair.error().message));
    SigningKey key{kid, std::move(*pair), state->first, integer_of(entry, "created_at_s"),
                   integer_of(entry, "verify_until_s")};
    if (key.state == KeyState::VerifyOnly && key.verify_until_s <= 0) {
        return wrong(fmt::format("key {}: verify_until_s is missing", kid));
    }
    if (key.state != KeyState::VerifyOnly) key.verify_until_s = 0;
    return key;
}

Result<void> check_together(const std::vector<SigningKey>& keys) {
    const auto count = [&](KeyState state) {
        return std::ranges::count(keys, state, &SigningKey::state);
    };
    if (count(KeyState::InUse) > 1) return wrong("two keys are in use");
    if (count(KeyState::Standby) > 1) return wrong("two keys are on standby");
    for (const auto& key : keys) {
        if (std::ranges::count(keys, key.kid, &SigningKey::kid) > 1) {
            return wrong(fmt::format("key {} appears twice", key.kid));
        }
    }
    return {};
}

}  // namespace

std::string write_signing_keys(const std::vector<SigningKey>& keys) {
    json::array list;
    for (const auto& key : keys) {
        const auto* state = std::ranges::find(state_names, key.state,
                                              &std::pair<KeyState, std::string_view>::first);
        json::object entry{{"kid", key.kid},
                           {"algorithm", algorithm_name(key.pair.algorithm())},
                           {"state", state->second},
                           {"created_at_s", key.created_at_s},
                           {"private_key", key.pair.to_pem()}};
        if (key.state == KeyState::VerifyOnly) entry["verify_until_s"] = key.verify_until_s;
        list.push_back(std::move(entry));
    }
    return json::serialize(json::object{{"version", file_version}, {"keys", std::move(list)}}) +
           "\n";
}

Result<std::vector<SigningKey>> read_signing_keys(std::string_view text) {
    boost::system::error_code failure;
    const auto value = json::parse(text, failure);
    if (failure || !value.is_object()) return wrong("not a JSON object");
    if (integer_of(value.as_object(), "version") != file_version) return wrong("unknown version");
    const auto* list = value.as_object().if_contains("keys");
    if (list == nullptr || !list->is_array()) return wrong("keys is not a list");
    if (list->as_array().size() > signing_keys_max) {
        return wrong(fmt::format("more than {} keys", signing_keys_max));
    }
    std::vector<SigningKey> keys;
    for (const auto& entry : list->as_array()) {
        if (!entry.is_object()) return wrong("a key is not a JSON object");
        auto key = read_key(entry.as_object());
        if (!key) return std::unexpected(key.error());
        keys.push_back(std::move(*key));
    }
    const auto checked = check_together(keys);
    if (!checked) return std::unexpected(checked.error());
    return keys;
}

}  // namespace dunlin::auth
