#include "server/database.h"

#include "auth/private_file.h"
#include "engine/sqlite/sqlite_engine.h"

namespace dunlin::server {

Result<Database> Database::open(const Settings& settings, const Clock& clock) {
    const auto made = auth::create_private_folder(settings.data);
    if (!made) return std::unexpected(made.error());
    Database database;
    database.log = std::make_unique<changes::ChangeLog>(clock);
    auto engine = engine::open_sqlite({.file = settings.data / "dunlin.db",
                                       .readers = static_cast<std::size_t>(settings.readers),
                                       .clock = &clock,
                                       .observer = database.log.get(),
                                       .statement_timeouts = settings.statement_timeouts});
    if (!engine) return std::unexpected(engine.error());
    database.engine = std::move(*engine);
    auto opened = database.log->open(*database.engine);
    if (!opened) return std::unexpected(opened.error());
    return database;
}

}  // namespace dunlin::server
