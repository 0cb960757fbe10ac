#include "server/live_services.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "io/spawn.h"

namespace dunlin::server {

namespace {

constexpr auto tick_interval = std::chrono::seconds(1);

asio::awaitable<void> tick_shard(realtime::Shard& shard) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (true) {
        timer.expires_after(tick_interval);
        co_await timer.async_wait(asio::use_awaitable);
        shard.tick();
    }
}

}  // namespace

LiveServices::LiveServices(Sources sources, const realtime::TableGroups& groups)
    : sources_(sources),
      recent_(sources.database.log->last()),
      log_reader_(*sources.database.log, *sources.database.engine, recent_),
      resume_point_store_(*sources.database.engine, resume_points_, sources.clock),
      writer_probe_(*sources.database.engine, *sources.database.log, sources.clock),
      loops_(static_cast<std::size_t>(sources.settings.loops)) {
    std::vector<api::SyncLoop> sync_loops;
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        OnLoop made;
        made.host = std::make_unique<api::LiveHost>(
            loops_.at(i), sources.authenticator, sources.registry, sources.tables, sources.owner,
            log_reader_, resume_points_, [this, i](auto message) { spread(i, message); });
        made.shard = std::make_unique<realtime::Shard>(sources.tables.shared_rules(), *made.host,
                                                       sources.clock, groups);
        feed_hubs_.push_back(std::make_unique<realtime::FeedHub>(sources.database.log->last()));
        sync_loops.push_back({*feed_hubs_.back(), *made.host});
        on_loops_.push_back(std::move(made));
    }
    sync_ = std::make_unique<api::Sync>(
        sources.authenticator, api::SyncSources{sources.tables, log_reader_, sources.clock},
        sources.settings.rest.schemas, groups, std::move(sync_loops));
    build_status();
    sources.database.log->set_listener([this](ChangeBatch batch) { publish(batch); });
}

void LiveServices::build_status() {
    std::vector<api::LiveFacts::Loop> asked;
    for (std::size_t i = 0; i < on_loops_.size(); ++i)
        asked.push_back({loops_.at(i), *on_loops_[i].shard});
    facts_ = std::make_unique<api::LiveFacts>(std::move(asked));
    status_ = std::make_unique<api::SyncStatus>(api::SyncStatus::Sources{
        .authenticator = sources_.authenticator,
        .facts = *facts_,
        .clock = sources_.clock,
        .log_position = [this] { return sources_.database.log->last(); },
        .database_writable = [this] { return writer_probe_.is_writable(); },
        .admin_roles = sources_.settings.live_admin_roles,
        .development = sources_.settings.development});
}

std::vector<realtime::Shard*> LiveServices::shards() const {
    std::vector<realtime::Shard*> shards;
    for (const OnLoop& on_loop : on_loops_) shards.push_back(on_loop.shard.get());
    return shards;
}

asio::awaitable<api::LiveFacts::Statistics> LiveServices::statistics() const {
    return facts_->statistics();
}

void LiveServices::start() {
    for (std::size_t i = 0; i < on_loops_.size(); ++i) {
        io::spawn(loops_.at(i).get_executor(), tick_shard(*on_loops_[i].shard), "tick");
    }
    io::spawn(loops_.at(0).get_executor(), resume_point_store_.keep(), "resume points");
}

void LiveServices::answer_waiters() {
    for (std::size_t i = 0; i < feed_hubs_.size(); ++i)
        asio::post(loops_.at(i), [hub = feed_hubs_[i].get()] { hub->stop(); });
}

/// On the writer's thread: hands the commit to every loop, in order.
void LiveServices::publish(const ChangeBatch& batch) {
    const auto effects =
        std::make_shared<const auth::SessionRegistry::Effects>(sources_.registry.take(batch));
    recent_.append(batch);
    for (std::size_t i = 0; i < on_loops_.size(); ++i) {
        asio::post(loops_.at(i),
                   [shard = on_loops_[i].shard.get(), hub = feed_hubs_[i].get(), batch, effects] {
                       if (!effects->empty()) {
                           shard->change_rights(effects->ended_sessions, effects->changed_users);
                           hub->change_rights(effects->ended_sessions, effects->changed_users);
                       }
                       shard->publish(batch);
                       hub->publish(batch);
                   });
    }
}

/// On the loop `from`: to the shards of the others.
void LiveServices::spread(std::size_t from,
                          const std::shared_ptr<const realtime::ChannelMessage>& message) {
    for (std::size_t i = 0; i < on_loops_.size(); ++i) {
        if (i == from) continue;
        asio::post(loops_.at(i), [shard = on_loops_[i].shard.get(), message] {
            shard->receive_spread(*message);
        });
    }
}

}  // namespace dunlin::server
