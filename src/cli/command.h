#pragma once

#include <CLI/App.hpp>

namespace dunlin::cli {

/// Each adds its subcommand; the exit status of the one that ran is left in `status`.
void add_serve(CLI::App& app, int& status);
void add_keys(CLI::App& app, int& status);
void add_migrate(CLI::App& app, int& status);
void add_rules(CLI::App& app, int& status);
void add_schema(CLI::App& app, int& status);
void add_types(CLI::App& app, int& status);
void add_users(CLI::App& app, int& status);
void add_version(CLI::App& app, int& status);

}  // namespace dunlin::cli
