#include <fmt/format.h>

#include <cstdio>

#include "cli/command.h"
#include "cli/project_options.h"
#include "io/log.h"
#include "server/application.h"

namespace dunlin::cli {

namespace {

struct ServeOptions {
    server::CommandLine line;
    std::string log_format = "json";
};

int serve(const ServeOptions& options) {
    log::set_format(options.log_format == "text" ? log::Format::Text : log::Format::Json);
    auto settings = server::load_settings(options.line);
    if (!settings) return print_error(settings.error());
    auto application = server::Application::open(std::move(*settings));
    if (!application) return print_error(application.error());
    (*application)->run([&] {
        fmt::print("dunlin ready at {}\n", (*application)->url());
        std::fflush(stdout);
    });
    return 0;
}

}  // namespace

void add_serve(CLI::App& app, int& status) {
    auto options = std::make_shared<ServeOptions>();
    CLI::App* command = app.add_subcommand("serve", "Serve a project until SIGTERM");
    add_project_options(*command, options->line);
    command
        ->add_option_function<std::string>(
            "--host", [options](const std::string& host) { options->line.host = host; },
            "Address to listen on (default: 127.0.0.1)")
        ->type_name("ADDRESS");
    command
        ->add_option_function<std::uint16_t>(
            "--port", [options](const std::uint16_t& port) { options->line.port = port; },
            "Port to listen on, 0 for any free one (default: 54321)")
        ->type_name("PORT");
    command->add_option("--log-format", options->log_format, "How to log on stderr: json or text")
        ->type_name("FORMAT");
    command->callback([options, &status] { status = serve(*options); });
}

}  // namespace dunlin::cli
