#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <filesystem>

#include "cli/command.h"
#include "cli/project_options.h"
#include "core/clock.h"
#include "server/open_readonly.h"
#include "server/rules_explain.h"

namespace dunlin::cli {

namespace {

struct ExplainOptions {
    server::CommandLine line;
    std::string as = "anon";
    std::string table;
    std::string command = "select";
    std::string row;
    std::string values;
    std::string format = "text";
};

Result<server::ExplainRequest> request_of(const ExplainOptions& options) {
    auto identity = server::identity_from_claims(options.as);
    if (!identity) return std::unexpected(identity.error());
    const auto command = server::command_from_name(options.command);
    if (!command) return std::unexpected(command.error());
    server::ExplainRequest request{.identity = std::move(*identity),
                                   .table = options.table,
                                   .command = *command,
                                   .row = options.row,
                                   .values = options.values};
    const auto dot = options.table.find('.');
    if (dot != options.table.npos) {
        request.schema = options.table.substr(0, dot);
        request.table = options.table.substr(dot + 1);
    }
    return request;
}

int explain(const ExplainOptions& options) {
    const auto settings = server::load_settings(options.line);
    if (!settings) return print_error(settings.error());
    const auto request = request_of(options);
    if (!request) return print_error(request.error());
    const SystemClock clock;
    auto project = server::open_readonly(*settings, clock);
    if (!project) return print_error(project.error());
    const auto explained = server::explain_rules(*project->engine, *project->rules, *request);
    project->engine->stop();
    if (!explained) return print_error(explained.error());
    if (options.format == "json")
        fmt::print("{}\n", boost::json::serialize(*explained));
    else
        fmt::print("{}", server::explanation_text(*explained));
    return 0;
}

}  // namespace

void add_rules(CLI::App& app, int& status) {
    auto options = std::make_shared<ExplainOptions>();
    CLI::App* rules = app.add_subcommand("rules", "What the rules of a project admit");
    rules->require_subcommand(1);
    CLI::App* command = rules->add_subcommand(
        "explain", "Show which grants and policies admit or refuse what, and why");
    add_project_options(*command, options->line);
    command
        ->add_option("--as", options->as,
                     "Who: anon, authenticated, service_role, a user's id, or claims as JSON "
                     "(default: anon)")
        ->type_name("CLAIMS");
    command->add_option("--table", options->table, "The table or view: NAME or SCHEMA.NAME")
        ->required()
        ->type_name("T");
    command
        ->add_option("--command", options->command,
                     "select, insert, update or delete (default: select)")
        ->type_name("C");
    command
        ->add_option("--row", options->row, "The primary key of a row, values separated by commas")
        ->type_name("KEY");
    command
        ->add_option("--values", options->values,
                     "The new row of an insert, or what an update sets, as JSON")
        ->type_name("JSON");
    command->add_option("--format", options->format, "text or json (default: text)")
        ->check(CLI::IsMember({"text", "json"}))
        ->type_name("FORMAT");
    command->callback([options, &status] { status = explain(*options); });
}

}  // namespace dunlin::cli
