#include <fmt/format.h>

#include "cli/command.h"
#include "cli/project_options.h"
#include "core/clock.h"
#include "server/database.h"

namespace dunlin::cli {

namespace {

struct MigrateOptions {
    server::CommandLine line;
    bool check = false;
};

int migrate(const MigrateOptions& options) {
    const auto settings = server::load_settings(options.line);
    if (!settings) return print_error(settings.error());
    const auto files = server::project_migrations(settings->project);
    if (!files) return print_error(files.error());
    const SystemClock clock;
    auto database = server::Database::open(*settings, clock);
    if (!database) return print_error(database.error());
    const auto mode = options.check ? server::MigrationMode::Check : server::MigrationMode::Apply;
    const auto report = server::migrate(*database->engine, clock, *files, mode);
    database->engine->stop();
    if (!report) return print_error(report.error());
    for (const auto& note : report->notes) fmt::print("no effect here: {}\n", note);
    for (const auto& name : report->applied) fmt::print("applied {}\n", name);
    for (const auto& name : report->pending) fmt::print("would apply {}\n", name);
    if (report->applied.empty() && report->pending.empty()) fmt::print("nothing to apply\n");
    return 0;
}

}  // namespace

void add_migrate(CLI::App& app, int& status) {
    auto options = std::make_shared<MigrateOptions>();
    CLI::App* command = app.add_subcommand("migrate", "Apply a project's new migrations");
    add_project_options(*command, options->line);
    command->add_flag("--check", options->check, "Say what would be applied, change nothing");
    command->callback([options, &status] { status = migrate(*options); });
}

}  // namespace dunlin::cli
