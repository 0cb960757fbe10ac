#include <fmt/format.h>

#include "cli/command.h"
#include "cli/project_options.h"
#include "server/migrator.h"
#include "server/typescript_types.h"

namespace dunlin::cli {

namespace {

struct TypesOptions {
    std::string folder;
    std::vector<std::string> schemas{"public"};
};

int print_types(const TypesOptions& options) {
    const auto files = server::project_migrations(options.folder);
    if (!files) return print_error(files.error());
    const auto schema = server::schema_of(*files);
    if (!schema) return print_error(schema.error());
    const auto text = server::typescript_types(*schema, options.schemas);
    if (!text) return print_error(text.error());
    fmt::print("{}", *text);
    return 0;
}

}  // namespace

void add_types(CLI::App& app, int& status) {
    auto options = std::make_shared<TypesOptions>();
    CLI::App* command =
        app.add_subcommand("types", "Print the TypeScript types of what the migrations make");
    command->add_option("folder", options->folder, "The project's folder")
        ->required()
        ->check(CLI::ExistingDirectory)
        ->type_name("FOLDER");
    command->add_option("--schema", options->schemas, "Schemas to print, the default one first")
        ->delimiter(',')
        ->type_name("NAME");
    command->callback([options, &status] { status = print_types(*options); });
}

}  // namespace dunlin::cli
