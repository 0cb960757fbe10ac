#include "sql/migration.h"

#include <fmt/format.h>

#include <utility>

#include "sql/ddl.h"
#include "sql/ddl_mirror.h"

namespace dunlin::sql {

namespace {

std::size_t after_comment(std::string_view text, std::size_t at) {
    if (text.substr(at, 2) == "--") return std::min(text.find('\n', at), text.size());
    int depth = 0;  // PostgreSQL's comments nest.
    while (at < text.size()) {
        const auto pair = text.substr(at, 2);
        if (pair == "/*") ++depth;
        if (pair == "*/") --depth;
        at += pair == "/*" || pair == "*/" ? 2 : 1;
        if (depth == 0) return at;
    }
    return at;
}

/// Where the first token of a statement is: libpg_query counts the blanks before it in.
int first_token(std::string_view text, int from) {
    auto at = static_cast<std::size_t>(from);
    while (at < text.size()) {
        const auto pair = text.substr(at, 2);
        if (pair == "--" || pair == "/*")
            at = after_comment(text, at);
        else if (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r' ||
                 text[at] == ';')
            ++at;
        else
            break;
    }
    return static_cast<int>(at);
}

std::string place_text(std::string_view text, int offset, std::string_view file_name) {
    const LineColumn place = line_column(text, offset);
    return fmt::format("{}:{}:{}", file_name, place.line, place.column);
}

Error placed(Error error, std::string_view text, int offset, std::string_view file_name) {
    error.message = fmt::format("{}: {}", place_text(text, offset, file_name), error.message);
    if (error.sqlstate == "0A000" && error.hint.empty()) {
        error.hint = "See docs/guide/sql.md for what migrations may use.";
    }
    return error;
}

/// Accepted, and nothing to do: what they say of rights, sessions and servers is not kept here.
std::string_view noted(const PgQuery__Node& node) {
    switch (node.node_case) {
        case PG_QUERY__NODE__NODE_GRANT_ROLE_STMT:
            return "GRANT and REVOKE of roles have no effect";
        case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
            return "SET has no effect";
        case PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT:
            return "CREATE EXTENSION has no effect";
        case PG_QUERY__NODE__NODE_CREATE_PUBLICATION_STMT:
        case PG_QUERY__NODE__NODE_ALTER_PUBLICATION_STMT:
            return "publications have no effect: every table is live";
        case PG_QUERY__NODE__NODE_ALTER_OWNER_STMT:
            return "OWNER has no effect";
        case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT:
            return "CREATE SCHEMA has no effect: a schema is part of a name";
        case PG_QUERY__NODE__NODE_NOTIFY_STMT:
            return "NOTIFY has no effect: the API sees every migration at once";
        case PG_QUERY__NODE__NODE_LOCK_STMT:
            return "LOCK has no effect: a migration is alone on the database";
        case PG_QUERY__NODE__NODE_TRANSACTION_STMT: {
            const auto kind = node.transaction_stmt->kind;
            const bool edge = kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN ||
                              kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START ||
                              kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT;
            return edge ? "BEGIN and COMMIT have no effect: a migration is one transaction" : "";
        }
        case PG_QUERY__NODE__NODE_SELECT_STMT: {
            // pg_dump writes: SELECT pg_catalog.set_config('search_path', '', false);
            const auto& select = *node.select_stmt;
            if (select.n_target_list != 1 || select.n_from_clause > 0) return "";
            const auto* value = select.target_list[0]->res_target->val;
            if (value == nullptr || value->node_case != PG_QUERY__NODE__NODE_FUNC_CALL) return "";
            const std::string name =
                dotted_name(value->func_call->funcname, value->func_call->n_funcname);
            return name.ends_with("set_config") ? "set_config has no effect" : "";
        }
        default:
            return "";
    }
}

/// What is refused by name, with what to do instead.
Done refuse_statement(const PgQuery__Node& node) {
    switch (node.node_case) {
        case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
            return not_carried(-1, "CREATE FUNCTION",
                               "Write the expression where it is used, or a server function.");
        case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
            return not_carried(
                -1, "CREATE TRIGGER",
                "Use a default, a generated column or ON DELETE CASCADE, or a server function.");
        case PG_QUERY__NODE__NODE_DO_STMT:
            return not_carried(-1, "DO", "Write the statements without a block.");
        case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
        case PG_QUERY__NODE__NODE_ALTER_SEQ_STMT:
            return not_carried(-1, "a sequence",
                               "Use bigint generated by default as identity primary key.");
        case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
            return not_carried(-1, "CREATE TABLE AS or a materialized view",
                               "Use a view, or CREATE TABLE and INSERT … SELECT.");
        case PG_QUERY__NODE__NODE_SELECT_STMT:
            return not_carried(-1, "a SELECT without effect", "Leave it out.");
        case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
            return not_carried(-1, "ROLLBACK or a savepoint",
                               "A migration is one transaction; leave it out.");
        case PG_QUERY__NODE__NODE_RULE_STMT:
            return not_carried(-1, "CREATE RULE", "Use a view or a policy.");
        case PG_QUERY__NODE__NODE_CREATE_ROLE_STMT:
            return not_carried(-1, "CREATE ROLE",
                               "The roles are anon, authenticated and service_role.");
        case PG_QUERY__NODE__NODE_COPY_STMT:
            return not_carried(-1, "COPY", "Use INSERT … VALUES.");
        case PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT:
            return not_carried(-1, "a composite type", "Use a table, or a jsonb column.");
        default:
            return not_carried(-1, "this statement",
                               "See docs/guide/sql.md for what migrations may use.");
    }
}

Done apply(Builder& builder, const PgQuery__Node& node) {
    switch (node.node_case) {
        case PG_QUERY__NODE__NODE_CREATE_STMT:
            return create_table(builder, *node.create_stmt);
        case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
            return alter_table(builder, *node.alter_table_stmt);
        case PG_QUERY__NODE__NODE_RENAME_STMT:
            return rename(builder, *node.rename_stmt);
        case PG_QUERY__NODE__NODE_DROP_STMT:
            return drop(builder, *node.drop_stmt);
        case PG_QUERY__NODE__NODE_INDEX_STMT:
            return create_index(builder, *node.index_stmt);
        case PG_QUERY__NODE__NODE_VIEW_STMT:
            return create_view(builder, *node.view_stmt);
        case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT:
            return create_enum(builder, *node.create_enum_stmt);
        case PG_QUERY__NODE__NODE_ALTER_ENUM_STMT:
            return alter_enum(builder, *node.alter_enum_stmt);
        case PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT:
            return create_domain(builder, *node.create_domain_stmt);
        case PG_QUERY__NODE__NODE_CREATE_POLICY_STMT:
            return create_policy(builder, *node.create_policy_stmt);
        case PG_QUERY__NODE__NODE_ALTER_POLICY_STMT:
            return alter_policy(builder, *node.alter_policy_stmt);
        case PG_QUERY__NODE__NODE_GRANT_STMT:
            return grant(builder, *node.grant_stmt);
        case PG_QUERY__NODE__NODE_ALTER_DEFAULT_PRIVILEGES_STMT:
            return alter_default_privileges(builder, *node.alter_default_privileges_stmt);
        case PG_QUERY__NODE__NODE_COMMENT_STMT:
            return comment(builder, *node.comment_stmt);
        case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
            return truncate(builder, *node.truncate_stmt);
        default:
            break;
    }
    const std::string_view note = noted(node);
    if (note.empty()) return refuse_statement(node);
    builder.note(std::string(note));
    return {};
}

/// pg_dump makes a column an identity first and the primary key later, so this waits for the end.
Done require_numbered_keys(const Builder& builder) {
    for (const auto& [name, table] : builder.schema.tables) {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            const bool numbered = table.columns[i].identity != IdentityColumn::None;
            if (!numbered || table.primary_key.columns == std::vector<std::size_t>{i}) continue;
            const auto found = builder.changed.find(name);
            return not_carried(found == builder.changed.end() ? builder.offset : found->second,
                               fmt::format("the numbered column \"{}\" outside of the primary key",
                                           table.columns[i].name),
                               "Make the serial or identity column the primary key, or fill it in "
                               "the application.");
        }
    }
    return {};
}

/// What the statement at work has planned.
void take_statements(Builder& builder, MigrationPlan& plan, const std::string& place) {
    const auto statements = std::exchange(builder.statements, {});
    const auto data = std::exchange(builder.data, {});
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const auto found = data.find(i);
        plan.statements.push_back(
            {statements[i], place, found == data.end() ? nullptr : found->second});
    }
}

bool writes_rows(const PgQuery__Node& node) {
    return node.node_case == PG_QUERY__NODE__NODE_INSERT_STMT ||
           node.node_case == PG_QUERY__NODE__NODE_UPDATE_STMT ||
           node.node_case == PG_QUERY__NODE__NODE_DELETE_STMT;
}

Done apply_data(Builder& builder, const PgQuery__Node& node) {
    if (auto alone = require_no_followers(builder, node); !alone) return alone;
    if (fires_triggers(builder, node)) return run_with_triggers(builder, node);
    if (node.node_case == PG_QUERY__NODE__NODE_INSERT_STMT)
        return insert_rows(builder, *node.insert_stmt);
    if (node.node_case == PG_QUERY__NODE__NODE_UPDATE_STMT)
        return update_rows(builder, *node.update_stmt);
    return delete_rows(builder, *node.delete_stmt);
}

/// One statement, and what the schema needs after it.
Done apply_all(Builder& builder, const PgQuery__Node& node) {
    if (writes_rows(node)) return apply_data(builder, node);
    builder.snapshot = nullptr;
    if (auto done = apply(builder, node); !done) return done;
    return sync_mirrors(builder);
}

}  // namespace

Result<MigrationPlan> plan_migration(const Schema& before, std::string_view text,
                                     std::string_view file_name) {
    const auto tree = parse(text);
    if (!tree)
        return std::unexpected(placed(tree.error().error, text, tree.error().offset, file_name));
    Builder builder{.schema = before, .statements = {}, .notes = {}};
    MigrationPlan plan;
    for (const PgQuery__RawStmt* statement : tree->statements()) {
        const int start = first_token(text, statement->stmt_location);
        const std::size_t notes_before = builder.notes.size();
        builder.offset = start;
        if (auto done = apply_all(builder, *statement->stmt); !done) {
            const int offset = done.error().offset < 0 ? start : done.error().offset;
            return std::unexpected(placed(std::move(done.error().error), text, offset, file_name));
        }
        for (std::size_t i = notes_before; i < builder.notes.size(); ++i) {
            builder.notes[i] =
                fmt::format("{}: {}", place_text(text, start, file_name), builder.notes[i]);
        }
        take_statements(builder, plan, place_text(text, start, file_name));
    }
    if (auto done = require_numbered_keys(builder); !done) {
        return std::unexpected(
            placed(std::move(done.error().error), text, done.error().offset, file_name));
    }
    plan.schema = std::move(builder.schema);
    plan.notes = std::move(builder.notes);
    return plan;
}

}  // namespace dunlin::sql
