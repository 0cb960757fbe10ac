#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "auth/key_set.h"
#include "auth/private_file.h"
#include "core/clock.h"
#include "core/result.h"

namespace dunlin::auth {

/// The keys that sign and prove the tokens of a project: its HS256 secret, which the API keys are
/// made with and which always proves, and key pairs that are kept in a file of mode 0600.
///
/// Thread-safe. Signing and proving compute on the caller's thread and never wait for a change.
/// Changes block on the disk and belong on no event loop; the file has one writing process at a
/// time, and another process sees a change when it reloads the file.
class SigningKeys {
public:
    /// Reads the pairs of `file`; none when there is no such file, which add() makes. `clock` is
    /// borrowed. Fails with Unavailable when the file cannot be read, can be read by others than
    /// its owner, or does not hold keys (key_file.h).
    static Result<std::unique_ptr<SigningKeys>> load(std::filesystem::path file, std::string secret,
                                                     const Clock& clock);
    SigningKeys(const SigningKeys&) = delete;
    SigningKeys& operator=(const SigningKeys&) = delete;

    /// Makes a pair and puts it on standby; its kid. Fails with Conflict when there is one on
    /// standby already or there are `signing_keys_max`, with Unavailable when the disk refuses.
    Result<std::string> add(KeyAlgorithm algorithm);

    /// The pair on standby signs from now on. The one it replaces proves for another
    /// `token_lifetime_s`, as long as the last token it signed; pairs past that time are forgotten.
    /// Fails with Conflict when none is on standby, with Unavailable when the disk refuses.
    Result<void> rotate(std::int64_t token_lifetime_s);

    /// Forgets a pair: its tokens prove nothing from now on. Fails with NotFound, with Conflict for
    /// the pair in use, with Unavailable when the disk refuses.
    Result<void> remove(std::string_view kid);

    /// Takes over what another process (`dunlin keys`) has written since; whether that was
    /// anything. One stat() when it was not; blocks. Fails as load(), once for each change of the
    /// file, and keeps the keys it has.
    Result<bool> reload();

    /// As KeySet's, with the keys of this moment.
    std::string sign(std::string_view claims) const;
    TokenResult<ProvedClaims> verify(std::string_view token) const;
    std::string jwks() const;

    std::shared_ptr<const KeySet> current() const;
    /// Grows with every change: what was proved at another version may not be now.
    std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

private:
    SigningKeys(std::filesystem::path file, FileStamp stamp, KeySet keys, const Clock& clock);

    std::int64_t now_s() const { return clock_.now_us() / 1'000'000; }
    Result<void> replace(KeySet keys);
    void publish(KeySet keys);

    const std::filesystem::path file_;
    const Clock& clock_;
    // One change at a time, file and memory; held while writing the disk, by no loop.
    std::mutex changing_;
    FileStamp stamp_;  // of the file as it was read or written last
    // Guards keys_ alone, for a copy of the pointer: its readers are every loop and the hashers.
    mutable std::mutex reading_;
    std::shared_ptr<const KeySet> keys_;  // owned by whoever is using it; immutable
    std::atomic<std::uint64_t> version_ = 1;
};

}  // namespace dunlin::auth
