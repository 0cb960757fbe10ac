// Random tables, rows and policies, and what they are in SQL.
#include <fmt/format.h>

#include <algorithm>

#include "oracle_world.h"

namespace dunlin::oracle {

namespace {

const std::string ann = "11111111-1111-4111-8111-111111111111";
const std::string bob = "22222222-2222-4222-8222-222222222222";

std::string literal(const Cell& cell) {
    return cell ? "'" + *cell + "'" : "null";
}

}  // namespace

const std::vector<Person> people = {
    {"anon"}, {"authenticated", ann}, {"authenticated", bob}, {"service_role"}};
const std::vector<std::string> columns = {"owner", "kind", "up"};

std::string Condition::sql(const std::string& row_name) const {
    const auto joined = [&](const char* word) {
        return fmt::format("({} {} {})", parts[0].sql(row_name), word, parts[1].sql(row_name));
    };
    const std::string own = row_name + "." + column;
    const std::string name = "inner_" + row_name;
    switch (kind) {
        case Kind::Constant:
            return !constant ? "null::boolean" : *constant ? "true" : "false";
        case Kind::OwnedByReader:
            return own + " = auth.uid()";
        case Kind::Equals:
            return own + " = " + literal(value);
        case Kind::IsNull:
            return own + " is null";
        case Kind::Not:
            return "(not " + parts[0].sql(row_name) + ")";
        case Kind::And:
            return joined("and");
        case Kind::Or:
            return joined("or");
        case Kind::Exists:
            return fmt::format("exists (select 1 from {0} {1} where {2}{3})", table, name,
                               tied ? fmt::format("{}.{} = {} and ", name, inner_column, own) : "",
                               parts[0].sql(name));
        case Kind::InList:
            return fmt::format("{} in (select {}.{} from {} {} where {})", own, name, inner_column,
                               table, name, parts[0].sql(name));
        case Kind::Helper:
            return fmt::format("owns_{}({})", table, own);
    }
    return "false";
}

World::World(unsigned seed) : random_(seed) {
    for (std::size_t i = 0; i < 3; ++i) {
        tables_.push_back({.name = fmt::format("t{}", i),
                           .rules = below(5) > 0,
                           .parent = i == 0 ? "" : tables_[i - 1].name});
    }
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        add_policies(i);
        add_rights(i);
        for (int row = 0; row < 8; ++row) {
            Row made = random_cells(i);
            made["id"] = std::to_string(++last_id_);
            tables_[i].rows.push_back(std::move(made));
        }
    }
}

void World::add_rights(std::size_t table) {
    Table& t = tables_[table];
    for (const char* role : {"anon", "authenticated"}) {
        for (const char* command : {"select", "insert", "update", "delete"}) {
            if (below(16) == 0) t.revoked.emplace(command, role);
        }
        if (below(3) > 0) continue;
        for (const std::string& column : t.column_names()) {
            if (column != "id" && below(4) == 0) t.hidden.emplace(column, role);
            if (column != "kind" && below(4) == 0) t.unwritable.emplace(column, role);
        }
    }
}

Cell World::random_cell(const std::string& column) {
    if (below(6) == 0) return std::nullopt;
    if (column == "owner") return below(2) == 0 ? ann : bob;
    if (column == "kind") return std::string(1, static_cast<char>('a' + below(3)));
    return std::to_string(1 + below(24));  // up: the id of some row
}

Row World::random_cells(std::size_t table) {
    Row row;
    for (const std::string& column : columns) row[column] = random_cell(column);
    if (tables_[table].parent.empty()) return row;
    // One of the first eight rows of the table before, which are there for good.
    row["ref"] = below(5) == 0 ? Cell() : std::to_string((table - 1) * 8 + 1 + below(8));
    return row;
}

/// A policy of a table reads tables before it, so that none leads back; a helper reads any.
Condition World::leaf(std::size_t table) {
    using Kind = Condition::Kind;
    const std::string other = table == 0 ? "" : tables_[below(table)].name;
    switch (below(other.empty() ? 6 : 10)) {
        case 0:
            return {.kind = Kind::Constant,
                    .constant = below(3) == 0 ? Truth() : Truth(below(2) == 0)};
        case 1:
        case 2:
            return {.kind = Kind::OwnedByReader, .column = "owner"};
        case 3:
            return {.kind = Kind::Equals, .column = "kind", .value = random_cell("kind")};
        case 4:
            return {.kind = Kind::IsNull, .column = columns[below(columns.size())]};
        case 5:
            return {.kind = Kind::Helper, .column = "up", .table = tables_[below(3)].name};
        case 6:
            return {.kind = Kind::InList,
                    .column = "up",
                    .parts = {condition(0, 1)},
                    .table = other,
                    .inner_column = below(2) == 0 ? "id" : "up"};
        default: {
            const bool by_owner = below(3) == 0;
            return {.kind = Kind::Exists,
                    .column = by_owner ? "owner" : "up",
                    .parts = {condition(0, 1)},
                    .table = other,
                    .inner_column = by_owner ? "owner" : "id",
                    .tied = below(4) > 0};
        }
    }
}

Condition World::condition(std::size_t table, int depth) {
    using Kind = Condition::Kind;
    if (depth == 0 || below(3) == 0) return leaf(table);
    if (below(4) == 0) return {.kind = Kind::Not, .parts = {condition(table, depth - 1)}};
    const Kind kind = below(2) == 0 ? Kind::And : Kind::Or;
    return {.kind = kind, .parts = {condition(table, depth - 1), condition(table, depth - 1)}};
}

void World::add_policies(std::size_t table) {
    const std::size_t count = 1 + below(5);
    for (std::size_t i = 0; i < count; ++i) {
        static const char* const commands[] = {"all",    "all",    "select", "select",
                                               "insert", "update", "delete"};
        static const char* const roles[] = {
            "", "", "anon", "authenticated", "service_role", "somebody_else"};
        Policy policy{
            .command = commands[below(7)], .permissive = below(4) > 0, .role = roles[below(6)]};
        if (policy.command != "insert") policy.visible = condition(table, 2);
        const bool writes = policy.command != "select" && policy.command != "delete";
        if (policy.command == "insert" || (writes && below(2) == 0))
            policy.check = condition(table, 2);
        tables_[table].policies.push_back(std::move(policy));
    }
}

namespace {

std::string cell_of(const std::string& column, const Cell& cell) {
    return column == "owner" || column == "kind" ? literal(cell) : cell.value_or("null");
}

std::string schema_of(const Table& table) {
    std::string out = fmt::format(
        "create table {} (id int primary key, owner uuid, kind text, up int{});\n", table.name,
        table.parent.empty() ? "" : fmt::format(", ref int references {} (id)", table.parent));
    for (const Row& row : table.rows) {
        std::string cells;
        for (const std::string& column : table.column_names())
            cells += (cells.empty() ? "" : ", ") + cell_of(column, row.at(column));
        out += fmt::format("insert into {} values ({});\n", table.name, cells);
    }
    return out;
}

std::string helper_of(const Table& table) {
    return fmt::format(
        "create function owns_{0}(x int) returns boolean language sql stable security definer as "
        "$$ select exists (select 1 from {0} r where r.id = x and r.owner = auth.uid()) $$;\n",
        table.name);
}

std::string policies_of(const Table& table) {
    std::string out;
    if (table.rules) out += fmt::format("alter table {} enable row level security;\n", table.name);
    int number = 0;
    for (const Policy& policy : table.policies) {
        out += fmt::format("create policy p{} on {} as {} for {}{}", ++number, table.name,
                           policy.permissive ? "permissive" : "restrictive", policy.command,
                           policy.role.empty() ? "" : " to " + policy.role);
        if (policy.visible) out += " using (" + policy.visible->sql(table.name) + ")";
        if (policy.check) out += " with check (" + policy.check->sql(table.name) + ")";
        out += ";\n";
    }
    return out;
}

/// A right on all columns but those of `without`.
std::string columns_granted(const Table& table, const std::string& command, const std::string& role,
                            const std::set<std::pair<std::string, std::string>>& without) {
    std::string columns;
    bool all = true;
    for (const std::string& column : table.column_names()) {
        all &= !without.contains({column, role});
        if (!without.contains({column, role})) columns += (columns.empty() ? "" : ", ") + column;
    }
    if (all || table.revoked.contains({command, role})) return "";
    return fmt::format("revoke {0} on {1} from {2};\ngrant {0} ({3}) on {1} to {2};\n", command,
                       table.name, role, columns);
}

std::string rights_of(const Table& table) {
    std::string out;
    for (const auto& [command, role] : table.revoked)
        out += fmt::format("revoke {} on {} from {};\n", command, table.name, role);
    for (const char* role : {"anon", "authenticated"}) {
        out += columns_granted(table, "select", role, table.hidden);
        out += columns_granted(table, "update", role, table.unwritable);
    }
    return out;
}

}  // namespace

std::string World::migration() const {
    std::string out;
    for (const auto part : {schema_of, helper_of, policies_of, rights_of}) {
        for (const Table& table : tables_) out += part(table);
    }
    return out;
}

}  // namespace dunlin::oracle
