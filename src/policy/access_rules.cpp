#include "policy/access_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "policy/predicate.h"
#include "policy/predicate_compiler.h"
#include "sql/sqlite_text.h"

namespace dunlin::policy {

namespace {

/// A policy with its expressions analysed.
struct AnalysedPolicy {
    const Policy* policy = nullptr;
    std::optional<sql::Expression> visible;  // USING
    std::optional<sql::Expression> check;    // WITH CHECK
};

bool applies(const Policy& policy, Command command, Role role) {
    if (policy.command != Command::All && policy.command != command) return false;
    if (policy.roles.empty()) return true;
    return std::any_of(policy.roles.begin(), policy.roles.end(), [&](const std::string& name) {
        return name == "public" || name == role_name(role);
    });
}

sql::Expression constant(bool truth) {
    return {.kind = sql::Expression::Kind::Literal, .type = {.kind = TypeKind::Bool}, .value = Value::boolean(truth)};
}

sql::Expression junction(const char* name, std::vector<sql::Expression> parts) {
    if (parts.size() == 1) return std::move(parts[0]);
    return {.kind = sql::Expression::Kind::Operator,
            .type = {.kind = TypeKind::Bool},
            .name = name,
            .arguments = std::move(parts)};
}

enum class Side : std::uint8_t { Using, Check };

/// The rule of a whole command: one permissive policy must hold, and every restrictive one.
sql::Expression combine(const std::vector<AnalysedPolicy>& policies, Command command, Role role, Side side) {
    std::vector<sql::Expression> permissive, all;
    for (const auto& analysed : policies) {
        if (!applies(*analysed.policy, command, role)) continue;
        // WITH CHECK defaults to USING, for the commands that have both.
        const auto& part = side == Side::Check && analysed.check ? analysed.check : analysed.visible;
        if (part) (analysed.policy->permissive ? permissive : all).push_back(*part);
    }
    if (permissive.empty()) return constant(false);
    all.insert(all.begin(), junction("or", std::move(permissive)));
    return junction("and", std::move(all));
}

void collect_relations(const sql::Expression& e, std::vector<const Table*>& out);

void collect_relations(const sql::Query& query, std::vector<const Table*>& out) {
    for (const auto& relation : query.relations) out.push_back(relation.table);
    for (const auto& target : query.targets) collect_relations(target.expression, out);
    for (const auto& join : query.joins) {
        if (join.on) collect_relations(*join.on, out);
    }
    if (query.where) collect_relations(*query.where, out);
    if (query.having) collect_relations(*query.having, out);
}

void collect_relations(const sql::Expression& e, std::vector<const Table*>& out) {
    if (e.query != nullptr) collect_relations(*e.query, out);
    for (const auto& argument : e.arguments) collect_relations(argument, out);
}

/// A compiled SELECT rule.
class CompiledRule final : public RowRule {
public:
    CompiledRule(Predicate predicate, bool same_for_all, std::vector<std::string> tables,
                 std::vector<std::size_t> sets)
        : predicate_(std::move(predicate)),
          same_for_all_(same_for_all),
          tables_(std::move(tables)),
          sets_(std::move(sets)) {
        find_shape();
    }

    bool allows(const Row& row, const Reader& reader) const override { return predicate_.holds(row, reader); }
    Shape shape() const override { return shape_; }
    std::size_t owner_column() const override { return owner_column_; }
    Value owner_key(const Reader& reader) const override {
        return shape_ == Shape::Owner && owner_slot_ < reader.slots.size() ? reader.slots[owner_slot_] : Value();
    }
    bool same_for_all_readers() const override { return same_for_all_; }
    const std::vector<std::string>& depends_on() const override { return tables_; }
    const std::vector<std::size_t>& sets_used() const override { return sets_; }

private:
    void find_shape();

    Predicate predicate_;
    Shape shape_ = Shape::General;
    std::size_t owner_column_ = 0;
    std::size_t owner_slot_ = 0;
    bool same_for_all_;
    std::vector<std::string> tables_;
    std::vector<std::size_t> sets_;
};

void CompiledRule::find_shape() {
    const auto& root = predicate_.nodes[predicate_.root];
    if (root.operation == Predicate::Operation::Constant) {
        shape_ = root.constant == Value::boolean(true) ? Shape::Everyone : Shape::Nobody;
    }
    const bool plain = root.type.kind == TypeKind::Uuid || root.type.kind == TypeKind::Text ||
                       root.type.kind == TypeKind::Int8;
    if (root.operation != Predicate::Operation::Compare || root.comparison != Predicate::Comparison::Equal || !plain ||
        root.type.array) {
        return;
    }
    for (const auto& [column, slot] : {std::pair{0, 1}, {1, 0}}) {
        const auto& left = predicate_.nodes[root.children[static_cast<std::size_t>(column)]];
        const auto& right = predicate_.nodes[root.children[static_cast<std::size_t>(slot)]];
        if (left.operation != Predicate::Operation::Column || right.operation != Predicate::Operation::Slot) continue;
        shape_ = Shape::Owner;
        owner_column_ = left.number;
        owner_slot_ = right.number;
    }
}

using RuleKey = std::pair<std::string, Role>;

}  // namespace

struct AccessRules::Rules {
    std::shared_ptr<const Schema> schema;  // shared with the engine and the data API
    std::map<std::string, std::vector<AnalysedPolicy>> policies;  // by storage name
    Shared shared;
    std::map<RuleKey, Result<std::unique_ptr<const RowRule>>> select_rules;

    Result<void> analyse(const Table& table);
    Result<void> refuse_recursion(const Table& table, std::vector<const Table*>& path) const;
    std::string text(const Table& table, Command command, Role role, std::string_view alias, Side side) const;
    sql::RelationFilter filter(Role role) const;
    void tables_behind(const Table& table, Role role, std::set<std::string>& names) const;
    Result<std::unique_ptr<const RowRule>> compile_rule(const Table& table, Role role);
};

AccessRules::AccessRules() : rules_(std::make_unique<Rules>()) {}
AccessRules::~AccessRules() = default;

Result<void> AccessRules::Rules::analyse(const Table& table) {
    for (const Policy& policy : table.policies) {
        AnalysedPolicy analysed{.policy = &policy};
        for (const auto& [text, slot] : {std::pair{&policy.using_text, &analysed.visible},
                                         {&policy.check_text, &analysed.check}}) {
            if (text->empty()) continue;
            static const Type boolean{.kind = TypeKind::Bool};
            auto expression = sql::analyze_expression(*schema, &table, *text, &boolean);
            if (!expression) {
                Error error = expression.error().error;
                error.message = fmt::format("policy \"{}\" on {}: {}", policy.name, table.name, error.message);
                return std::unexpected(std::move(error));
            }
            *slot = std::move(*expression);
        }
        policies[table.storage_name()].push_back(std::move(analysed));
    }
    return {};
}

Result<void> AccessRules::Rules::refuse_recursion(const Table& table, std::vector<const Table*>& path) const {
    if (!table.row_security) return {};
    if (std::find(path.begin(), path.end(), &table) != path.end()) {
        return std::unexpected(
            sql_error("42P17", fmt::format("infinite recursion detected in policy for relation \"{}\"", table.name), "",
                      "Let the inner table be readable without asking this one, or read it through a view."));
    }
    path.push_back(&table);
    const auto found = policies.find(table.storage_name());
    if (found != policies.end()) {
        std::vector<const Table*> inner;
        for (const auto& analysed : found->second) {
            if (analysed.visible) collect_relations(*analysed.visible, inner);
            if (analysed.check) collect_relations(*analysed.check, inner);
        }
        for (const Table* next : inner) {
            auto checked = refuse_recursion(*next, path);
            if (!checked) return checked;
        }
    }
    path.pop_back();
    return {};
}

std::string AccessRules::Rules::text(const Table& table, Command command, Role role, std::string_view alias,
                                     Side side) const {
    if (!table.row_security || role == Role::ServiceRole) return {};
    const auto found = policies.find(table.storage_name());
    if (found == policies.end()) return "0";
    const auto rule = combine(found->second, command, role, side);
    if (rule.kind == sql::Expression::Kind::Literal) return rule.value == Value::boolean(true) ? "" : "0";
    return sql::sqlite_text(rule, alias, filter(role));
}

sql::RelationFilter AccessRules::Rules::filter(Role role) const {
    return [this, role](const Table& table, std::string_view alias) {
        return text(table, Command::Select, role, alias, Side::Using);
    };
}

/// The tables that the SELECT rule of `table` reads.
void AccessRules::Rules::tables_behind(const Table& table, Role role, std::set<std::string>& names) const {
    const auto found = policies.find(table.storage_name());
    if (!table.row_security || found == policies.end()) return;
    std::vector<const Table*> inner;
    collect_relations(combine(found->second, Command::Select, role, Side::Using), inner);
    for (const Table* next : inner) {
        names.insert(next->storage_name());
        tables_behind(*next, role, names);
    }
}

Result<std::unique_ptr<const RowRule>> AccessRules::Rules::compile_rule(const Table& table, Role role) {
    const bool open = !table.row_security || role == Role::ServiceRole;
    const auto found = policies.find(table.storage_name());
    const auto rule = open                      ? constant(true)
                      : found == policies.end() ? constant(false)
                                                : combine(found->second, Command::Select, role, Side::Using);
    const auto inner_filter = filter(role);
    PredicateCompiler compiler(shared, role, inner_filter, [this, role](const Table& inner, std::set<std::string>& names) {
        tables_behind(inner, role, names);
    });
    auto predicate = compiler.compile(rule);
    if (!predicate) {
        Error error = predicate.error();
        error.message = fmt::format("the policies of {}: {}", table.name, error.message);
        return std::unexpected(std::move(error));
    }
    return std::make_unique<const CompiledRule>(
        std::move(*predicate), !compiler.uses_reader(),
        std::vector<std::string>(compiler.tables().begin(), compiler.tables().end()),
        std::vector<std::size_t>(compiler.sets().begin(), compiler.sets().end()));
}

Result<std::shared_ptr<const AccessRules>> AccessRules::compile(std::shared_ptr<const Schema> schema) {
    std::shared_ptr<AccessRules> made(new AccessRules());
    Rules& rules = *made->rules_;
    rules.schema = std::move(schema);
    for (const auto& [name, table] : rules.schema->tables) {
        auto analysed = rules.analyse(table);
        if (!analysed) return std::unexpected(analysed.error());
    }
    for (const auto& [name, table] : rules.schema->tables) {
        std::vector<const Table*> path;
        auto checked = rules.refuse_recursion(table, path);
        if (!checked) return std::unexpected(checked.error());
    }
    for (const auto& [name, table] : rules.schema->tables) {
        if (table.kind == RelationKind::View) continue;
        for (const Role role : {Role::Anon, Role::Authenticated, Role::ServiceRole}) {
            rules.select_rules.emplace(RuleKey{table.storage_name(), role}, rules.compile_rule(table, role));
        }
    }
    return made;
}

const Schema& AccessRules::schema() const { return *rules_->schema; }

std::string AccessRules::using_sql(const Table& table, Command command, Role role, std::string_view alias) const {
    return rules_->text(table, command, role, alias, Side::Using);
}

std::string AccessRules::check_sql(const Table& table, Command command, Role role, std::string_view alias) const {
    return rules_->text(table, command, role, alias, Side::Check);
}

Result<const RowRule*> AccessRules::select_rule(const Table& table, Role role) const {
    const auto found = rules_->select_rules.find({table.storage_name(), role});
    if (found == rules_->select_rules.end()) {
        return std::unexpected(Error{ErrorCode::NotSupported, "views cannot be followed live", "0A000"});
    }
    if (!found->second) return std::unexpected(found->second.error());
    return found->second->get();
}

const std::vector<SetQuery>& AccessRules::set_queries() const { return rules_->shared.sets; }

std::shared_ptr<const Reader> AccessRules::make_reader(Identity identity,
                                                       std::vector<std::shared_ptr<const ValueSet>> sets) const {
    auto reader = std::make_shared<Reader>();
    reader->identity = std::move(identity);
    reader->sets = std::move(sets);
    for (const Predicate& slot : rules_->shared.slots) {
        reader->slots.push_back(slot.evaluate({}, *reader));
    }
    return reader;
}

}  // namespace dunlin::policy
