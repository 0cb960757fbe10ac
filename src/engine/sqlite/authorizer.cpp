#include "engine/sqlite/authorizer.h"

#include <string_view>

namespace dunlin::engine::sqlite {

namespace {

/// Full-text indexes, which triggers keep (docs/formats/search-index.md): written by every write to
/// their table.
constexpr std::string_view search_prefix = "_dunlin_search_";

/// Read by the change log and by FTS5.
bool is_harmless_pragma(std::string_view name) {
    return name == "schema_version" || name == "data_version";
}

}  // namespace

void Authorizer::attach(sqlite3* database) {
    sqlite3_set_authorizer(database, &Authorizer::decide, this);
}

int Authorizer::decide(void* self, int action, const char* first, const char* second, const char*,
                       const char*) noexcept {
    return static_cast<Authorizer*>(self)->decide_action(action, first, second);
}

int Authorizer::decide_action(int action, const char* first, const char* second) {
    switch (action) {
        case SQLITE_ATTACH:
        case SQLITE_DETACH:
            return SQLITE_DENY;
        case SQLITE_PRAGMA:
            if (second == nullptr && is_harmless_pragma(first)) return SQLITE_OK;
            // Part of ALTER TABLE … ADD COLUMN with a constraint.
            if (access == Access::Migration && std::string_view(first) == "quick_check")
                return SQLITE_OK;
            return access == Access::Internal ? SQLITE_OK : SQLITE_DENY;
        case SQLITE_TRANSACTION:
        case SQLITE_SAVEPOINT:
            return access == Access::Internal ? SQLITE_OK : SQLITE_DENY;
        case SQLITE_ALTER_TABLE:
        case SQLITE_REINDEX:
        case SQLITE_ANALYZE:
            return access == Access::Unit ? SQLITE_DENY : SQLITE_OK;
        case SQLITE_CREATE_VTABLE:
            if (capture != nullptr) capture->add_virtual_table(first);
            return SQLITE_OK;
        case SQLITE_INSERT:
            return decide_write(ChangeKind::Insert, first);
        case SQLITE_UPDATE:
            return decide_write(ChangeKind::Update, first);
        case SQLITE_DELETE:
            return decide_write(ChangeKind::Delete, first);
        default:
            return SQLITE_OK;
    }
}

int Authorizer::decide_write(ChangeKind kind, const char* table) {
    const std::string_view name(table);
    // DDL writes to sqlite_schema, so this refuses it as well.
    if (access == Access::Unit && name.starts_with("sqlite_")) return SQLITE_DENY;
    if (access == Access::Replay && name != only_table && !name.starts_with(search_prefix))
        return SQLITE_DENY;
    const bool noted = !writes.empty() && writes.back().table == name && writes.back().kind == kind;
    if (!noted) writes.push_back({kind, std::string(name)});
    return SQLITE_OK;
}

}  // namespace dunlin::engine::sqlite
