#include "oracle_world.h"

#include <algorithm>

namespace dunlin::oracle {

namespace {

Truth negation(Truth truth) {
    return truth ? Truth(!*truth) : truth;
}

Truth equality(const Cell& left, const Cell& right) {
    return left && right ? Truth(*left == *right) : std::nullopt;
}

bool counts(const Policy& policy, const std::string& command, const Person& who) {
    return (policy.command == "all" || policy.command == command) &&
           (policy.role.empty() || policy.role == who.role);
}

}  // namespace

std::vector<std::string> Table::column_names() const {
    std::vector<std::string> names{"id"};
    names.insert(names.end(), columns.begin(), columns.end());
    if (!parent.empty()) names.push_back("ref");
    return names;
}

/// Without any right to read there are no columns.
bool Table::hides(const std::string& column, const Person& who) const {
    return hidden.contains({column, who.role}) || revoked.contains({"select", who.role});
}

const Table& World::named(const std::string& name) const {
    return *std::ranges::find(tables_, name, &Table::name);
}

/// Whether a row of the inner table fits, of those that the reader sees.
bool World::inner(const Condition& condition, const Row& row, const Person& who) const {
    const Table& table = named(condition.table);
    const bool helper = condition.kind == Condition::Kind::Helper;
    return std::ranges::any_of(table.rows, [&](const Row& other) {
        if (helper) {
            return equality(other.at("id"), row.at(condition.column)) == true &&
                   equality(other.at("owner"), who.id) == true;
        }
        if (!sees(table, other, who) || truth(condition.parts[0], other, who) != true) return false;
        return !condition.tied ||
               equality(other.at(condition.inner_column), row.at(condition.column)) == true;
    });
}

Truth World::truth(const Condition& condition, const Row& row, const Person& who) const {
    using Kind = Condition::Kind;
    switch (condition.kind) {
        case Kind::Constant:
            return condition.constant;
        case Kind::OwnedByReader:
            return equality(row.at(condition.column), who.id);
        case Kind::Equals:
            return equality(row.at(condition.column), condition.value);
        case Kind::IsNull:
            return !row.at(condition.column).has_value();
        case Kind::Not:
            return negation(truth(condition.parts[0], row, who));
        case Kind::And:
        case Kind::Or: {
            const bool decides = condition.kind == Kind::Or;
            const Truth left = truth(condition.parts[0], row, who);
            const Truth right = truth(condition.parts[1], row, who);
            if (left == decides || right == decides) return decides;
            return left && right ? Truth(!decides) : std::nullopt;
        }
        case Kind::Exists:
        case Kind::Helper:
            return inner(condition, row, who);
        case Kind::InList: {
            bool unknown = false;
            const Table& table = named(condition.table);
            for (const Row& other : table.rows) {
                if (!sees(table, other, who) || truth(condition.parts[0], other, who) != true)
                    continue;
                const Truth same =
                    equality(other.at(condition.inner_column), row.at(condition.column));
                if (same == true) return true;
                unknown |= !same;
            }
            return unknown ? std::nullopt : Truth(false);
        }
    }
    return std::nullopt;
}

bool World::allows(const Table& table, const std::string& command, Part part, const Row& row,
                   const Person& who) const {
    if (!table.rules || who.role == "service_role") return true;
    bool admitted = false;
    for (const Policy& policy : table.policies) {
        if (!counts(policy, command, who)) continue;
        const auto& condition = part == Part::Check && policy.check ? policy.check : policy.visible;
        if (!condition) continue;
        const bool holds = truth(*condition, row, who) == true;
        if (!policy.permissive && !holds) return false;
        admitted |= policy.permissive && holds;
    }
    return admitted;
}

bool World::sees(const Table& table, const Row& row, const Person& who) const {
    return allows(table, "select", Part::Using, row, who);
}

/// Whether a condition over the inner row of a subquery reads a column that the reader may not.
bool World::reads_hidden(const Table& table, const Condition& condition, const Person& who) const {
    using Kind = Condition::Kind;
    if (!condition.column.empty() && table.hides(condition.column, who) &&
        (condition.kind != Kind::Exists || condition.tied))
        return true;
    if (condition.kind == Kind::Exists || condition.kind == Kind::InList) return false;
    return std::ranges::any_of(
        condition.parts, [&](const Condition& part) { return reads_hidden(table, part, who); });
}

bool World::reads_denied(const Condition& condition, const Person& who) const {
    using Kind = Condition::Kind;
    if (condition.kind == Kind::Exists || condition.kind == Kind::InList) {
        const Table& table = named(condition.table);
        const bool uses = condition.kind == Kind::InList || condition.tied;
        if (denied(table, "select", who) || reads_hidden(table, condition.parts[0], who) ||
            (uses && table.hides(condition.inner_column, who)))
            return true;
    }
    return std::ranges::any_of(condition.parts,
                               [&](const Condition& part) { return reads_denied(part, who); });
}

/// The subqueries of policies are refused before any row is looked at. Where no permissive policy
/// counts, nothing is admitted and no other policy is asked.
bool World::denied(const Table& table, const std::string& command, const Person& who) const {
    if (table.revoked.contains({command, who.role})) return true;
    if (!table.rules || who.role == "service_role") return false;
    for (const Part part : {Part::Using, Part::Check}) {
        if (part == Part::Using ? command == "insert" : command == "select" || command == "delete")
            continue;
        bool permissive = false, reads = false;
        for (const Policy& policy : table.policies) {
            if (!counts(policy, command, who)) continue;
            const auto& condition =
                part == Part::Check && policy.check ? policy.check : policy.visible;
            permissive |= policy.permissive && condition;
            reads |= condition && reads_denied(*condition, who);
        }
        if (permissive && reads) return true;
    }
    return false;
}

Outcome World::select(std::size_t index, const Person& who, const std::string& column,
                      const Cell& value) const {
    const Table& table = tables_[index];
    Outcome outcome{.refused = denied(table, "select", who), .unknown = table.hides(column, who)};
    if (!outcome.done()) return outcome;
    for (const Row& row : table.rows) {
        const bool asked = column.empty() || equality(row.at(column), value) == true;
        if (asked && sees(table, row, who)) outcome.ids.insert(*row.at("id"));
    }
    return outcome;
}

Outcome World::embed(const Embedding& asked, const Person& who) const {
    const Table& table = tables_[asked.table];
    const Table& other = tables_[asked.other];
    const bool to_one = table.parent == other.name;
    const bool filtered = asked.kind.has_value();
    Outcome outcome{.refused = denied(table, "select", who) || denied(other, "select", who),
                    .unknown = (to_one ? table : other).hides("ref", who) ||
                               (to_one ? other : table).hides("id", who) ||
                               (filtered && other.hides("kind", who))};
    if (!outcome.done()) return outcome;
    for (const Row& row : table.rows) {
        if (!sees(table, row, who)) continue;
        std::set<std::string> related;
        for (const Row& far : other.rows) {
            const bool joined = to_one ? equality(row.at("ref"), far.at("id")) == true
                                       : equality(far.at("ref"), row.at("id")) == true;
            const bool fits = !filtered || equality(far.at("kind"), asked.kind) == true;
            if (joined && fits && sees(other, far, who)) related.insert(*far.at("id"));
        }
        if (asked.inner && related.empty()) continue;
        outcome.ids.insert(*row.at("id"));
        outcome.related[*row.at("id")] = std::move(related);
    }
    return outcome;
}

Outcome World::insert(std::size_t index, const Person& who, const Row& row) {
    Table& table = tables_[index];
    const bool refused =
        denied(table, "insert", who) || !allows(table, "insert", Part::Check, row, who);
    if (!refused) table.rows.push_back(row);
    return {.refused = refused};
}

/// The row as proposed is judged before a conflict is looked for; reading the key asks SELECT too.
Outcome World::upsert(std::size_t index, const Person& who, const Row& row, OnConflict resolution) {
    Table& table = tables_[index];
    const bool merges = resolution == OnConflict::Merge;
    const bool granted = std::ranges::none_of(row, [&](const auto& cell) {
        return merges && table.unwritable.contains({cell.first, who.role});
    });
    const Outcome refused{.refused = true};
    if (!granted || denied(table, "insert", who) || denied(table, "select", who) ||
        (merges && denied(table, "update", who)))
        return refused;
    if (!allows(table, "insert", Part::Check, row, who) || !sees(table, row, who)) return refused;
    const auto found = std::ranges::find(table.rows, row.at("id"),
                                         [](const Row& stored) { return stored.at("id"); });
    if (found == table.rows.end()) {
        table.rows.push_back(row);
        return {};
    }
    if (!merges) return {};
    const bool open = allows(table, "update", Part::Using, *found, who) && sees(table, *found, who);
    if (!open || !allows(table, "update", Part::Check, row, who)) return refused;
    *found = row;
    return {};
}

Outcome World::update(std::size_t index, const Person& who, const std::string& column,
                      const Cell& value, const Row& set) {
    Table& table = tables_[index];
    Outcome outcome{.refused = denied(table, "update", who) || denied(table, "select", who),
                    .unknown = table.hides(column, who)};
    for (const auto& [name, cell] : set) {
        if (!table.unwritable.contains({name, who.role})) continue;
        (table.hides(name, who) ? outcome.unknown : outcome.refused) = true;
    }
    if (!outcome.done()) return outcome;
    std::vector<Row> after = table.rows;
    for (Row& row : after) {
        const bool asked = equality(row.at(column), value) == true && sees(table, row, who) &&
                           allows(table, "update", Part::Using, row, who);
        if (!asked) continue;
        for (const auto& [name, cell] : set) row[name] = cell;
        outcome.ids.insert(*row.at("id"));
        if (!allows(table, "update", Part::Check, row, who) || !sees(table, row, who))
            return {.refused = true};
    }
    table.rows = std::move(after);
    return outcome;
}

Outcome World::remove(std::size_t index, const Person& who, const std::string& column,
                      const Cell& value) {
    Table& table = tables_[index];
    Outcome outcome{.refused = denied(table, "delete", who) || denied(table, "select", who),
                    .unknown = table.hides(column, who)};
    if (!outcome.done()) return outcome;
    for (const Row& row : table.rows) {
        if (equality(row.at(column), value) == true && sees(table, row, who) &&
            allows(table, "delete", Part::Using, row, who))
            outcome.ids.insert(*row.at("id"));
    }
    std::erase_if(table.rows, [&](const Row& row) { return outcome.ids.contains(*row.at("id")); });
    return outcome;
}

}  // namespace dunlin::oracle
