#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/schema.h"
#include "engine/engine.h"

namespace dunlin::server {

/// A migration file: its name in the folder and its text.
struct MigrationFile {
    std::string name;
    std::filesystem::path path;
    std::string text;
};

/// The files of `folder` in order: `0001_name.sql`, and `0001_name.sqlite.sql` where an engine
/// needs its own text (`.postgres.sql` is for the other engine). No folder means no migrations.
/// Fails with InvalidInput for a name that does not begin with a number, or a number used twice.
Result<std::vector<MigrationFile>> read_migrations(const std::filesystem::path& folder);

/// What a project's database is made of: the server's own tables (accounts and sessions, messages),
/// named `auth/0001_…` and `realtime/0001_…`, then the files of `project`/migrations. Fails as
/// read_migrations().
Result<std::vector<MigrationFile>> project_migrations(const std::filesystem::path& project);

/// The schema that `files` make, without a database. Pure. Fails as migrate() for a statement that
/// cannot be carried.
Result<Schema> schema_of(const std::vector<MigrationFile>& files);

struct MigrationReport {
    std::shared_ptr<const Schema> schema;
    std::vector<std::string> applied;  // names, in order
    std::vector<std::string> pending;  // check only: what would be applied
    std::vector<std::string> notes;    // statements that do nothing here
};

enum class MigrationMode : std::uint8_t { Apply, Check };

/// Brings a database to the state of the files: verifies that what was applied is unchanged (by
/// checksum), then applies the rest, each file in its own transaction. The schema is the fold of
/// the stored texts, so nothing else is kept about it.
///
/// Fails with InvalidInput and `FILE:LINE:COLUMN: …` for a statement that cannot be carried, with
/// Conflict for a changed or missing file; the database is then as it was before that file.
Result<MigrationReport> migrate(engine::Engine& engine, const Clock& clock,
                                const std::vector<MigrationFile>& files, MigrationMode mode);

/// Runs `file` (seed.sql) once per database. True when it ran now.
Result<bool> load_seed(engine::Engine& engine, const Clock& clock, const Schema& schema,
                       const std::filesystem::path& file);

}  // namespace dunlin::server
