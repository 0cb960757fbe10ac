// GRANT and REVOKE on tables and views, and what new ones begin with.
#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl.h"

namespace dunlin::sql {

namespace {

/// The rights of one statement: on whole tables, and on columns by name.
struct Privileges {
    RightSet table = rights::none;
    std::vector<std::pair<std::string, RightSet>> columns{};
};

/// Nothing for a right that has no meaning here (REFERENCES, TRIGGER …).
Parsed<RightSet> right_named(std::string_view name, bool on_column) {
    if (name == "select") return rights::select;
    if (name == "insert") return rights::insert;
    if (name == "update") return rights::update;
    if (name == "references") return rights::none;
    const bool on_table = name == "delete" || name == "truncate" || name == "trigger";
    std::string upper(name);
    std::ranges::transform(upper, upper.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    if (on_table && on_column) {
        return refuse(-1, "0LP01", fmt::format("invalid privilege type {} for column", upper));
    }
    if (on_table) return name == "delete" ? rights::remove : rights::none;
    for (const char* other : {"execute", "usage", "create", "connect", "temporary", "temp"}) {
        if (name == other)
            return refuse(-1, "0LP01",
                          fmt::format("invalid privilege type {} for relation", upper));
    }
    return refuse(-1, "42601", fmt::format("unrecognized privilege type \"{}\"", name));
}

Parsed<Privileges> privileges_of(const PgQuery__GrantStmt& statement) {
    if (statement.n_privileges == 0) return Privileges{.table = rights::all};
    Privileges found;
    for (std::size_t i = 0; i < statement.n_privileges; ++i) {
        const auto& privilege = *statement.privileges[i]->access_priv;
        RightSet right = rights::all;
        if (given(privilege.priv_name)) {
            auto named = right_named(privilege.priv_name, privilege.n_cols > 0);
            if (!named) return std::unexpected(named.error());
            right = *named;
        }
        if (privilege.n_cols == 0) found.table |= right;
        for (std::size_t c = 0; c < privilege.n_cols; ++c) {
            found.columns.emplace_back(string_of(*privilege.cols[c]),
                                       right & static_cast<RightSet>(~rights::remove));
        }
    }
    return found;
}

/// Whose rights of `granted` a statement changes.
class Grantees {
public:
    Grantees(Builder& builder, const PgQuery__GrantStmt& statement) : grants_(statement.is_grant) {
        for (std::size_t i = 0; i < statement.n_grantees; ++i) {
            const auto& role = *statement.grantees[i]->role_spec;
            const std::string name = text_of(role.rolename);
            if (role.roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC)
                sets_.push_back(&GrantedRights::everybody);
            else if (name == "anon")
                sets_.push_back(&GrantedRights::anon);
            else if (name == "authenticated")
                sets_.push_back(&GrantedRights::authenticated);
            else if (name == "service_role")
                sets_.push_back(&GrantedRights::service_role);
            else
                builder.note(
                    fmt::format("{} for the role \"{}\" has no effect: the roles are "
                                "anon, authenticated and service_role",
                                grants_ ? "GRANT" : "REVOKE", name));
        }
    }

    void change(GrantedRights& granted, RightSet right) const {
        for (const auto set : sets_) {
            if (grants_)
                granted.*set |= right;
            else
                granted.*set &= static_cast<RightSet>(~right);
        }
    }

    /// Whether one of them holds `right` in `granted`.
    bool hold(const GrantedRights& granted, RightSet right) const {
        return std::ranges::any_of(sets_, [&](const auto set) {
            return ((granted.*set | granted.everybody) & right) != 0;
        });
    }

    bool grants() const { return grants_; }

private:
    bool grants_;
    std::vector<RightSet GrantedRights::*> sets_;
};

Done change_columns(Builder& builder, const Grantees& grantees, const Privileges& privileges,
                    Table& table) {
    for (const auto& [name, right] : privileges.columns) {
        auto column = find_column(table, name, -1);
        if (!column) return std::unexpected(column.error());
        grantees.change(table.columns[*column].granted, right);
        if (grantees.grants() || !grantees.hold(table.granted, right)) continue;
        builder.note(
            fmt::format("REVOKE on the column \"{}\" has no effect while the right is "
                        "granted on all of \"{}\": revoke that first, then grant the "
                        "columns that may be used",
                        name, table.name));
    }
    return {};
}

Done change_table(Builder& builder, const Grantees& grantees, const Privileges& privileges,
                  Table& table) {
    grantees.change(table.granted, privileges.table);
    if (!grantees.grants()) {  // takes the rights on columns along
        for (Column& column : table.columns) grantees.change(column.granted, privileges.table);
    }
    return change_columns(builder, grantees, privileges, table);
}

Done change_schema(Builder& builder, const Grantees& grantees, const Privileges& privileges,
                   const PgQuery__GrantStmt& statement) {
    for (std::size_t i = 0; i < statement.n_objects; ++i) {
        const std::string schema = string_of(*statement.objects[i]);
        for (auto& [name, table] : builder.schema.tables) {
            if (name.first != schema) continue;
            auto done = change_table(builder, grantees, privileges, table);
            if (!done) return done;
        }
    }
    return {};
}

Done change_named(Builder& builder, const Grantees& grantees, const Privileges& privileges,
                  const PgQuery__GrantStmt& statement) {
    for (std::size_t i = 0; i < statement.n_objects; ++i) {
        const auto& range = *statement.objects[i]->range_var;
        const RelationName name = relation_name(range);
        const auto found = builder.schema.tables.find(name);
        if (found == builder.schema.tables.end()) {
            return refuse(range.location, "42P01",
                          fmt::format("relation \"{}\" does not exist", shown_name(name)));
        }
        auto done = change_table(builder, grantees, privileges, found->second);
        if (!done) return done;
    }
    return {};
}

/// The names in an option of ALTER DEFAULT PRIVILEGES.
std::vector<std::string> option_names(const PgQuery__AlterDefaultPrivilegesStmt& statement,
                                      std::string_view option) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < statement.n_options; ++i) {
        const auto& given_option = *statement.options[i]->def_elem;
        if (text_of(given_option.defname) != option) continue;
        const auto& list = *given_option.arg->list;
        for (std::size_t n = 0; n < list.n_items; ++n) {
            const auto& item = *list.items[n];
            names.push_back(item.node_case == PG_QUERY__NODE__NODE_ROLE_SPEC
                                ? text_of(item.role_spec->rolename)
                                : string_of(item));
        }
    }
    return names;
}

}  // namespace

GrantedRights rights_of_new_table(const Schema& schema, const std::string& schema_name) {
    for (const std::string& key : {schema_name, std::string()}) {
        const auto found = schema.default_rights.find(key);
        if (found != schema.default_rights.end()) return found->second;
    }
    return initial_rights;
}

Done grant(Builder& builder, const PgQuery__GrantStmt& statement) {
    if (statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION ||
        statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE)
        return grant_execute(builder, statement);
    if (statement.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE) {
        builder.note(
            "GRANT and REVOKE have an effect on tables, views, columns and functions only");
        return {};
    }
    if (statement.is_grant == 0 && statement.grant_option != 0) {
        builder.note("GRANT OPTION has no effect: only migrations grant");
        return {};
    }
    auto privileges = privileges_of(statement);
    if (!privileges) return std::unexpected(privileges.error());
    const Grantees grantees(builder, statement);
    return statement.targtype == PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_ALL_IN_SCHEMA
               ? change_schema(builder, grantees, *privileges, statement)
               : change_named(builder, grantees, *privileges, statement);
}

Done alter_default_privileges(Builder& builder,
                              const PgQuery__AlterDefaultPrivilegesStmt& statement) {
    const PgQuery__GrantStmt& action = *statement.action;
    if (action.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE) {
        builder.note("ALTER DEFAULT PRIVILEGES has an effect on tables only");
        return {};
    }
    for (const std::string& role : option_names(statement, "roles")) {
        if (role == "postgres") continue;
        builder.note(
            fmt::format("ALTER DEFAULT PRIVILEGES for what \"{}\" makes has no effect: "
                        "tables are made by postgres",
                        role));
        return {};
    }
    auto privileges = privileges_of(action);
    if (!privileges) return std::unexpected(privileges.error());
    const Grantees grantees(builder, action);
    auto& defaults = builder.schema.default_rights;
    std::vector<std::string> schemas = option_names(statement, "schemas");
    if (schemas.empty()) {  // every schema
        schemas.emplace_back();
        for (const auto& [name, granted] : defaults) {
            if (!name.empty()) schemas.push_back(name);
        }
    }
    for (const std::string& name : schemas) {
        const GrantedRights before = rights_of_new_table(builder.schema, name);
        grantees.change(defaults.try_emplace(name, before).first->second, privileges->table);
    }
    return {};
}

}  // namespace dunlin::sql
