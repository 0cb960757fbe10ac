#pragma once

#include <boost/asio/io_context.hpp>

#include "auth/authenticator.h"
#include "data/owner.h"
#include "data/tables.h"
#include "realtime/shard.h"
#include "realtime/stored_message.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// What the live channels of one loop ask of the server: tokens and reader sets. Borrows
/// everything.
class LiveHost final : public realtime::Host {
public:
    /// Hands a message to the shards of the other loops, in the order of the calls.
    using Spread = std::function<void(std::shared_ptr<const realtime::ChannelMessage>)>;

    LiveHost(asio::io_context& loop, const auth::Authenticator& authenticator,
             const auth::SessionRegistry& registry, data::Tables& tables, data::Owner& owner,
             Spread spread);

    Result<Identity> verify(std::string_view token) override;
    Result<Identity> current(const Identity& identity) override;
    void load_reader(const Identity& identity, ReaderLoaded done) override;
    void spread(std::shared_ptr<const realtime::ChannelMessage> message) override;
    void call_after(std::chrono::milliseconds delay, std::function<void()> action) override;
    void store_message(const Identity& sender, realtime::StoredMessage message, Done done) override;
    void read_messages(std::string topic, realtime::ReplayRequest wanted,
                       MessagesRead done) override;
    std::string random_uuid() override;

private:
    asio::io_context& loop_;
    const auth::Authenticator& authenticator_;
    const auth::SessionRegistry& registry_;
    data::Tables& tables_;
    data::Owner& owner_;
    Spread spread_;
};

}  // namespace dunlin::api
