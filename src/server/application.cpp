#include "server/application.h"

#include <fmt/format.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <future>

#include "api/routes.h"
#include "auth/authenticator.h"
#include "auth/signing_keys.h"
#include "core/clock.h"
#include "data/owner.h"
#include "data/tables.h"
#include "http/access_log.h"
#include "http/static_files.h"
#include "io/log.h"
#include "io/loops.h"
#include "io/spawn.h"
#include "server/change_groups.h"
#include "server/database.h"
#include "server/keys.h"
#include "server/live_services.h"
#include "server/message_trimming.h"
#include "server/metrics.h"
#include "server/sign_in.h"
#include "server/version.h"

namespace dunlin::server {

namespace asio = boost::asio;

namespace {

constexpr auto signing_keys_interval = std::chrono::seconds(1);
constexpr auto trim_interval = std::chrono::minutes(10);
constexpr std::int64_t us_per_hour = 3600LL * 1'000'000;
constexpr std::int64_t us_per_day = 24 * us_per_hour;

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
    realtime::TableGroups change_groups;
    std::unique_ptr<LiveServices> live;
    http::Router router;
    std::unique_ptr<http::Server> server;

    Result<void> open_database();
    void build_live();
    void build_routes();
    asio::awaitable<std::vector<api::Metric>> read_metrics();
    Result<void> listen();
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
    live = std::make_unique<LiveServices>(LiveServices::Sources{.settings = settings,
                                                                .clock = clock,
                                                                .database = database,
                                                                .authenticator = *authenticator,
                                                                .registry = sign_in->registry(),
                                                                .tables = *tables,
                                                                .owner = *owner},
                                          change_groups);
}

asio::awaitable<std::vector<api::Metric>> Application::Parts::read_metrics() {
    const auto of_live = co_await live->statistics();
    co_return all_metrics(server->statistics(), database.engine->statistics(), database.log->last(),
                          of_live);
}

void Application::Parts::build_routes() {
    api::add_routes(router, {.authenticator = *authenticator,
                             .rest = *rest,
                             .rpc = *rpc,
                             .auth = *auth,
                             .auth_admin = *auth_admin,
                             .auth_external = *auth_external,
                             .auth_flows = *auth_flows,
                             .auth_factors = *auth_factors,
                             .sync = live->sync(),
                             .sync_status = live->status(),
                             .shards = live->shards(),
                             .health = api::health([] { return true; }, std::string(version)),
                             .metrics = api::metrics([this] { return read_metrics(); }),
                             .files = http::static_files(settings.project / "web")});
}

Result<void> Application::Parts::listen() {
    std::vector<asio::io_context*> contexts;
    io::Loops& loops = live->loops();
    for (std::size_t i = 0; i < loops.size(); ++i) contexts.push_back(&loops.at(i));
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
    const auto first = live->loops().at(0).get_executor();
    io::spawn(first, trim_log(*database.engine, *database.log, settings), "trim");
    io::spawn(first, trim_messages(*owner, clock, settings.messages_hours * us_per_hour),
              "messages");
    io::spawn(first, sign_in->keep_house(), "sign-in");
    live->start();
    live->loops().start();
}

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Application::~Application() = default;

Result<std::unique_ptr<Application>> Application::open(Settings settings) {
    auto parts = std::make_unique<Parts>();
    parts->settings = std::move(settings);
    auto opened = parts->open_database();
    if (!opened) return std::unexpected(opened.error());
    parts->build_live();
    auto restored = parts->live->open();
    if (!restored) return std::unexpected(restored.error());
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
    parts_->live->answer_waiters();  // Before the drain, which waits for running requests.
    std::promise<void> drained;
    parts_->server->drain([&] { drained.set_value(); });
    drained.get_future().wait();
    parts_->sign_in->stop();
    parts_->live->finish();
    parts_->database.engine->stop();
    parts_->live->loops().stop();
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
