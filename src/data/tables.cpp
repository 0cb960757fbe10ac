#include "data/tables.h"

#include <fmt/format.h>

#include "changes/change_log.h"
#include "core/nearest_name.h"

namespace dunlin::data {

Tables::Tables(engine::Engine& engine, std::shared_ptr<const policy::AccessRules> rules,
               std::shared_ptr<const routines::Library> library, ReadSettings settings)
    : engine_(engine),
      rules_(std::move(rules)),
      library_(std::move(library)),
      computed_(*rules_),
      settings_(settings) {
    for (const Role role : {Role::Anon, Role::Authenticated, Role::ServiceRole})
        relationships_.try_emplace(role, rules_->schema_for(role));
}

Result<const Table*> Tables::find(std::string_view schema_name, std::string_view name,
                                  Role role) const {
    const Table* table = rules_->schema_for(role).find(schema_name, name);
    if (table != nullptr) return table;
    std::vector<std::string> names;
    for (const auto& [key, candidate] : schema().tables) {
        if (key.first == schema_name) names.push_back(key.second);
    }
    const std::string nearest = nearest_name(name, names);
    return std::unexpected(Error{
        ErrorCode::NotFound,
        fmt::format("Could not find the table '{}.{}' in the schema cache", schema_name, name),
        "PGRST205", "",
        nearest.empty()
            ? ""
            : fmt::format("Perhaps you meant the table '{}.{}'", schema_name, nearest)});
}

Result<query::AccessConditions> Tables::conditions(const Table& table, Command command, Role role,
                                                   Reads reads) const {
    auto granted = rules_->require(table, command, role);
    if (granted && reads == Reads::Rows) granted = rules_->require(table, Command::Select, role);
    if (!granted) return std::unexpected(granted.error());
    query::AccessConditions access;
    access.computed = computed_.columns(role);
    auto [relation, visible] = rules_->read_access(table, role, table_alias);
    access.relation = std::move(relation);
    access.visible = std::move(visible);
    if (command == Command::Update || command == Command::Delete) {
        access.target = rules_->using_sql(table, command, role, table_alias);
    }
    if (command == Command::Insert) access.visible = rules_->inserted_sql(table, role, table_alias);
    if (command == Command::Insert || command == Command::Update) {
        if (command == Command::Update)
            access.check_before = rules_->before_check_sql(table, role, table_alias);
        access.check = rules_->check_sql(table, command, role, table_alias);
    }
    return access;
}

asio::awaitable<Result<LoadedReader>> Tables::load_reader_at(Identity identity) {
    const auto& queries = rules_->set_queries();
    std::vector<std::shared_ptr<const policy::ValueSet>> sets(queries.size());
    LoadedReader loaded;
    if (!queries.empty()) {
        engine::Work work = [&](engine::Session& session) -> Result<void> {
            const auto at = changes::ChangeLog::position_of(session);
            if (!at) return std::unexpected(at.error());
            loaded.position = *at;
            for (std::size_t i = 0; i < queries.size(); ++i) {
                if (queries[i].role != identity.role) continue;
                auto found = session.run({queries[i].sql});
                if (!found) return std::unexpected(found.error());
                auto set = std::make_shared<policy::ValueSet>();
                for (const Row& row : found->rows) set->insert(row.at(0));
                sets[i] = std::move(set);
            }
            return {};
        };
        auto done = co_await engine_.read(identity, std::move(work));
        if (!done) co_return std::unexpected(done.error());
    }
    loaded.reader = rules_->make_reader(std::move(identity), std::move(sets));
    co_return loaded;
}

}  // namespace dunlin::data
