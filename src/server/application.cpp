#include "server/application.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <future>

#include "api/live_facts.h"
#include "api/live_host.h"
#include "api/routes.h"
#include "api/sync.h"
#include "auth/authenticator.h"
#include "auth/signing_keys.h"
#include "changes/log_reader.h"
#include "core/clock.h"
#include "data/owner.h"
#include "data/tables.h"
#include "http/access_log.h"
#include "http/static_files.h"
#include "io/log.h"
#include "io/loops.h"
#include "io/spawn.h"
#include "realtime/feed_hub.h"
#include "server/change_groups.h"
#include "server/database.h"
#include "server/keys.h"
#include "server/message_trimming.h"
#include "server/metrics.h"
#include "server/resume_point_store.h"
#include "server/sign_in.h"
#include "server/version.h"
#include "server/writer_probe.h"

namespace dunlin::server {

namespace asio = boost::asio;

namespace {

constexpr auto tick_interval = std::chrono::seconds(1);
constexpr auto signing_keys_interval = std::chrono::seconds(1);
constexpr auto trim_interval = std::chrono::minutes(10);
constexpr std::int64_t us_per_hour = 3600LL * 1'000'000;
constexpr std::int64_t us_per_day = 24 * us_per_hour;

/// What lives on one event loop.
struct LoopParts {
    std::unique_ptr<api::LiveHost> host;
    std::unique_ptr<realtime::Shard> shard;
};

asio::awaitable<void> tick_shard(realtime::Shard& shard) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (true) {
        timer.expires_after(tick_interval);
        co_await timer.async_wait(asio::use_awaitable);
        shard.tick();
    }
}

asio::awaitable<void> trim_log(engine::Engine& engine, changes::ChangeLog& log, Settings settings) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (true) {
        timer.expires_after(trim_interval);
        co_await timer.async_wait(asio::use_awaitable);
        engine::Work work = [&](engine::Session& session) {
            return log.trim(session, settings.log_days_max * us_per_day, settings.log_bytes_max);
        };
        auto trimmed = co_await engine.write(Identity{.role = Role::ServiceRole}, std::move(work));
        if (!trimmed)
            log::warn("the change log could not be trimmed", {{"error", trimmed.error().message}});
    }
}

}  // namespace

/// On the main thread, which has nothing else to do: the file is read there, not on a loop.
asio::awaitable<void> follow_signing_keys(auth::SigningKeys& keys) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (true) {
        timer.expires_after(signing_keys_interval);
        co_await timer.async_wait(asio::use_awaitable);
        const auto reloaded = keys.reload();
        if (!reloaded)
            log::error("the signing keys could not be read again: those before stay in use",
                       {{"error", reloaded.error().message}});
        else if (*reloaded)
            log::info("signing keys changed");
    }
}

/// Destroyed from the bottom up: the server first, the database last.
struct Application::Parts {
    Settings settings;
    SystemClock clock;
    Database database;
    std::unique_ptr<changes::RecentChanges> recent;
    std::unique_ptr<changes::LogReader> log_reader;
    realtime::ResumePoints resume_points;
    std::unique_ptr<ResumePointStore> resume_point_store;
    std::unique_ptr<auth::SigningKeys> signing_keys;
    std::unique_ptr<SignIn> sign_in;
    std::unique_ptr<auth::Authenticator> authenticator;
    std::unique_ptr<data::Tables> tables;
    std::unique_ptr<data::Owner> owner;
    std::unique_ptr<data::Functions> functions;
    std::unique_ptr<api::Rest> rest;
    std::unique_ptr<api::Rpc> rpc;
    std::unique_ptr<api::Auth> auth;
    std::unique_ptr<api::AuthAdmin> auth_admin;
    std::unique_ptr<api::AuthExternal> auth_external;
    std::unique_ptr<api::AuthFlows> auth_flows;
    std::unique_ptr<api::AuthFactors> auth_factors;
    // Before the loops: who waits in the feed when they are destroyed leaves his hub.
    std::vector<std::unique_ptr<realtime::FeedHub>> feed_hubs;
    std::unique_ptr<WriterProbe> writer_probe;
    realtime::TableGroups change_groups;
    std::unique_ptr<api::LiveFacts> live_facts;
    std::unique_ptr<api::SyncStatus> sync_status;
    std::unique_ptr<io::Loops> loops;
    std::vector<LoopParts> live;
    std::unique_ptr<api::Sync> sync;
    http::Router router;
    std::unique_ptr<http::Server> server;

    Result<void> open_database();
    void build_live();
    void build_status();
    void build_routes();
    asio::awaitable<std::vector<api::Metric>> read_metrics();
    Result<void> listen();
    void publish(const ChangeBatch& batch);
    void spread(std::size_t from, const std::shared_ptr<const realtime::ChannelMessage>& message);
    void start_background();
};

Result<void> Application::Parts::open_database() {
    auto opened = Database::open(settings, clock);
    if (!opened) return std::unexpected(opened.error());
    database = std::move(*opened);
    auto files = project_migrations(settings.project);
    if (!files) return std::unexpected(files.error());
    auto report = migrate(*database.engine, clock, *files, MigrationMode::Apply);
    if (!report) return std::unexpected(report.error());
    for (const auto& name : report->applied) log::info("migration applied", {{"name", name}});
    for (const auto& note : report->notes)
        log::info("statement without effect here", {{"statement", note}});
    if (settings.development) {
        auto seeded =
            load_seed(*database.engine, clock, *report->schema, settings.project / "seed.sql");
        if (!seeded) return std::unexpected(seeded.error());
        if (*seeded) log::info("seed.sql loaded");
    }
    auto groups = resolve_change_groups(*report->schema, settings.change_groups);
    if (!groups) return std::unexpected(groups.error());
    change_groups = std::move(*groups);
    database.engine->set_schema(report->schema);
    auto rules = policy::AccessRules::compile(report->schema, clock);
    if (!rules) return std::unexpected(rules.error());
    auto library = routines::Library::compile(*rules);
    if (!library) return std::unexpected(library.error());
    auto keys = project_keys(settings);
    if (!keys) return std::unexpected(keys.error());
    auto loaded = load_signing_keys(settings, keys->secret, clock);
    if (!loaded) return std::unexpected(loaded.error());
    signing_keys = std::move(*loaded);
    auto opened_sign_in =
        SignIn::open(settings, *database.engine, *library, clock, *signing_keys, keys->secret);
    if (!opened_sign_in) return std::unexpected(opened_sign_in.error());
    sign_in = std::move(*opened_sign_in);
    authenticator = std::make_unique<auth::Authenticator>(std::move(*keys), *signing_keys, clock,
                                                          &sign_in->registry());
    tables = std::make_unique<data::Tables>(*database.engine, std::move(*rules), *library,
                                            data::ReadSettings{settings.rest.aggregates});
    owner = std::make_unique<data::Owner>(*database.engine, *library);
    functions = std::make_unique<data::Functions>(*database.engine, *tables, *library);
    rest = std::make_unique<api::Rest>(*authenticator, *tables, settings.rest);
    rpc = std::make_unique<api::Rpc>(*authenticator, *functions, settings.rest);
    auth = std::make_unique<api::Auth>(*authenticator, sign_in->accounts(), sign_in->external(),
                                       sign_in->settings(), *signing_keys, std::string(version));
    auth_admin = std::make_unique<api::AuthAdmin>(*authenticator, sign_in->administration());
    auth_external = std::make_unique<api::AuthExternal>(*authenticator, sign_in->external(),
                                                        sign_in->settings().url);
    auth_flows =
        std::make_unique<api::AuthFlows>(*authenticator, sign_in->context(), sign_in->outbox());
    auth_factors = std::make_unique<api::AuthFactors>(*authenticator, sign_in->context());
    return {};
}

void Application::Parts::build_live() {
    loops = std::make_unique<io::Loops>(static_cast<std::size_t>(settings.loops));
    // Before the first request: nothing is committed between here and the listener.
    recent = std::make_unique<changes::RecentChanges>(database.log->last());
    log_reader = std::make_unique<changes::LogReader>(*database.log, *database.engine, *recent);
    auto rules = tables->shared_rules();
    for (std::size_t i = 0; i < loops->size(); ++i) {
        LoopParts parts;
        parts.host = std::make_unique<api::LiveHost>(
            loops->at(i), *authenticator, sign_in->registry(), *tables, *owner, *log_reader,
            resume_points, [this, i](auto message) { spread(i, message); });
        parts.shard = std::make_unique<realtime::Shard>(rules, *parts.host, clock, change_groups);
        live.push_back(std::move(parts));
        feed_hubs.push_back(std::make_unique<realtime::FeedHub>(database.log->last()));
    }
    resume_point_store = std::make_unique<ResumePointStore>(*database.engine, resume_points, clock);
    std::vector<api::SyncLoop> sync_loops;
    for (std::size_t i = 0; i < live.size(); ++i)
        sync_loops.push_back({*feed_hubs[i], *live[i].host});
    sync =
        std::make_unique<api::Sync>(*authenticator, api::SyncSources{*tables, *log_reader, clock},
                                    settings.rest.schemas, change_groups, std::move(sync_loops));
    database.log->set_listener([this](ChangeBatch batch) { publish(batch); });
}

/// On the writer's thread: hands the commit to every loop, in order.
void Application::Parts::publish(const ChangeBatch& batch) {
    const auto effects =
        std::make_shared<const auth::SessionRegistry::Effects>(sign_in->registry().take(batch));
    recent->append(batch);
    for (std::size_t i = 0; i < live.size(); ++i) {
        asio::post(loops->at(i),
                   [shard = live[i].shard.get(), hub = feed_hubs[i].get(), batch, effects] {
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
void Application::Parts::spread(std::size_t from,
                                const std::shared_ptr<const realtime::ChannelMessage>& message) {
    for (std::size_t i = 0; i < live.size(); ++i) {
        if (i == from) continue;
        asio::post(loops->at(i),
                   [shard = live[i].shard.get(), message] { shard->receive_spread(*message); });
    }
}

void Application::Parts::build_status() {
    std::vector<api::LiveFacts::Loop> asked;
    for (std::size_t i = 0; i < live.size(); ++i) asked.push_back({loops->at(i), *live[i].shard});
    live_facts = std::make_unique<api::LiveFacts>(std::move(asked));
    writer_probe = std::make_unique<WriterProbe>(*database.engine, *database.log, clock);
    sync_status = std::make_unique<api::SyncStatus>(api::SyncStatus::Sources{
        .authenticator = *authenticator,
        .facts = *live_facts,
        .clock = clock,
        .log_position = [this] { return database.log->last(); },
        .database_writable = [this] { return writer_probe->is_writable(); },
        .admin_roles = settings.live_admin_roles,
        .development = settings.development});
}

asio::awaitable<std::vector<api::Metric>> Application::Parts::read_metrics() {
    const auto of_live = co_await live_facts->statistics();
    co_return all_metrics(server->statistics(), database.engine->statistics(), database.log->last(),
                          of_live);
}

void Application::Parts::build_routes() {
    std::vector<realtime::Shard*> shards;
    for (const auto& parts : live) shards.push_back(parts.shard.get());
    api::add_routes(router, {.authenticator = *authenticator,
                             .rest = *rest,
                             .rpc = *rpc,
                             .auth = *auth,
                             .auth_admin = *auth_admin,
                             .auth_external = *auth_external,
                             .auth_flows = *auth_flows,
                             .auth_factors = *auth_factors,
                             .sync = *sync,
                             .sync_status = *sync_status,
                             .shards = shards,
                             .health = api::health([] { return true; }, std::string(version)),
                             .metrics = api::metrics([this] { return read_metrics(); }),
                             .files = http::static_files(settings.project / "web")});
}

Result<void> Application::Parts::listen() {
    std::vector<asio::io_context*> contexts;
    for (std::size_t i = 0; i < loops->size(); ++i) contexts.push_back(&loops->at(i));
    http::ServerOptions options{.host = settings.host,
                                .port = settings.port,
                                .memory_bytes_max = settings.memory_bytes_max,
                                .queue_bytes_max = settings.queue_bytes_max,
                                .farewell_time = settings.drain,
                                .on_request = http::log_request,
                                .on_exception = http::log_exception};
    auto listening = http::Server::listen(std::move(options), std::move(contexts), router, clock);
    if (!listening) return std::unexpected(listening.error());
    server = std::move(*listening);
    return {};
}

void Application::Parts::start_background() {
    for (std::size_t i = 0; i < live.size(); ++i) {
        io::spawn(loops->at(i).get_executor(), tick_shard(*live[i].shard), "tick");
    }
    io::spawn(loops->at(0).get_executor(), trim_log(*database.engine, *database.log, settings),
              "trim");
    io::spawn(loops->at(0).get_executor(),
              trim_messages(*owner, clock, settings.messages_hours * us_per_hour), "messages");
    io::spawn(loops->at(0).get_executor(), sign_in->keep_house(), "sign-in");
    io::spawn(loops->at(0).get_executor(), resume_point_store->keep(), "resume points");
    loops->start();
}

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Application::~Application() = default;

Result<std::unique_ptr<Application>> Application::open(Settings settings) {
    auto parts = std::make_unique<Parts>();
    parts->settings = std::move(settings);
    auto opened = parts->open_database();
    if (!opened) return std::unexpected(opened.error());
    parts->build_live();
    auto restored = parts->resume_point_store->open();
    if (!restored) return std::unexpected(restored.error());
    parts->build_status();
    parts->build_routes();
    auto listening = parts->listen();
    if (!listening) return std::unexpected(listening.error());
    return std::unique_ptr<Application>(new Application(std::move(parts)));
}

std::string Application::url() const {
    return fmt::format("http://{}:{}", parts_->settings.host, parts_->server->port());
}

void Application::start() {
    parts_->start_background();
}

void Application::stop() {
    log::info("draining");
    // Before the drain, which waits for running requests.
    for (std::size_t i = 0; i < parts_->feed_hubs.size(); ++i)
        asio::post(parts_->loops->at(i), [hub = parts_->feed_hubs[i].get()] { hub->stop(); });
    std::promise<void> drained;
    parts_->server->drain([&] { drained.set_value(); });
    drained.get_future().wait();
    parts_->sign_in->stop();
    parts_->resume_point_store->finish();
    parts_->database.engine->stop();
    parts_->loops->stop();
    log::info("stopped");
}

void Application::run(const std::function<void()>& ready) {
    asio::io_context signals_loop(1);
    asio::signal_set signals(signals_loop, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code&, int) { signals_loop.stop(); });
    io::spawn(signals_loop.get_executor(), follow_signing_keys(*parts_->signing_keys),
              "signing keys");
    start();
    ready();
    signals_loop.run();
    stop();
}

}  // namespace dunlin::server
