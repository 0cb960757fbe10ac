#pragma once

#include <boost/asio/io_context.hpp>

#include "auth/authenticator.h"
#include "changes/log_reader.h"
#include "data/owner.h"
#include "data/tables.h"
#include "realtime/resume_points.h"
#include "realtime/shard.h"
#include "realtime/stored_message.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// What the live channels of one loop ask of the server: tokens, reader sets, the log, rows.
/// Borrows everything.
class LiveHost final : public realtime::Host {
public:
    /// Hands a message to the shards of the other loops, in the order of the calls.
    using Spread = std::function<void(std::shared_ptr<const realtime::ChannelMessage>)>;

    LiveHost(asio::io_context& loop, const auth::Authenticator& authenticator,
             const auth::SessionRegistry& registry, data::Tables& tables, data::Owner& owner,
             const changes::LogReader& log, realtime::ResumePoints& resume_points, Spread spread);

    Result<Identity> verify(std::string_view token) override;
    Result<Identity> current(const Identity& identity) override;
    void load_reader(const Identity& identity, ReaderLoaded done) override;
    Position log_position() const override { return log_.last(); }
    void read_log(Position after, std::size_t changes_max, LogRead done) override;
    void read_rows(std::vector<realtime::RowsWanted> wanted, RowsRead done) override;
    std::optional<Position> resume_point(const std::string& key) override {
        return resume_points_.find(key);
    }
    void keep_resume_point(const std::string& key, Position position) override {
        resume_points_.keep(key, position);
    }
    void forget_resume_point(const std::string& key) override { resume_points_.forget(key); }
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
    const changes::LogReader& log_;
    realtime::ResumePoints& resume_points_;  // shared by all loops
    Spread spread_;
};

}  // namespace dunlin::api
