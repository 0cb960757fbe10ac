// DECLARE: the variables of a block and their first values.
#include <fmt/format.h>

#include "sql/routine_body.h"
#include "sql/routine_compiler.h"

namespace dunlin::sql {

const Table* RoutineCompiler::row_type_of(const plpgsql::Declaration& declared) const {
    const auto& names = declared.names;
    if (names.empty() || names.size() > 2) return nullptr;
    if (declared.kind == plpgsql::Declaration::Kind::Typed &&
        declared.type.text.find_first_of("([") != std::string::npos)
        return nullptr;
    return schema_.find(names.size() == 2 ? names[0] : "public", names.back());
}

/// The type as written, or of the variable or column before %TYPE.
Parsed<Type> RoutineCompiler::type_of(const plpgsql::Declaration& declared) {
    if (declared.kind == plpgsql::Declaration::Kind::ColumnType) {
        const auto& names = declared.names;
        if (const auto known = names_.find(names); known.value != nullptr) return known.value->type;
        const Table* table = names.size() == 2   ? schema_.find("public", names[0])
                             : names.size() == 3 ? schema_.find(names[0], names[1])
                                                 : nullptr;
        if (table == nullptr && names.size() > 1) {
            return refuse(declared.type.offset, "42P01",
                          fmt::format("relation \"{}\" does not exist", names[names.size() - 2]));
        }
        const auto column = table == nullptr ? std::nullopt : table->find_column(names.back());
        if (column) return table->columns[*column].type;
        return refuse(declared.type.offset, "42703",
                      fmt::format("column \"{}\" does not exist", names.back()));
    }
    const plpgsql::Fragment cast{"null::" + declared.type.text, declared.type.offset - 6};
    const auto parsed = parse_value(cast);
    if (!parsed) return std::unexpected(parsed.error());
    const auto* value = bare_value(*parsed->node().select_stmt);
    if (value == nullptr || value->node_case != PG_QUERY__NODE__NODE_TYPE_CAST)
        return refuse(declared.type.offset, "42601", "a type was expected");
    auto type = analyzer_.type(*value->type_cast->type_name);
    if (!type) return moved(type.error(), *parsed, declared.type);
    return type;
}

Parsed<void> RoutineCompiler::declare(const plpgsql::Declaration& declared, RoutineBlock& into) {
    using Kind = plpgsql::Declaration::Kind;
    if (names_.declared_here(declared.name)) {
        return refuse(declared.offset, "42601",
                      fmt::format("duplicate declaration at or near \"{}\"", declared.name));
    }
    if (declared.kind == Kind::Alias) {
        const std::string& of = declared.names.front();
        if (of.starts_with("$")) {
            const auto index = static_cast<std::size_t>(std::atoi(of.c_str() + 1));
            if (index >= 1 && index <= names_.parameters().size()) {
                names_.declare(declared.name, RowOrValue(names_.parameters()[index - 1]));
                return {};
            }
        }
        const auto known = names_.find(declared.names);
        if (known.meaning != nullptr) {
            names_.declare(declared.name, RowOrValue(*known.meaning));
            return {};
        }
        return refuse(declared.offset, "42704", fmt::format("variable \"{}\" does not exist", of));
    }
    if (declared.kind == Kind::Record) {
        if (declared.value)
            return not_carried(declared.offset, "a first value of a record",
                               "Use SELECT … INTO in the body.");
        names_.declare_record(declared.name);
        return {};
    }
    if (declared.kind != Kind::ColumnType) {
        if (const Table* table = row_type_of(declared)) {
            if (declared.value || declared.not_null)
                return not_carried(declared.offset, "a first value of a row",
                                   "Use SELECT … INTO in the body.");
            names_.declare(declared.name, row_slots(declared.name, *table));
            return {};
        }
    }
    if (declared.kind == Kind::RowType) {
        return refuse(declared.type.offset, "42P01",
                      fmt::format("relation \"{}\" does not exist", declared.names.back()));
    }
    return declare_typed(declared, into);
}

Parsed<void> RoutineCompiler::declare_typed(const plpgsql::Declaration& declared,
                                            RoutineBlock& into) {
    auto type = type_of(declared);
    if (!type) return std::unexpected(type.error());
    if (declared.not_null && !declared.value) {
        return refuse(declared.offset, "22004",
                      fmt::format("variable \"{}\" must have a default value, since it's declared "
                                  "NOT NULL",
                                  declared.name));
    }
    std::optional<Expression> first;
    if (declared.value) {  // it may use what the name means outside
        auto given = value_or_call(*declared.value, declared.offset, into);
        if (!given) return std::unexpected(given.error());
        auto typed = assign_variable(std::move(*given), *type);
        if (!typed) return refuse(declared.value->offset, typed.error());
        first = std::move(*typed);
    }
    const Expression variable = slot(declared.name, *type, declared.not_null);
    names_.declare(declared.name, variable);
    if (declared.constant) constants_.emplace(variable.column, declared.name);
    if (!first) return {};
    RoutineNode node{.kind = RoutineNode::Kind::Assign};
    node.line = line_column(function_.body, declared.offset).line;
    node.slots = {variable.column};
    node.expression = std::move(first);
    into.push_back(std::move(node));
    return {};
}

}  // namespace dunlin::sql
