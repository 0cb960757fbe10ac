// PL/pgSQL statements without others inside of them: assignments, SQL, RAISE, RETURN.
#include <algorithm>

#include "sql/plpgsql_body_parser.h"

namespace dunlin::sql::plpgsql {

using Kind = Statement::Kind;

Parsed<Statement> BodyParser::assignment(Statement made) {
    made.kind = Kind::Assign;
    if (in_.peek().kind == SqlToken::Kind::Parameter) {
        made.targets.push_back({{in_.peek().text}, in_.peek().from});
        in_.next();
    } else {
        auto target = in_.target();
        if (!target) return std::unexpected(target.error());
        made.targets.push_back(std::move(*target));
    }
    if (in_.at("[")) {
        return not_carried(in_.peek().from, "assigning to an element",
                           "Assign the whole value, for example with array_append or jsonb_set.");
    }
    in_.next();  // := or =
    auto value = in_.until({";"});
    if (!value) return std::unexpected(value.error());
    made.fragment = std::move(*value);
    return made;
}

Parsed<Statement> BodyParser::raise(Statement made) {
    made.kind = Kind::Raise;
    for (const std::string_view level :
         {"exception", "warning", "notice", "info", "log", "debug"}) {
        if (made.level.empty() && in_.take(level)) made.level = level;
    }
    if (in_.at(";")) {
        if (made.level.empty())
            return not_carried(made.offset, "RAISE alone", "There are no EXCEPTION blocks.");
        return in_.unexpected();
    }
    if (in_.peek().kind == SqlToken::Kind::String) {
        const SqlToken format = in_.next();
        made.format = in_.between(format.from, format.to);
        while (in_.take(",")) {
            auto argument = in_.until({",", ";", "using"});
            if (!argument) return std::unexpected(argument.error());
            made.arguments.push_back(std::move(*argument));
        }
    } else if (in_.take("sqlstate")) {
        made.condition = in_.next().text;
    } else if (!in_.at("using")) {
        auto condition = in_.name();
        if (!condition) return std::unexpected(condition.error());
        made.condition = std::move(*condition);
    }
    if (auto options = raise_options(made); !options) return std::unexpected(options.error());
    if (!in_.at(";")) return in_.unexpected();
    return made;
}

Parsed<void> BodyParser::raise_options(Statement& made) {
    if (!in_.take("using")) return {};
    do {
        auto name = in_.name();
        if (!name) return std::unexpected(name.error());
        if (!in_.take("=") && !in_.take(":=")) return in_.unexpected();
        auto value = in_.until({",", ";"});
        if (!value) return std::unexpected(value.error());
        made.options.push_back({std::move(*name), std::move(*value)});
    } while (in_.take(","));
    return {};
}

Parsed<Statement> BodyParser::returning(Statement made) {
    made.kind = Kind::Return;
    if (in_.take("next")) made.kind = Kind::ReturnNext;
    if (in_.take("query")) {
        made.kind = Kind::ReturnQuery;
        if (in_.at("execute")) return not_in_routine(made.offset, "EXECUTE of a text", fixed_text);
    }
    if (in_.at(";") && made.kind != Kind::ReturnQuery) return made;
    auto value = in_.until({";"});
    if (!value) return std::unexpected(value.error());
    made.fragment = std::move(*value);
    return made;
}

Parsed<void> BodyParser::into(Statement& made) {
    in_.next();  // INTO
    made.strict = in_.take("strict");
    do {
        auto target = in_.target();
        if (!target) return std::unexpected(target.error());
        made.targets.push_back(std::move(*target));
    } while (in_.take(","));
    return {};
}

/// INTO may stand anywhere; without it the statement is plain SQL. It is blanked, so that places
/// stay.
Parsed<Statement> BodyParser::sql(Statement made) {
    made.kind = Kind::Sql;
    const int from = in_.peek().from;
    int into_from = -1, into_to = -1, to = from;
    std::string before;
    for (int open = 0; !in_.at(";");) {
        if (in_.at_end()) return in_.unexpected();
        if (in_.at("into") && open == 0 && before != "insert") {
            if (into_from >= 0)
                return refuse(in_.peek().from, "42601", "INTO specified more than once");
            into_from = in_.peek().from;
            if (auto read = into(made); !read) return std::unexpected(read.error());
            into_to = in_.peek().from;
            continue;
        }
        if (in_.at("(")) ++open;
        if (in_.at(")")) --open;
        const SqlToken token = in_.next();
        before = token.text;
        to = token.to;
    }
    if (to == from) return in_.unexpected();
    Fragment text = in_.between(from, std::max(to, into_to));
    if (into_from >= 0) {
        const auto start = static_cast<std::size_t>(into_from - from);
        const auto size = static_cast<std::size_t>(into_to - into_from);
        text.text.replace(start, size, size, ' ');
    }
    made.fragment = std::move(text);
    return made;
}

}  // namespace dunlin::sql::plpgsql
