#include "auth/signing_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/base64url.h"
#include "auth/key_file.h"
#include "auth/private_file.h"
#include "auth/random.h"

namespace dunlin::auth {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kid_bytes = 16;
constexpr std::size_t file_bytes_max = 256 * 1024;

// What TokenVerifier grants a clock that is behind: its tokens must find their key until then.
constexpr std::int64_t clock_skew_s = 30;

std::unexpected<Error> conflict(std::string message, std::string hint) {
    return std::unexpected(Error{ErrorCode::Conflict, std::move(message), "", "", std::move(hint)});
}

Result<std::vector<SigningKey>> read_keys(const fs::path& file) {
    std::error_code failure;
    const auto status = fs::status(file, failure);
    if (status.type() == fs::file_type::not_found) return {};
    const auto others = fs::perms::group_all | fs::perms::others_all;
    if (!failure && (status.permissions() & others) != fs::perms::none) {
        return std::unexpected(
            Error{ErrorCode::Unavailable,
                  fmt::format("{} can be read by others than its owner", file.string()), "", "",
                  "Give it mode 0600."});
    }
    const auto text = read_file(file, file_bytes_max);
    if (!text) return std::unexpected(text.error());
    auto keys = read_signing_keys(*text);
    if (keys) return keys;
    return std::unexpected(
        Error{ErrorCode::Unavailable, fmt::format("{}: {}", file.string(), keys.error().message)});
}

void forget_past(KeySet& set, std::int64_t now_s) {
    std::erase_if(set.keys, [&](const SigningKey& key) {
        return key.state == KeyState::VerifyOnly && key.verify_until_s <= now_s;
    });
}

}  // namespace

SigningKeys::SigningKeys(fs::path file, FileStamp stamp, KeySet keys, const Clock& clock)
    : file_(std::move(file)),
      clock_(clock),
      stamp_(stamp),
      keys_(std::make_shared<const KeySet>(std::move(keys))) {}

Result<std::unique_ptr<SigningKeys>> SigningKeys::load(fs::path file, std::string secret,
                                                       const Clock& clock) {
    const FileStamp stamp = stamp_of(file);  // before reading: a later change has another one
    auto keys = read_keys(file);
    if (!keys) return std::unexpected(keys.error());
    return std::unique_ptr<SigningKeys>(new SigningKeys(
        std::move(file), stamp, KeySet{std::move(secret), std::move(*keys)}, clock));
}

Result<std::string> SigningKeys::add(KeyAlgorithm algorithm) {
    const std::lock_guard lock(changing_);
    KeySet next = *current();
    forget_past(next, now_s());
    if (const auto* standby = next.in_state(KeyState::Standby)) {
        return conflict(fmt::format("key {} is on standby already", standby->kid),
                        "Rotate to it or remove it first.");
    }
    if (next.keys.size() >= signing_keys_max) {
        return conflict(fmt::format("there are {} keys already", next.keys.size()),
                        "Remove one that has had its time.");
    }
    std::string kid = encode_base64url(random_bytes(kid_bytes));
    next.keys.push_back({kid, KeyPair::generate(algorithm), KeyState::Standby, now_s()});
    const auto replaced = replace(std::move(next));
    if (!replaced) return std::unexpected(replaced.error());
    return kid;
}

Result<void> SigningKeys::rotate(std::int64_t token_lifetime_s) {
    const std::lock_guard lock(changing_);
    KeySet next = *current();
    forget_past(next, now_s());
    if (next.in_state(KeyState::Standby) == nullptr) {
        return conflict("no key is on standby", "Add one, and give others time to learn of it.");
    }
    for (auto& key : next.keys) {
        if (key.state == KeyState::InUse) {
            key.state = KeyState::VerifyOnly;
            key.verify_until_s = now_s() + token_lifetime_s + clock_skew_s;
        } else if (key.state == KeyState::Standby) {
            key.state = KeyState::InUse;
        }
    }
    return replace(std::move(next));
}

Result<void> SigningKeys::remove(std::string_view kid) {
    const std::lock_guard lock(changing_);
    KeySet next = *current();
    const auto found = std::ranges::find(next.keys, kid, &SigningKey::kid);
    if (found == next.keys.end()) {
        return std::unexpected(Error{ErrorCode::NotFound, "there is no key of this kid"});
    }
    if (found->state == KeyState::InUse) {
        return conflict("the key in use cannot be removed", "Rotate to another one first.");
    }
    next.keys.erase(found);
    return replace(std::move(next));
}

Result<bool> SigningKeys::reload() {
    const std::lock_guard lock(changing_);
    const FileStamp stamp = stamp_of(file_);
    if (stamp == stamp_) return false;
    stamp_ = stamp;
    auto keys = read_keys(file_);
    if (!keys) return std::unexpected(keys.error());
    publish(KeySet{current()->secret, std::move(*keys)});
    return true;
}

/// Disk first: what signs must still be there after a crash.
Result<void> SigningKeys::replace(KeySet keys) {
    auto written = write_private_file(file_, write_signing_keys(keys.keys), Existing::Replace);
    if (!written) return written;
    stamp_ = stamp_of(file_);
    publish(std::move(keys));
    return {};
}

void SigningKeys::publish(KeySet keys) {
    auto next = std::make_shared<const KeySet>(std::move(keys));
    {
        const std::lock_guard lock(reading_);
        keys_.swap(next);
    }
    version_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const KeySet> SigningKeys::current() const {
    const std::lock_guard lock(reading_);
    return keys_;
}

std::string SigningKeys::sign(std::string_view claims) const {
    return current()->sign(claims);
}

TokenResult<ProvedClaims> SigningKeys::verify(std::string_view token) const {
    return current()->verify(token, now_s());
}

std::string SigningKeys::jwks() const {
    return current()->jwks(now_s());
}

}  // namespace dunlin::auth
