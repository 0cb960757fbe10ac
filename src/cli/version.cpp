#include "server/version.h"

#include <fmt/format.h>

#include "cli/command.h"

namespace dunlin::cli {

void add_version(CLI::App& app, int& status) {
    CLI::App* command = app.add_subcommand("version", "Print the version");
    command->callback([&status] {
        fmt::print("dunlin {}\n", server::version);
        status = 0;
    });
}

}  // namespace dunlin::cli
