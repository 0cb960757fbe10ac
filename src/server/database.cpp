#include "server/database.h"

#include <fmt/format.h>

#include "engine/sqlite/sqlite_engine.h"

namespace dunlin::server {

Result<Database> Database::open(const Settings& settings, const Clock& clock) {
    std::error_code failure;
    std::filesystem::create_directories(settings.data, failure);
    if (failure) {
        return std::unexpected(
            Error{ErrorCode::Unavailable,
                  fmt::format("cannot create {}: {}", settings.data.string(), failure.message())});
    }
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
