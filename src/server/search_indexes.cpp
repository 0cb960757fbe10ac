#include "server/search_indexes.h"

#include <set>

#include "sql/search_index.h"

namespace dunlin::server {

namespace {

struct Missing {
    const Table* table = nullptr;
    const Index* index = nullptr;
};

Result<std::set<std::string>> read_tables(engine::Engine& engine) {
    std::set<std::string> names;
    auto read = engine.read_now([&](engine::Session& session) -> Result<void> {
        auto rows = session.run({"select name from sqlite_schema where type = 'table'"});
        if (!rows) return std::unexpected(rows.error());
        for (const Row& row : rows->rows) names.insert(row[0].text());
        return {};
    });
    if (!read) return std::unexpected(read.error());
    return names;
}

std::vector<Missing> find_missing(const Schema& schema, const std::set<std::string>& tables) {
    std::vector<Missing> missing;
    for (const auto& [name, table] : schema.tables) {
        for (const Index& index : table.indexes) {
            if (index.search && !tables.contains(index.search->table))
                missing.push_back({&table, &index});
        }
    }
    return missing;
}

}  // namespace

Result<std::vector<std::string>> make_missing_search_indexes(engine::Engine& engine,
                                                             const Schema& schema) {
    std::vector<std::string> made;
    const auto tables = read_tables(engine);
    if (!tables) return std::unexpected(tables.error());
    const auto missing = find_missing(schema, *tables);
    if (missing.empty()) return made;
    auto done = engine.migrate([&](engine::Session& session) -> Result<void> {
        for (const auto& [table, index] : missing) {
            for (std::string& sql : sql::search_index_statements(*table, *index->search)) {
                auto ran = session.run({std::move(sql)});
                if (!ran) return std::unexpected(ran.error());
            }
        }
        return {};
    });
    if (!done) return std::unexpected(done.error());
    for (const auto& [table, index] : missing) made.push_back(index->name);
    return made;
}

}  // namespace dunlin::server
