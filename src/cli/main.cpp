#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>

#include "cli/command.h"

// The last of the three places where an exception ends: what none of our code expects, such as a
// library running out of memory at start-up.
int main(int argument_count, char** arguments) {
    int status = 0;
    CLI::App app("Dunlin keeps tables and pictures the same on every screen and device.", "dunlin");
    app.require_subcommand(1);
    dunlin::cli::add_serve(app, status);
    dunlin::cli::add_keys(app, status);
    dunlin::cli::add_migrate(app, status);
    dunlin::cli::add_rules(app, status);
    dunlin::cli::add_schema(app, status);
    dunlin::cli::add_types(app, status);
    dunlin::cli::add_users(app, status);
    dunlin::cli::add_version(app, status);
    // CLI11 would only say that a subcommand is required.
    const auto is_named = [&](const CLI::App* command) {
        return command->get_name() == arguments[1];
    };
    if (argument_count > 1 && arguments[1][0] != '-' &&
        std::ranges::none_of(app.get_subcommands({}), is_named)) {
        std::fprintf(
            stderr,
            "dunlin: there is no command \"%s\"\n  hint: dunlin --help lists the commands.\n",
            arguments[1]);
        return 2;
    }
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem);
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "dunlin: %s\n", problem.what());
        return 70;
    }
    return status;
}
