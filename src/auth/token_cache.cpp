#include "auth/token_cache.h"

#include <utility>

namespace dunlin::auth {

namespace {

bool holds(const ProvedToken& token, std::int64_t now_s) {
    return token.valid_from_s <= now_s && now_s < token.valid_until_s &&
           now_s < token.proved_until_s;
}

}  // namespace

TokenCache::Shard& TokenCache::shard_of(std::string_view hash) {
    return shards_[static_cast<unsigned char>(hash.front()) % shard_count];
}

std::optional<Identity> TokenCache::find(std::string_view hash, std::uint64_t keys_version,
                                         std::int64_t now_s) {
    Shard& shard = shard_of(hash);
    const std::string key(hash);
    const std::lock_guard lock(shard.mutex);
    auto found = shard.young.find(key);
    if (found == shard.young.end()) {
        auto node = shard.old.extract(key);
        if (node.empty()) return std::nullopt;
        put(shard, key, std::move(node.mapped()));
        found = shard.young.find(key);
    }
    const Entry& entry = found->second;
    if (entry.keys_version == keys_version && holds(entry.token, now_s)) {
        return entry.token.identity;
    }
    shard.young.erase(found);
    return std::nullopt;
}

void TokenCache::insert(std::string_view hash, std::uint64_t keys_version, ProvedToken token) {
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    put(shard, std::string(hash), Entry{std::move(token), keys_version});
}

void TokenCache::put(Shard& shard, std::string hash, Entry entry) {
    if (shard.young.size() >= generation_size) {
        shard.old = std::exchange(shard.young, {});
    }
    shard.young.insert_or_assign(std::move(hash), std::move(entry));
}

std::size_t TokenCache::size() const {
    std::size_t count = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        count += shard.young.size() + shard.old.size();
    }
    return count;
}

}  // namespace dunlin::auth
