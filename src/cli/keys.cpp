#include <fmt/format.h>

#include "cli/command.h"
#include "cli/keys_signing.h"
#include "cli/project_options.h"
#include "server/keys.h"

namespace dunlin::cli {

namespace {

struct KeysOptions {
    server::CommandLine line;
    std::string format = "text";
};

int print_keys(const KeysOptions& options) {
    if (options.line.project.empty()) {
        return print_error(Error{ErrorCode::InvalidInput, "which project? Give its folder", "", "",
                                 "dunlin keys --help"});
    }
    const auto settings = server::load_settings(options.line);
    if (!settings) return print_error(settings.error());
    const auto keys = server::project_keys(*settings);
    if (!keys) return print_error(keys.error());
    const std::string url = fmt::format("http://{}:{}", settings->host, settings->port);
    if (options.format == "json") {
        fmt::print("{{\"url\":\"{}\",\"anon_key\":\"{}\",\"service_role_key\":\"{}\"}}\n", url,
                   keys->anon_key, keys->service_role_key);
    } else {
        fmt::print("url               {}\nanon key          {}\nservice role key  {}\n", url,
                   keys->anon_key, keys->service_role_key);
    }
    return 0;
}

}  // namespace

void add_keys(CLI::App& app, int& status) {
    auto options = std::make_shared<KeysOptions>();
    CLI::App* command =
        app.add_subcommand("keys", "Print a project's address and API keys; keep its signing keys");
    add_project_options(*command, options->line);
    command->get_option("folder")->required(false);  // The commands below have their own.
    command->add_option("--format", options->format, "text or json")->type_name("FORMAT");
    command->callback([command, options, &status] {
        if (command->get_subcommands().empty()) status = print_keys(*options);
    });
    add_signing_keys(*command, status);
}

}  // namespace dunlin::cli
