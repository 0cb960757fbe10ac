#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "core/error.h"
#include "server/settings.h"

namespace dunlin::cli {

/// Adds FOLDER, --data and --dev, which every command on a project has.
void add_project_options(CLI::App& command, server::CommandLine& line);

/// Prints a refusal on stderr (what, details, hint) and returns the exit status 1.
int print_error(const Error& error);

}  // namespace dunlin::cli
