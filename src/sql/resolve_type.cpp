#include <fmt/format.h>

#include "sql/analyzer.h"

namespace dunlin::sql {

namespace {

int modifier(const PgQuery__TypeName& name, std::size_t index) {
    if (index >= name.n_typmods || name.typmods[index]->node_case != PG_QUERY__NODE__NODE_A_CONST)
        return -1;
    const auto& constant = *name.typmods[index]->a_const;
    return constant.val_case == PG_QUERY__A__CONST__VAL_IVAL ? constant.ival->ival : -1;
}

/// Names of types with a meaning that SQLite cannot keep.
constexpr std::string_view foreign_types[] = {
    "vector",        "money",          "xml",          "point",          "line",
    "box",           "circle",         "polygon",      "path",           "geometry",
    "hstore",        "timetz",         "bit",          "varbit",         "oid",
    "geography",     "ltree",          "macaddr8",     "int4multirange", "int8multirange",
    "nummultirange", "datemultirange", "tsmultirange", "tstzmultirange", "pg_lsn",
    "name",          "regclass",       "regtype",      "regproc",        "regrole",
    "regnamespace",  "cube",           "jsonpath"};

}  // namespace

Parsed<Type> Analyzer::type(const PgQuery__TypeName& name) {
    std::string text = dotted_name(name.names, name.n_names);
    for (const std::string_view prefix : {"pg_catalog.", "public.", "extensions."}) {
        if (text.starts_with(prefix)) text.erase(0, prefix.size());
    }
    Type type;
    type.array = name.n_array_bounds > 0;
    if (name.n_array_bounds > 1)
        return not_carried(name.location, "an array of arrays", "Use jsonb.");
    const auto dot = text.find('.');
    const auto key = std::pair(dot == text.npos ? std::string("public") : text.substr(0, dot),
                               dot == text.npos ? text : text.substr(dot + 1));
    if (const auto found = schema_.enums.find(key); found != schema_.enums.end()) {
        type.kind = TypeKind::Enum;
        type.enum_name =
            key.first == "public" ? found->second.name : key.first + "." + found->second.name;
        type.labels = found->second.labels;
        return type;
    }
    if (const auto found = schema_.domains.find(key); found != schema_.domains.end()) {
        Type base = found->second.base;
        base.array = base.array || type.array;
        return base;
    }
    if (text == "regconfig") text = "text";  // the name of a search configuration
    for (const std::string_view foreign : foreign_types) {
        if (text == foreign) {
            return not_carried(name.location, fmt::format("type \"{}\"", text),
                               "Use text or jsonb for this column.");
        }
    }
    if (!type_kind_from_name(text, type.kind)) {
        return refuse(name.location, "42704", fmt::format("type \"{}\" does not exist", text),
                      "Create the enum or domain before it is used; docs/guide/sql.md lists the "
                      "other types.");
    }
    const bool time =
        type.kind == TypeKind::Time || is_instant(type) || type.kind == TypeKind::Interval;
    if (time && name.n_typmods > 0) {
        return not_carried(name.location,
                           fmt::format("a precision or unit of type {}", sql_type_name(type)),
                           "Leave it out: microseconds are kept. An interval has its unit in the "
                           "text: '30 minutes'.");
    }
    if (type.kind == TypeKind::Varchar || type.kind == TypeKind::Char) {
        const int length = modifier(name, 0);
        if (name.n_typmods > 0 && length < 1) {
            return refuse(name.location, "22023",
                          fmt::format("length for type {} must be at least 1", text));
        }
        type.length_max = length > 0 ? length : 0;
        // The parser makes char(1) of char: what is left is bpchar, which has no length.
        if (type.kind == TypeKind::Char && type.length_max == 0) type.kind = TypeKind::Text;
    }
    if (type.kind == TypeKind::Numeric && name.n_typmods > 0) {
        type.precision = modifier(name, 0);
        type.scale = name.n_typmods > 1 ? modifier(name, 1) : 0;
        if (type.precision < 1 || type.precision > 1000 || type.scale < 0) {
            return refuse(name.location, "22023",
                          "NUMERIC precision must be between 1 and 1000, its scale at least 0");
        }
    }
    return type;
}

Parsed<Type> resolve_type(const Schema& schema, const PgQuery__TypeName& name) {
    return Analyzer(schema).type(name);
}

}  // namespace dunlin::sql
