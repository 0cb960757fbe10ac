#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>

#include "sql/ddl_table.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

Parsed<Query> view_query(const Schema& schema, const Table& view) {
    const auto tree = parse(view.view_text);
    if (!tree) return refuse(-1, tree.error().error);
    auto query = analyze_query(schema, *tree->statements()[0]->stmt->select_stmt);
    if (!query) return refuse(-1, query.error().error);
    return query;
}

bool is_true(const PgQuery__DefElem& option) {
    if (option.arg == nullptr) return true;
    std::string value = string_of(*option.arg);
    if (option.arg->node_case == PG_QUERY__NODE__NODE_BOOLEAN)
        return option.arg->boolean->boolval != 0;
    if (option.arg->node_case == PG_QUERY__NODE__NODE_INTEGER)
        return option.arg->integer->ival != 0;
    return value == "true" || value == "on" || value == "yes" || value == "1";
}

/// A SELECT whose `*` is written out, so that the view keeps its columns when its tables get more.
class WrittenOut {
public:
    WrittenOut(const PgQuery__SelectStmt& select, const Query& query) : select_(select) {
        std::size_t at = 0;
        for (std::size_t i = 0; i < select.n_target_list; ++i) {
            const auto& value = *select.target_list[i]->res_target->val;
            if (!is_star(value)) {
                targets_.push_back(select.target_list[i]);
                ++at;
                continue;
            }
            const auto& fields = *value.column_ref;
            const std::string qualifier = dotted_name(fields.fields, fields.n_fields);
            for (const Relation& relation : query.relations) {
                if (!qualifier.empty() && relation.alias != qualifier) continue;
                for (std::size_t c = 0; c < relation.table->columns.size(); ++c) {
                    if (relation.table->columns[c].hidden) continue;
                    const bool twice = qualifier.empty() && std::ranges::find(relation.merged, c) !=
                                                                relation.merged.end();
                    if (!twice) add(relation.alias, query.targets[at++].name);
                }
            }
        }
        select_.target_list = targets_.data();
        select_.n_target_list = targets_.size();
    }

    std::string text() {
        PgQuery__Node node = PG_QUERY__NODE__INIT;
        node.node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
        node.select_stmt = &select_;
        return deparse_statement(node);
    }

private:
    struct Column {
        std::string names[2];
        PgQuery__String strings[2] = {PG_QUERY__STRING__INIT, PG_QUERY__STRING__INIT};
        PgQuery__Node fields[2] = {PG_QUERY__NODE__INIT, PG_QUERY__NODE__INIT};
        PgQuery__Node* list[2] = {&fields[0], &fields[1]};
        PgQuery__ColumnRef reference = PG_QUERY__COLUMN_REF__INIT;
        PgQuery__Node value = PG_QUERY__NODE__INIT;
        PgQuery__ResTarget target = PG_QUERY__RES_TARGET__INIT;
        PgQuery__Node node = PG_QUERY__NODE__INIT;
    };

    static bool is_star(const PgQuery__Node& value) {
        if (value.node_case != PG_QUERY__NODE__NODE_COLUMN_REF) return false;
        const auto& reference = *value.column_ref;
        return reference.fields[reference.n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
    }

    void add(const std::string& alias, const std::string& name) {
        Column& column = columns_.emplace_back();
        column.names[0] = alias;
        column.names[1] = name;
        for (const std::size_t i : {0, 1}) {
            column.strings[i].sval = column.names[i].data();
            column.fields[i].node_case = PG_QUERY__NODE__NODE_STRING;
            column.fields[i].string = &column.strings[i];
        }
        column.reference.n_fields = 2;
        column.reference.fields = column.list;
        column.value.node_case = PG_QUERY__NODE__NODE_COLUMN_REF;
        column.value.column_ref = &column.reference;
        column.target.val = &column.value;
        column.node.node_case = PG_QUERY__NODE__NODE_RES_TARGET;
        column.node.res_target = &column.target;
        targets_.push_back(&column.node);
    }

    PgQuery__SelectStmt select_;
    std::vector<PgQuery__Node*> targets_;
    std::deque<Column> columns_;  // never moves what is in it: the nodes point into it
};

/// A column that is shown as it is leads to its table, also through other views.
void set_base(const Query& query, const Expression& shown, Column& column) {
    if (shown.kind != Expression::Kind::Column || shown.depth != 0) return;
    const Relation& relation = query.relations[static_cast<std::size_t>(shown.relation)];
    if (relation.described != nullptr) return;
    const Table& table = *relation.table;
    const Column& origin = table.columns[shown.column];
    const bool through_view = table.kind == RelationKind::View;
    column.base_table = through_view ? origin.base_table : table.storage_name();
    column.base_column = through_view ? origin.base_column : origin.name;
}

/// A `*` in an arm of UNION is not written out, so it would grow with its table.
bool has_star_in_arm(const PgQuery__SelectStmt& select) {
    if (select.op != PG_QUERY__SET_OPERATION__SETOP_NONE)
        return has_star_in_arm(*select.larg) || has_star_in_arm(*select.rarg);
    for (std::size_t i = 0; i < select.n_target_list; ++i) {
        const auto& value = *select.target_list[i]->res_target->val;
        const auto* reference =
            value.node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? value.column_ref : nullptr;
        if (reference != nullptr &&
            reference->fields[reference->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR)
            return true;
    }
    return false;
}

Done set_columns(const PgQuery__ViewStmt& statement, const Query& query, Table& view) {
    for (std::size_t i = 0; i < query.targets.size(); ++i) {
        const bool renamed = i < statement.n_aliases;
        const Expression& shown = query.targets[i].expression;
        Column column{.name = renamed ? string_of(*statement.aliases[i]) : query.targets[i].name,
                      .type = shown.type};
        set_base(query, shown, column);
        if (view.find_column(column.name)) {
            return refuse(statement.view->location, "42701",
                          fmt::format("column \"{}\" specified more than once", column.name));
        }
        view.columns.push_back(std::move(column));
    }
    return {};
}

}  // namespace

Done set_view_options(PgQuery__Node* const* options, std::size_t count, int offset, Table& view) {
    for (std::size_t i = 0; i < count; ++i) {
        const auto& option = *options[i]->def_elem;
        const std::string name = text_of(option.defname);
        if (name == "security_invoker")
            view.security_invoker = is_true(option);
        else if (name != "security_barrier")
            return not_carried(offset, "view option " + name, "Leave it out.");
    }
    return {};
}

Done refresh_view(const Schema& schema, Table& view) {
    auto query = view_query(schema, view);
    if (!query) return std::unexpected(query.error());
    for (std::size_t i = 0; i < view.columns.size() && i < query->targets.size(); ++i) {
        view.columns[i].type = query->targets[i].expression.type;
    }
    return {};
}

Parsed<std::string> create_view_text(const Schema& schema, const Table& view) {
    auto query = view_query(schema, view);
    if (!query) return std::unexpected(query.error());
    std::vector<std::size_t> all(view.columns.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    return fmt::format("CREATE VIEW {} ({}) AS {}", quote_identifier(view.storage_name()),
                       quoted_columns(view, all), sqlite_text(*query, {.kept = true}));
}

Done create_view(Builder& builder, const PgQuery__ViewStmt& statement) {
    const RelationName name = relation_name(*statement.view);
    const int at = statement.view->location;
    if (text_of(statement.view->relpersistence) == "t") {
        return not_carried(at, "a temporary view", "Use an ordinary view.");
    }
    const PgQuery__SelectStmt& select = *statement.query->select_stmt;
    if (select.op != PG_QUERY__SET_OPERATION__SETOP_NONE && has_star_in_arm(select))
        return not_carried(at, "* in a combined query of a view", "Name the columns.");
    auto query = analyze_query(builder.schema, select);
    if (!query) return std::unexpected(query.error());
    const auto old = builder.schema.tables.find(name);
    const bool replaces = statement.replace != 0 && old != builder.schema.tables.end() &&
                          old->second.kind == RelationKind::View;
    if (!replaces) {
        if (auto free = require_free_name(builder, name, at); !free) return free;
    }
    Table view{.schema = name.first, .name = name.second, .kind = RelationKind::View};
    view.granted = rights_of_new_table(builder.schema, name.first);
    view.view_text = WrittenOut(*statement.query->select_stmt, *query).text();
    if (statement.with_check_option > PG_QUERY__VIEW_CHECK_OPTION__NO_CHECK_OPTION) {
        return not_carried(at, "WITH CHECK OPTION",
                           "Views are read only; check in a policy of the table.");
    }
    if (auto done = set_view_options(statement.options, statement.n_options, at, view); !done)
        return done;
    if (auto done = set_columns(statement, *query, view); !done) return done;
    std::vector<RelationName> above;
    if (replaces) {
        if (mentions(view.view_text, name.second)) {
            return refuse(at, "42P17",
                          fmt::format("view \"{}\" cannot refer to itself", shown_name(name)));
        }
        const auto& before = old->second.columns;
        for (std::size_t i = 0; i < before.size(); ++i) {
            const bool same = i < view.columns.size() && before[i].name == view.columns[i].name &&
                              before[i].type == view.columns[i].type;
            if (!same)
                return refuse(at, "42P16",
                              fmt::format("cannot drop or change column \"{}\" of view \"{}\"",
                                          before[i].name, name.second),
                              "Use DROP VIEW first.");
        }
        above = drop_views_over(builder, name);
        builder.run("DROP VIEW " + quote_identifier(view.storage_name()));
        view.comment = old->second.comment;
        view.granted = old->second.granted;
        for (std::size_t i = 0; i < before.size(); ++i) view.columns[i].granted = before[i].granted;
    }
    auto text = create_view_text(builder.schema, view);
    if (!text) return std::unexpected(text.error());
    builder.run(std::move(*text));
    builder.schema.tables.insert_or_assign(name, std::move(view));
    return restore_views(builder, std::move(above));
}

std::vector<RelationName> drop_views_over(Builder& builder, const RelationName& name) {
    std::set<RelationName> below = {name};
    std::vector<RelationName> views;
    for (bool grew = true; grew;) {
        grew = false;
        for (const auto& [key, view] : builder.schema.tables) {
            if (view.kind != RelationKind::View || below.contains(key)) continue;
            const bool over = std::ranges::any_of(below, [&](const RelationName& other) {
                return mentions(view.view_text, other.second);
            });
            if (!over) continue;
            below.insert(key);
            views.push_back(key);
            grew = true;
        }
    }
    for (const RelationName& view : views)
        builder.run("DROP VIEW " + quote_identifier(storage_name(view)));
    return views;
}

Done restore_views(Builder& builder, std::vector<RelationName> views) {
    // A view comes after those it reads. Names only suggest that it reads one, so that two views
    // may seem to read each other: then any order does, because SQLite looks names up when a view
    // is used.
    while (!views.empty()) {
        const auto ready = std::ranges::find_if(views, [&](const RelationName& name) {
            const std::string& text = builder.schema.tables.at(name).view_text;
            return std::ranges::none_of(views, [&](const RelationName& other) {
                return other != name && mentions(text, other.second);
            });
        });
        const auto next = ready == views.end() ? views.begin() : ready;
        auto text = create_view_text(builder.schema, builder.schema.tables.at(*next));
        if (!text) return broken_view(*next, text.error().error);
        builder.run(std::move(*text));
        views.erase(next);
    }
    return {};
}

}  // namespace dunlin::sql
