#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "realtime/session_state.h"
#include "realtime/shard.h"

namespace dunlin::realtime {

/// The principals of a shard and the loading of their readers. Belongs to one loop.
class ReaderPool {
public:
    /// Told of every finished load, with the reader in place or the error.
    using Loaded = std::function<void(Principal&, const Result<void>&)>;

    ReaderPool(Host& host, SubscriptionIndex& index, Loaded loaded);

    /// The principal of `identity`, with `channel` among its channels.
    Principal& enter(const Identity& identity, std::uint32_t channel);
    /// Forgets the principal with its last channel.
    void leave(Principal& principal, std::uint32_t channel);

    /// Starts loading unless a load is under way. The answer may come before this returns.
    void load(Principal& principal, std::uint64_t published);

    /// nullptr when it has left.
    Principal* find(std::uint64_t serial);
    std::vector<std::uint64_t> serials() const;
    std::size_t size() const { return principals_.size(); }
    /// Begun so far.
    std::uint64_t loads() const { return loads_; }
    /// Of everybody who is here with a token of this session, or of this account.
    std::vector<std::uint64_t> of_session(const std::string& session_id) const;
    std::vector<std::uint64_t> of_user(const std::string& user_id) const;

private:
    void finish(std::uint64_t serial, Result<std::shared_ptr<const policy::Reader>> reader);

    Host& host_;
    SubscriptionIndex& index_;
    Loaded loaded_;
    std::uint64_t last_serial_ = 0;
    std::uint64_t loads_ = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<Principal>> principals_;
    std::unordered_map<std::string, std::uint64_t> serial_of_key_;
    using Serials = std::unordered_multimap<std::string, std::uint64_t>;
    Serials serials_of_session_;
    Serials serials_of_user_;
    // Shared with the callbacks of loads, which may outlive the pool: they look whether it is
    // there.
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace dunlin::realtime
