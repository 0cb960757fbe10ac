#include "cli/project_options.h"

// What CLI/App.hpp declares and every program that parses needs is defined in these two.
#include <fmt/format.h>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdio>

namespace dunlin::cli {

void add_project_options(CLI::App& command, server::CommandLine& line) {
    command.add_option("folder", line.project, "The project's folder")
        ->required()
        ->type_name("FOLDER");
    command
        .add_option_function<std::string>(
            "--data", [&line](const std::string& folder) { line.data = folder; },
            "Where the database and the keys are kept (default: FOLDER/.dunlin)")
        ->type_name("DIR");
    command.add_flag("--dev", line.development,
                     "Development on this machine: the well-known local keys, seed.sql loaded");
}

int print_error(const Error& error) {
    std::string text = "dunlin: " + error.message;
    if (!error.sqlstate.empty()) text += fmt::format(" ({})", error.sqlstate);
    if (!error.details.empty()) text += "\n  " + error.details;
    if (!error.hint.empty()) text += "\n  hint: " + error.hint;
    fmt::print(stderr, "{}\n", text);
    return 1;
}

}  // namespace dunlin::cli
