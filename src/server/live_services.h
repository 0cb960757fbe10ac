#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <vector>

#include "api/live_facts.h"
#include "api/live_host.h"
#include "api/sync.h"
#include "api/sync_status.h"
#include "auth/authenticator.h"
#include "auth/session_registry.h"
#include "changes/log_reader.h"
#include "core/clock.h"
#include "data/owner.h"
#include "data/tables.h"
#include "io/loops.h"
#include "realtime/feed_hub.h"
#include "realtime/resume_points.h"
#include "realtime/table_groups.h"
#include "server/database.h"
#include "server/resume_point_store.h"
#include "server/settings.h"
#include "server/writer_probe.h"

namespace dunlin::server {

/// What tells of changes: a shard and a feed hub for each event loop, what they read, and what they
/// say of themselves.
class LiveServices {
public:
    /// All borrowed.
    struct Sources {
        const Settings& settings;
        const Clock& clock;
        Database& database;
        const auth::Authenticator& authenticator;
        auth::SessionRegistry& registry;
        data::Tables& tables;
        data::Owner& owner;
    };

    /// Before the first write: from here on every commit is published.
    LiveServices(Sources sources, const realtime::TableGroups& groups);
    /// Restores what devices have got.
    Result<void> open() { return resume_point_store_.open(); }

    io::Loops& loops() { return loops_; }
    std::vector<realtime::Shard*> shards() const;
    const api::Sync& sync() const { return *sync_; }
    const api::SyncStatus& status() const { return *status_; }
    asio::awaitable<api::LiveFacts::Statistics> statistics() const;

    /// Before the loops start.
    void start();
    /// Requests that wait for changes are answered now. Any thread.
    void answer_waiters();
    /// After the last request, before the database stops.
    void finish() { resume_point_store_.finish(); }

private:
    /// What lives on one event loop.
    struct OnLoop {
        std::unique_ptr<api::LiveHost> host;
        std::unique_ptr<realtime::Shard> shard;
    };

    void publish(const ChangeBatch& batch);
    void spread(std::size_t from, const std::shared_ptr<const realtime::ChannelMessage>& message);
    void build_status();

    Sources sources_;
    changes::RecentChanges recent_;
    changes::LogReader log_reader_;
    realtime::ResumePoints resume_points_;
    ResumePointStore resume_point_store_;
    WriterProbe writer_probe_;
    // Before the loops: who waits in the feed when they are destroyed leaves his hub.
    std::vector<std::unique_ptr<realtime::FeedHub>> feed_hubs_;
    std::unique_ptr<api::LiveFacts> facts_;
    std::unique_ptr<api::SyncStatus> status_;
    io::Loops loops_;
    std::vector<OnLoop> on_loops_;
    std::unique_ptr<api::Sync> sync_;
};

}  // namespace dunlin::server
