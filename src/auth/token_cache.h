#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/identity.h"

namespace dunlin::auth {

/// What a proved token says, and for how long. Seconds since 1970.
struct ProvedToken {
    Identity identity;
    std::int64_t valid_from_s = 0;    // nbf or iat
    std::int64_t valid_until_s = 0;   // exp: not valid from this second on
    std::int64_t proved_until_s = 0;  // when its key stops proving
};

/// Tokens whose signatures were proved lately, so that a client's next request costs no second
/// proof. Thread-safe; holds at most `tokens_max`, and only tokens of ours: nobody fills it with
/// invented ones. Each shard keeps two generations: when the young one is full it takes the place
/// of the old one, which is dropped, and what is found in the old one becomes young again.
class TokenCache {
public:
    static constexpr std::size_t tokens_max = 10'000;

    /// The identity of the token with this SHA-256 (of the whole token, signature included), if it
    /// was proved at this version of the keys and is valid now.
    std::optional<Identity> find(std::string_view hash, std::uint64_t keys_version,
                                 std::int64_t now_s);

    void insert(std::string_view hash, std::uint64_t keys_version, ProvedToken token);

    std::size_t size() const;

private:
    static constexpr std::size_t shard_count = 16;
    static constexpr std::size_t generation_size = tokens_max / shard_count / 2;

    struct Entry {
        ProvedToken token;
        std::uint64_t keys_version = 0;
    };
    using Entries = std::unordered_map<std::string, Entry>;
    struct Shard {
        // Guards the maps: every loop proves tokens, and one cache for each loop would prove a
        // token once for each of them. Held for a look-up and a copy.
        mutable std::mutex mutex;
        Entries young;
        Entries old;
    };

    Shard& shard_of(std::string_view hash);
    static void put(Shard& shard, std::string hash, Entry entry);

    std::array<Shard, shard_count> shards_;
};

}  // namespace dunlin::auth
