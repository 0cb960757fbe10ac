#include "server/open_readonly.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/sqlite/sqlite_engine.h"
#include "server/migrator.h"

namespace dunlin::server {

namespace {

/// The files without those that wait: what is stored is the schema.
Result<std::shared_ptr<const Schema>> applied_schema(engine::Engine& engine, const Clock& clock,
                                                     std::vector<MigrationFile> files) {
    auto report = migrate(engine, clock, files, MigrationMode::Check);
    if (!report) return std::unexpected(report.error());
    if (report->pending.empty()) return report->schema;
    std::erase_if(files, [&](const MigrationFile& file) {
        return std::ranges::find(report->pending, file.name) != report->pending.end();
    });
    report = migrate(engine, clock, files, MigrationMode::Check);
    if (!report) return std::unexpected(report.error());
    return report->schema;
}

}  // namespace

Result<ReadonlyProject> open_readonly(const Settings& settings, const Clock& clock) {
    const auto file = settings.data / "dunlin.db";
    if (!std::filesystem::exists(file)) {
        return std::unexpected(
            Error{ErrorCode::NotFound, fmt::format("there is no database {}", file.string()), "",
                  "", "Run dunlin migrate or dunlin serve first, or name its folder with --data."});
    }
    auto files = project_migrations(settings.project);
    if (!files) return std::unexpected(files.error());
    ReadonlyProject project;
    auto engine = engine::open_sqlite({.file = file, .readers = 1, .clock = &clock});
    if (!engine) return std::unexpected(engine.error());
    project.engine = std::move(*engine);
    auto schema = applied_schema(*project.engine, clock, std::move(*files));
    if (!schema) return std::unexpected(schema.error());
    project.engine->set_schema(*schema);
    auto rules = policy::AccessRules::compile(*schema, clock);
    if (!rules) return std::unexpected(rules.error());
    project.rules = std::move(*rules);
    return project;
}

}  // namespace dunlin::server
