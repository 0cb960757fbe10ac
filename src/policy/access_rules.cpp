#include "policy/access_rules.h"

#include <fmt/format.h>
#include <algorithm>

#include "core/check.h"
#include "policy/channel_messages.h"
#include "policy/rules.h"
#include "sql/sqlite_text.h"

namespace dunlin::policy {

AccessRules::AccessRules() : rules_(std::make_unique<Rules>()) {}
AccessRules::~AccessRules() = default;

Result<std::shared_ptr<const AccessRules>> AccessRules::compile(
    std::shared_ptr<const Schema> schema, const Clock& clock) {
    std::shared_ptr<AccessRules> made(new AccessRules());
    Rules& rules = *made->rules_;
    rules.schema = std::move(schema);
    rules.clock = &clock;
    for (const auto& [name, table] : rules.schema->tables) {
        auto analysed = rules.analyse(table);
        if (!analysed) return std::unexpected(analysed.error());
    }
    for (const auto& [name, table] : rules.schema->tables) {
        for (const Role role : {Role::Anon, Role::Authenticated}) {
            auto verified = rules.verify(table, role);
            if (!verified) return std::unexpected(verified.error());
        }
    }
    for (const auto& [name, table] : rules.schema->tables) {
        if (table.kind == RelationKind::View) continue;
        for (const Role role : every_role) {
            rules.select_rules.emplace(std::pair{table.storage_name(), role},
                                       rules.compile_rule(table, Command::Select, role));
            if (!is_channel_messages(table)) continue;
            rules.insert_rules.emplace(std::pair{table.storage_name(), role},
                                       rules.compile_rule(table, Command::Insert, role));
        }
    }
    rules.apply_grants();
    rules.write_texts();
    return made;
}

const Schema& AccessRules::schema() const {
    return *rules_->schema;
}

const Schema& AccessRules::schema_for(Role role) const {
    const auto found = rules_->role_schemas.find(role);
    return found == rules_->role_schemas.end() ? *rules_->schema : found->second;
}

Result<void> AccessRules::require(const Table& table, Command command, Role role) const {
    const auto found = rules_->denials.find({table.storage_name(), command, role});
    if (found == rules_->denials.end()) return {};
    return std::unexpected(found->second);
}

ReadAccess AccessRules::read_access(const Table& table, Role role, std::string_view alias) const {
    const Table& own = rules_->own(table);
    std::string source = rules_->source(own, role);
    if (!source.empty()) return {std::move(source), ""};
    return {sql::quote_identifier(own.storage_name()),
            rules_->text(own, Command::Select, role, alias, Side::Using, {})};
}

sql::RelationFilter AccessRules::relation_filter(Role role) const {
    return rules_->filter(role, {});
}

std::string AccessRules::using_sql(const Table& table, Command command, Role role,
                                   std::string_view alias) const {
    return rules_->text(rules_->own(table), command, role, alias, Side::Using, {});
}

std::string AccessRules::check_sql(const Table& table, Command command, Role role,
                                   std::string_view alias) const {
    const Table& own = rules_->own(table);
    if (command == Command::Update && rules_->asks_itself(own, role)) {
        return fmt::format(
            "pg_check_new_row(0, '', {})",
            sql::quote_literal(Value("a check for UPDATE of \"" + own.name +
                                     "\" that reads it again is not supported here")));
    }
    if (command != Command::Insert) return rules_->text(own, command, role, alias, Side::Check, {});
    return rules_->text(own, command, role, alias, Side::Check, {&own, std::string(alias)});
}

std::string AccessRules::before_check_sql(const Table& table, Role role,
                                          std::string_view alias) const {
    const Table& own = rules_->own(table);
    const bool checks = rules_->asks_itself(own, role);
    if (!(checks || rules_->shows_by_itself(own, role)) || !rules_->can_ask_before(own)) return {};
    std::string check = rules_->text(own, Command::Update, role, alias, Side::Check, {});
    return check.empty() ? "1" : check;
}

std::string AccessRules::inserted_sql(const Table& table, Role role, std::string_view alias) const {
    const Table& own = rules_->own(table);
    return rules_->text(own, Command::Select, role, alias, Side::Using, {&own, std::string(alias)});
}

ExplainedRule AccessRules::explain(const Table& table, Command command, Side side, Role role,
                                   std::string_view alias) const {
    return rules_->explain(rules_->own(table), command, side, role, alias);
}

Result<const RowRule*> AccessRules::select_rule(const Table& table, Role role) const {
    const auto found = rules_->select_rules.find({table.storage_name(), role});
    if (found == rules_->select_rules.end()) {
        return std::unexpected(
            Error{ErrorCode::NotSupported, "views cannot be followed live", "0A000"});
    }
    if (!found->second) return std::unexpected(found->second.error());
    return found->second->get();
}

Result<const RowRule*> AccessRules::insert_rule(const Table& table, Role role) const {
    const auto found = rules_->insert_rules.find({table.storage_name(), role});
    CHECK(found != rules_->insert_rules.end());
    if (!found->second) return std::unexpected(found->second.error());
    return found->second->get();
}

bool have_same_rights(const Reader& left, const Reader& right) {
    const auto same_set = [](const auto& one, const auto& other) {
        return one == other || (one && other && *one == *other);
    };
    return left.identity.role == right.identity.role &&
           left.identity.user_id == right.identity.user_id && left.slots == right.slots &&
           std::ranges::equal(left.sets, right.sets, same_set);
}

const std::vector<SetQuery>& AccessRules::set_queries() const {
    return rules_->shared.sets;
}

bool AccessRules::may_change_set(std::size_t set, const Change& change,
                                 const Reader& reader) const {
    const SetQuery& query = rules_->shared.sets.at(set);
    if (std::ranges::find(query.tables, change.table) == query.tables.end()) return false;
    if (query.row_condition == nullptr) return true;
    const auto matters = [&](const Row& row) {
        const auto value = query.row_condition->evaluate(row, reader);
        return !value || (value->is_integer() && value->integer() != 0);  // or it failed
    };
    return (change.kind != ChangeKind::Insert && matters(change.old_row)) ||
           (change.kind != ChangeKind::Delete && matters(change.new_row));
}

std::shared_ptr<const Reader> AccessRules::make_reader(
    Identity identity, std::vector<std::shared_ptr<const ValueSet>> sets) const {
    auto reader = std::make_shared<Reader>();
    reader->identity = std::move(identity);
    reader->sets = std::move(sets);
    reader->clock = rules_->clock;
    for (const Predicate& slot : rules_->shared.slots) {
        reader->slots.push_back(slot.evaluate({}, *reader));
    }
    return reader;
}

}  // namespace dunlin::policy
