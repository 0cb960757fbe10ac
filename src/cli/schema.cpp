#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "cli/command.h"
#include "cli/project_options.h"
#include "core/clock.h"
#include "server/open_readonly.h"
#include "server/schema_json.h"

namespace dunlin::cli {

namespace {

int print_schema(const server::CommandLine& line) {
    const auto settings = server::load_settings(line);
    if (!settings) return print_error(settings.error());
    const SystemClock clock;
    auto project = server::open_readonly(*settings, clock);
    if (!project) return print_error(project.error());
    project->engine->stop();
    fmt::print("{}\n", boost::json::serialize(server::schema_json(project->rules->schema())));
    return 0;
}

}  // namespace

void add_schema(CLI::App& app, int& status) {
    auto line = std::make_shared<server::CommandLine>();
    CLI::App* command =
        app.add_subcommand("schema", "Print what the migrations have made, as JSON");
    add_project_options(*command, *line);
    command->callback([line, &status] { status = print_schema(*line); });
}

}  // namespace dunlin::cli
