#include "server/migrator.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <span>

#include "auth/migrations.h"
#include "core/check.h"
#include "core/limits.h"
#include "realtime/migrations.h"
#include "routines/unit.h"
#include "server/search_indexes.h"
#include "sql/migration.h"

namespace dunlin::server {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view seed_name = "seed.sql";
/// What the server brings with it, in the order in which a new database gets it. The names of the
/// files begin with the module's.
struct BuiltIn {
    std::string_view prefix;
    std::span<const BuiltInMigration> (*migrations)();
};
constexpr BuiltIn built_in[] = {{"auth/", auth::migrations}, {"realtime/", realtime::migrations}};

/// "" for a file of the project.
std::string_view prefix_of(std::string_view name) {
    const auto found = std::ranges::find_if(
        built_in, [&](const BuiltIn& one) { return name.starts_with(one.prefix); });
    return found == std::end(built_in) ? "" : found->prefix;
}

struct StoredMigration {
    std::string name;
    std::string checksum;
    std::string text;
};

std::string sha256_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

Result<std::string> read_file(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) {
        return std::unexpected(
            Error{ErrorCode::Unavailable, fmt::format("cannot read {}", path.string())});
    }
    if (text.size() > limits::migration_bytes_max) {
        return std::unexpected(
            Error{ErrorCode::TooLarge,
                  fmt::format("{} is over {} bytes", path.string(), limits::migration_bytes_max)});
    }
    return text;
}

bool is_migration_name(std::string_view name) {
    return name.ends_with(".sql") && !name.ends_with(".postgres.sql");
}

std::string number_of(std::string_view name) {
    const auto end =
        std::find_if_not(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
    return std::string(name.begin(), end);
}

Result<void> refuse_bad_numbers(const std::vector<MigrationFile>& files) {
    std::map<std::string, std::string> seen;
    for (const auto& file : files) {
        const std::string number = number_of(file.name);
        if (number.empty()) {
            return std::unexpected(Error{
                ErrorCode::InvalidInput,
                fmt::format("{}: a migration's name begins with its number", file.path.string()),
                "", "", "Rename it, for example to 0001_" + file.name + "."});
        }
        const auto [other, fresh] = seen.emplace(number, file.name);
        if (!fresh) {
            return std::unexpected(
                Error{ErrorCode::InvalidInput,
                      fmt::format("{} and {} have the same number", other->second, file.name), "",
                      "", "Give the later one the next free number."});
        }
    }
    return {};
}

Result<void> create_tables(engine::Session& session) {
    auto created =
        session.run({"create table if not exists _dunlin_migrations (name text primary key, "
                     "checksum text not null, "
                     "text text not null, applied_at_us integer not null) strict"});
    if (!created) return std::unexpected(created.error());
    return {};
}

Result<std::vector<StoredMigration>> read_stored(engine::Engine& engine) {
    std::vector<StoredMigration> stored;
    auto read = engine.read_now([&](engine::Session& session) -> Result<void> {
        const auto known =
            session.run({"select 1 from sqlite_schema where name = '_dunlin_migrations'"});
        if (!known) return std::unexpected(known.error());
        if (known->rows.empty()) return {};
        auto rows =
            session.run({"select name, checksum, text from _dunlin_migrations order by rowid"});
        if (!rows) return std::unexpected(rows.error());
        for (const Row& row : rows->rows) {
            stored.push_back({row[0].text(), row[1].text(), row[2].text()});
        }
        return {};
    });
    if (!read) return std::unexpected(read.error());
    return stored;
}

/// Every refusal says what to do next.
Error with_remedy(Error error) {
    if (error.hint.empty()) {
        error.hint =
            "Nothing of this file was applied: correct it and start again. "
            "docs/guide/sql.md says what migrations may use.";
    }
    return error;
}

/// Triggers by the schema that they are of: statements in a row share one.
using Libraries = std::map<const Schema*, std::shared_ptr<const routines::Library>>;

Result<void> run_data(engine::Session& session, const sql::DataStatement& data,
                      Libraries& libraries) {
    auto& library = libraries[data.schema.get()];
    if (library == nullptr) {
        auto compiled = routines::Library::compile(data.schema);
        if (!compiled) return std::unexpected(compiled.error());
        library = std::move(*compiled);
    }
    sql::Routine routine;
    routine.body.push_back({.kind = sql::RoutineNode::Kind::Run, .statement = data.statement});
    auto program = library->writer().write(std::move(routine));
    if (!program) return std::unexpected(program.error());
    routines::Unit unit(*library, session, Role::ServiceRole, routines::UnitKind::Migration);
    return unit.run_statement(**program);
}

Result<void> run_planned(engine::Session& session, const sql::PlannedStatement& statement,
                         Libraries& libraries) {
    if (statement.data != nullptr) return run_data(session, *statement.data, libraries);
    auto done = session.run({statement.sql});
    if (!done) return std::unexpected(done.error());
    return {};
}

/// Runs a plan and records the file, in one transaction.
Result<void> run_plan(engine::Engine& engine, const Clock& clock, const MigrationFile& file,
                      const sql::MigrationPlan& plan) {
    return engine.migrate([&](engine::Session& session) -> Result<void> {
        auto created = create_tables(session);
        if (!created) return created;
        Libraries libraries;
        for (const auto& statement : plan.statements) {
            auto done = run_planned(session, statement, libraries);
            if (!done) {
                Error error = done.error();
                error.message = fmt::format("{}: {}", statement.place, error.message);
                return std::unexpected(with_remedy(std::move(error)));
            }
        }
        auto recorded = session.run({"insert into _dunlin_migrations values (?1, ?2, ?3, ?4)",
                                     {Value(file.name), Value(sha256_hex(file.text)),
                                      Value(file.text), Value(clock.now_us())}});
        if (!recorded) return std::unexpected(recorded.error());
        return {};
    });
}

/// The stored migrations must be the first files, unchanged.
Result<void> verify_files(const std::vector<StoredMigration>& stored,
                          const std::vector<MigrationFile>& files) {
    for (std::size_t i = 0; i < stored.size(); ++i) {
        if (i >= files.size() || files[i].name != stored[i].name) {
            return std::unexpected(Error{
                ErrorCode::Conflict,
                fmt::format(
                    "migration {} was applied to this database but is {}", stored[i].name,
                    i >= files.size() ? "missing" : "not where it was; next is " + files[i].name),
                "", "", "Put the applied files back as they were and add a new one at the end."});
        }
        if (sha256_hex(files[i].text) != stored[i].checksum) {
            return std::unexpected(
                Error{ErrorCode::Conflict,
                      fmt::format("{}: this migration was changed after it had been applied",
                                  files[i].path.string()),
                      "", "", "Undo the edit and put the change into a new migration."});
        }
    }
    return {};
}

/// The files of each module and those of the project have their own order: a new server brings
/// files that come before those of a project but are applied after them.
Result<void> verify_history(const std::vector<StoredMigration>& stored,
                            const std::vector<MigrationFile>& files) {
    std::vector<std::string_view> prefixes{""};
    for (const BuiltIn& one : built_in) prefixes.push_back(one.prefix);
    for (const std::string_view prefix : prefixes) {
        const auto of_kind = [prefix](const auto& file) { return prefix_of(file.name) == prefix; };
        std::vector<StoredMigration> stored_ones;
        std::vector<MigrationFile> given_ones;
        std::ranges::copy_if(stored, std::back_inserter(stored_ones), of_kind);
        std::ranges::copy_if(files, std::back_inserter(given_ones), of_kind);
        auto verified = verify_files(stored_ones, given_ones);
        if (!verified) return verified;
    }
    return {};
}

/// The schema after the stored migrations. seed.sql has rows only, so it is left out.
Result<Schema> fold(const std::vector<StoredMigration>& stored) {
    Schema schema;
    for (const auto& migration : stored) {
        auto plan = sql::plan_migration(schema, migration.text, migration.name);
        if (!plan) return std::unexpected(plan.error());
        schema = std::move(plan->schema);
    }
    return schema;
}

bool same_tables(const Schema& left, const Schema& right) {
    return std::equal(left.tables.begin(), left.tables.end(), right.tables.begin(),
                      right.tables.end(), [](const auto& a, const auto& b) {
                          return a.first == b.first &&
                                 a.second.columns.size() == b.second.columns.size() &&
                                 a.second.policies.size() == b.second.policies.size();
                      });
}

}  // namespace

Result<std::vector<MigrationFile>> read_migrations(const fs::path& folder) {
    std::vector<MigrationFile> files;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(folder, failure)) {
        const std::string name = entry.path().filename().string();
        if (!entry.is_regular_file() || !is_migration_name(name)) continue;
        auto text = read_file(entry.path());
        if (!text) return std::unexpected(text.error());
        files.push_back({name, entry.path(), std::move(*text)});
    }
    if (failure && failure != std::errc::no_such_file_or_directory) {
        return std::unexpected(
            Error{ErrorCode::Unavailable,
                  fmt::format("cannot read {}: {}", folder.string(), failure.message())});
    }
    std::sort(files.begin(), files.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    const auto checked = refuse_bad_numbers(files);
    if (!checked) return std::unexpected(checked.error());
    return files;
}

Result<std::vector<MigrationFile>> project_migrations(const fs::path& project) {
    std::vector<MigrationFile> files;
    for (const BuiltIn& one : built_in) {
        for (const auto& [name, text] : one.migrations()) {
            const std::string full_name = std::string(one.prefix) + std::string(name);
            files.push_back({full_name, full_name, std::string(text)});
        }
    }
    auto own = read_migrations(project / "migrations");
    if (!own) return own;
    std::ranges::move(*own, std::back_inserter(files));
    return files;
}

Result<Schema> schema_of(const std::vector<MigrationFile>& files) {
    Schema schema;
    for (const MigrationFile& file : files) {
        auto plan = sql::plan_migration(schema, file.text, file.path.string());
        if (!plan) return std::unexpected(with_remedy(plan.error()));
        schema = std::move(plan->schema);
    }
    return schema;
}

Result<MigrationReport> migrate(engine::Engine& engine, const Clock& clock,
                                const std::vector<MigrationFile>& files, MigrationMode mode) {
    auto stored = read_stored(engine);
    if (!stored) return std::unexpected(stored.error());
    std::erase_if(*stored, [](const auto& migration) { return migration.name == seed_name; });
    const auto verified = verify_history(*stored, files);
    if (!verified) return std::unexpected(verified.error());
    auto schema = fold(*stored);
    if (!schema) return std::unexpected(schema.error());

    MigrationReport report;
    if (mode == MigrationMode::Apply) {
        const auto made = make_missing_search_indexes(engine, *schema);
        if (!made) return std::unexpected(made.error());
    }
    for (const MigrationFile& file : files) {
        if (std::ranges::find(*stored, file.name, &StoredMigration::name) != stored->end())
            continue;
        auto plan = sql::plan_migration(*schema, file.text, file.path.string());
        if (!plan) return std::unexpected(with_remedy(plan.error()));
        if (mode == MigrationMode::Apply) {
            auto done = run_plan(engine, clock, file, *plan);
            if (!done) return std::unexpected(done.error());
            report.applied.push_back(file.name);
        } else {
            report.pending.push_back(file.name);
        }
        report.notes.insert(report.notes.end(), plan->notes.begin(), plan->notes.end());
        schema = std::move(plan->schema);
    }
    report.schema = std::make_shared<const Schema>(std::move(*schema));
    return report;
}

Result<bool> load_seed(engine::Engine& engine, const Clock& clock, const Schema& schema,
                       const fs::path& file) {
    if (!fs::exists(file)) return false;
    auto stored = read_stored(engine);
    if (!stored) return std::unexpected(stored.error());
    for (const auto& migration : *stored) {
        if (migration.name == seed_name) return false;
    }
    auto text = read_file(file);
    if (!text) return std::unexpected(text.error());
    auto plan = sql::plan_migration(schema, *text, file.string());
    if (!plan) return std::unexpected(with_remedy(plan.error()));
    if (!same_tables(schema, plan->schema)) {
        return std::unexpected(
            Error{ErrorCode::InvalidInput, fmt::format("{} changes the schema", file.string()), "",
                  "", "A seed holds rows only; put tables and policies into a migration."});
    }
    auto done = run_plan(engine, clock, {std::string(seed_name), file, std::move(*text)}, *plan);
    if (!done) return std::unexpected(done.error());
    return true;
}

}  // namespace dunlin::server
