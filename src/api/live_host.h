#pragma once

#include <boost/asio/io_context.hpp>

#include "auth/authenticator.h"
#include "changes/log_reader.h"
#include "data/tables.h"
#include "realtime/resume_points.h"
#include "realtime/shard.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// What the live channels of one loop ask of the server: tokens, reader sets, the log, rows.
/// Borrows everything.
class LiveHost final : public realtime::Host {
public:
    LiveHost(asio::io_context& loop, const auth::Authenticator& authenticator,
             const auth::SessionRegistry& registry, data::Tables& tables,
             const changes::LogReader& log, realtime::ResumePoints& resume_points);

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

private:
    asio::io_context& loop_;
    const auth::Authenticator& authenticator_;
    const auth::SessionRegistry& registry_;
    data::Tables& tables_;
    const changes::LogReader& log_;
    realtime::ResumePoints& resume_points_;  // shared by all loops
};

}  // namespace dunlin::api
