// RAISE: level, message with its %, and what USING says.
#include <fmt/format.h>

#include <algorithm>

#include "sql/routine_compiler.h"
#include "sql/sqlstates.h"

namespace dunlin::sql {

namespace {

RoutineNode::Level level_of(std::string_view name) {
    using enum RoutineNode::Level;
    if (name == "debug" || name == "log") return Debug;
    if (name == "info") return Info;
    if (name == "notice") return Notice;
    if (name == "warning") return Warning;
    return Exception;
}

std::size_t placeholders(std::string_view format) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') continue;
        if (i + 1 < format.size() && format[i + 1] == '%')
            ++i;
        else
            ++count;
    }
    return count;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '%' ? "%%" : std::string(1, c);
    return out;
}

}  // namespace

Parsed<void> RoutineCompiler::raise_format(const Statement& statement, RoutineNode& node) {
    auto format = value(*statement.format);
    if (!format) return std::unexpected(format.error());
    if (!format->value.is_text())
        return refuse(statement.format->offset, "42601", "a string was expected");
    node.message = format->value.text();
    const std::size_t wanted = placeholders(node.message);
    if (wanted != statement.arguments.size()) {
        return refuse(statement.offset, "42601",
                      fmt::format("too {} parameters specified for RAISE",
                                  wanted > statement.arguments.size() ? "few" : "many"));
    }
    for (const Fragment& fragment : statement.arguments) {
        if (const auto whole = whole_row(fragment)) {
            return not_carried(fragment.offset, "a whole row in a message",
                               "Name its columns, or use to_jsonb(row).");
        }
        auto argument = value(fragment);
        if (!argument) return std::unexpected(argument.error());
        if (is_unknown(*argument)) argument->name.clear();
        node.arguments.push_back(std::move(*argument));
    }
    return {};
}

Parsed<void> RoutineCompiler::raise_option(const plpgsql::RaiseOption& option, RoutineNode& node) {
    auto given = text(option.value);
    if (!given) return std::unexpected(given.error());
    if (option.name == "detail") {
        node.detail = std::move(*given);
    } else if (option.name == "hint") {
        node.hint = std::move(*given);
    } else if (option.name == "message") {
        if (!node.message.empty())
            return refuse(option.value.offset, "42601", "RAISE option already specified: MESSAGE");
        node.message = "%";
        node.arguments = {std::move(*given)};
    } else if (option.name == "errcode") {
        if (given->kind != Expression::Kind::Literal || !given->value.is_text()) {
            return not_carried(option.value.offset, "an ERRCODE that is computed",
                               "Write it as a literal; use IF for several.");
        }
        auto state = sqlstate_of(given->value.text());
        if (!state) return refuse(option.value.offset, state.error());
        node.sqlstate = std::move(*state);
    } else if (option.name != "column" && option.name != "constraint" &&
               option.name != "datatype" && option.name != "table" && option.name != "schema") {
        return refuse(
            option.value.offset, "42601",
            fmt::format("unrecognized RAISE statement option at or near \"{}\"", option.name));
    }
    return {};
}

Parsed<void> RoutineCompiler::raise(const Statement& statement, RoutineBlock& into) {
    RoutineNode node = node_of(RoutineNode::Kind::Raise, statement);
    node.level = level_of(statement.level);
    if (statement.format) {
        if (auto done = raise_format(statement, node); !done) return done;
    }
    if (!statement.condition.empty()) {
        auto state = sqlstate_of(statement.condition);
        if (!state) return refuse(statement.offset, state.error());
        node.sqlstate = std::move(*state);
    }
    for (const plpgsql::RaiseOption& option : statement.options) {
        if (auto done = raise_option(option, node); !done) return done;
    }
    if (node.message.empty() && !statement.format) {
        node.message = escaped(!statement.condition.empty() ? statement.condition : node.sqlstate);
    }
    into.push_back(std::move(node));
    return {};
}

}  // namespace dunlin::sql
