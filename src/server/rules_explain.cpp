#include "server/rules_explain.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>

#include "server/explained_row.h"

namespace dunlin::server {

namespace json = boost::json;

namespace {

constexpr std::string_view alias = "t";

struct Asked {
    Command command;
    policy::Side side;
    bool new_row;  // of the row as it will be, otherwise as it is
};

std::vector<Asked> rules_of(Command command) {
    using policy::Side;
    const Asked seen{Command::Select, Side::Using, false};
    switch (command) {
        case Command::Insert:
            return {{Command::Insert, Side::Check, true}};
        case Command::Update:
            return {
                seen, {Command::Update, Side::Using, false}, {Command::Update, Side::Check, true}};
        case Command::Delete:
            return {seen, {Command::Delete, Side::Using, false}};
        default:
            return {seen};
    }
}

std::string_view name_of(Command command) {
    switch (command) {
        case Command::Insert:
            return "insert";
        case Command::Update:
            return "update";
        case Command::Delete:
            return "delete";
        default:
            return "select";
    }
}

/// Asks conditions of one row, as the identity.
class Judge {
public:
    Judge(engine::Engine& engine, const ExplainRequest& request, ExplainedRow old_row,
          ExplainedRow new_row)
        : engine_(engine),
          request_(request),
          old_row_(std::move(old_row)),
          new_row_(std::move(new_row)) {}

    /// "admits", "refuses", "refuses: NULL", "fails: …", or "" when no row was given.
    std::string verdict(const std::string& condition, bool new_row) const {
        const ExplainedRow& row = new_row ? new_row_ : old_row_;
        if (row.source.empty()) return {};
        const auto value = ask(condition.empty() ? "1" : condition, row);
        if (!value) return "fails: " + value.error().message;
        if (!*value) return "refuses: there is no such row";
        if ((*value)->is_null()) return "refuses: NULL";
        return **value == Value::boolean(true) ? "admits" : "refuses";
    }

private:
    Result<std::optional<Value>> ask(const std::string& condition, const ExplainedRow& row) const {
        std::optional<Value> answer;
        boost::asio::io_context loop(1);
        Result<void> done;
        const auto read = [&]() -> boost::asio::awaitable<void> {
            done = co_await engine_.read(request_.identity, [&](engine::Session& session) {
                auto found = session.run(
                    {fmt::format("select ({}) from {}", condition, row.source), row.parameters});
                if (found && !found->rows.empty()) answer = found->rows[0][0];
                return found ? Result<void>() : std::unexpected(found.error());
            });
        };
        boost::asio::co_spawn(loop, read(), boost::asio::detached);
        loop.run();
        if (!done) return std::unexpected(done.error());
        return answer;
    }

    engine::Engine& engine_;
    const ExplainRequest& request_;
    ExplainedRow old_row_;
    ExplainedRow new_row_;
};

json::object policy_json(const policy::ExplainedPolicy& policy, const Judge& judge, bool new_row) {
    json::object out{{"name", policy.policy->name},
                     {"kind", policy.policy->permissive ? "permissive" : "restrictive"},
                     {"counts", policy.skipped.empty()}};
    if (!policy.skipped.empty()) {
        out["reason"] = policy.skipped;
        return out;
    }
    out["condition"] = policy.text;
    out["sql"] = policy.sql;
    const std::string verdict = judge.verdict(policy.sql, new_row);
    if (!verdict.empty()) out["verdict"] = verdict;
    return out;
}

json::object rule_json(const policy::AccessRules& rules, const Table& table, const Asked& asked,
                       Role role, const Judge& judge) {
    const auto explained = rules.explain(table, asked.command, asked.side, role, alias);
    json::object out{{"command", name_of(asked.command)},
                     {"side", asked.side == policy::Side::Using ? "using" : "with check"},
                     {"row", asked.new_row ? "new" : "old"}};
    if (!explained.admits_all.empty()) out["admits_all"] = explained.admits_all;
    json::array policies;
    for (const auto& policy : explained.policies) {
        if (explained.admits_all.empty())
            policies.push_back(policy_json(policy, judge, asked.new_row));
    }
    out["policies"] = std::move(policies);
    out["sql"] = explained.sql.empty() ? "1" : explained.sql;
    const std::string verdict = judge.verdict(explained.sql, asked.new_row);
    if (!verdict.empty()) out["verdict"] = verdict;
    return out;
}

json::array column_names(const Table& table, bool Column::* right, bool value) {
    json::array names;
    for (const Column& column : table.columns) {
        if (column.*right == value) names.emplace_back(column.name);
    }
    return names;
}

void add_grants(const policy::AccessRules& rules, const Table& table, const ExplainRequest& request,
                json::object& out) {
    const auto granted = rules.require(table, request.command, request.identity.role);
    out["granted"] = granted.has_value();
    if (!granted) out["denied"] = granted.error().message;
    json::array hidden = column_names(table, &Column::hidden, true);
    if (!hidden.empty()) out["hidden_columns"] = std::move(hidden);
    const bool inserts = request.command == Command::Insert;
    if (!inserts && request.command != Command::Update) return;
    json::array fixed =
        column_names(table, inserts ? &Column::insertable : &Column::updatable, false);
    if (!fixed.empty()) out["columns_not_granted"] = std::move(fixed);
}

/// "allowed", or what refuses first; "" when no row was given.
std::string outcome(const json::object& out) {
    if (!out.at("granted").as_bool())
        return "refused: " + std::string(out.at("denied").as_string());
    bool judged = true;
    for (const auto& rule : out.at("rules").as_array()) {
        const auto* verdict = rule.as_object().if_contains("verdict");
        if (verdict == nullptr) {
            judged = false;
            continue;
        }
        if (verdict->as_string() == "admits") continue;
        const bool is_new = rule.at("row").as_string() == "new";
        if (is_new) return "refused: the new row violates row-level security (42501)";
        return rule.at("command").as_string() == "select"
                   ? "nothing happens: the row is not visible"
                   : fmt::format("nothing happens: no {} of this row",
                                 std::string_view(rule.at("command").as_string()));
    }
    return judged ? "allowed" : "";
}

}  // namespace

Result<json::object> explain_rules(engine::Engine& engine, const policy::AccessRules& rules,
                                   const ExplainRequest& request) {
    const Role role = request.identity.role;
    const auto table = find_explained(rules.schema_for(role), request.schema, request.table);
    if (!table) return std::unexpected(table.error());
    auto old_row = row_by_key(**table, request.row);
    if (!old_row) return std::unexpected(old_row.error());
    auto new_row = row_of_values(rules.schema(), **table, *old_row, request.values);
    if (!new_row) return std::unexpected(new_row.error());
    if (request.command == Command::Insert) old_row = ExplainedRow{};
    const Judge judge(engine, request, std::move(*old_row), std::move(*new_row));

    json::object out{{"role", role_name(role)},
                     {"claims", request.identity.claims},
                     {"table", (*table)->schema + "." + (*table)->name},
                     {"command", name_of(request.command)}};
    add_grants(rules, **table, request, out);
    json::array explained;
    for (const Asked& asked : rules_of(request.command))
        explained.push_back(rule_json(rules, **table, asked, role, judge));
    out["rules"] = std::move(explained);
    const std::string result = outcome(out);
    if (!result.empty()) out["result"] = result;
    return out;
}

}  // namespace dunlin::server
