#include "sql/plpgsql_parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "sql/plpgsql_body_parser.h"

namespace dunlin::sql::plpgsql {

namespace {

using Kind = Statement::Kind;

/// What is refused by its first word.
struct Foreign {
    std::string_view word;
    std::string_view what;
    std::string_view remedy;
};

constexpr std::string_view one_statement =
    "Write one SQL statement that does it for all rows: INSERT … SELECT, UPDATE … FROM.";
constexpr std::string_view no_cursor = "Use SELECT … INTO, or one statement for all rows.";

constexpr Foreign foreign[] = {
    {"loop", "a loop", one_statement},
    {"while", "a loop", one_statement},
    {"for", "a loop", one_statement},
    {"foreach", "a loop", one_statement},
    {"exit", "EXIT", one_statement},
    {"continue", "CONTINUE", one_statement},
    {"execute", "EXECUTE of a text", fixed_text},
    {"open", "a cursor", no_cursor},
    {"fetch", "a cursor", no_cursor},
    {"move", "a cursor", no_cursor},
    {"close", "a cursor", no_cursor},
    {"get", "GET DIAGNOSTICS", "Use FOUND, or RETURNING … INTO."},
    {"assert", "ASSERT", "Use IF and RAISE EXCEPTION."},
    {"call", "CALL", "Use PERFORM and a function."},
    {"commit", "COMMIT in a function", "A request is one transaction; leave it out."},
    {"rollback", "ROLLBACK in a function", "Use RAISE EXCEPTION."},
};

}  // namespace

std::unexpected<Refusal> not_in_routine(int offset, std::string_view what,
                                        std::string_view remedy) {
    return not_carried(offset, std::string(what), std::string(remedy));
}

Parsed<Statement> BodyParser::body() {
    auto outer = block();
    if (!outer) return outer;
    in_.take(";");
    if (!in_.at_end()) return in_.unexpected();
    return outer;
}

bool BodyParser::at_block() const {
    return in_.at("declare") || in_.at("begin") || in_.at("<<");
}

Parsed<std::string> BodyParser::label() {
    if (!in_.take("<<")) return "";
    auto name = in_.name();
    if (!name) return name;
    if (auto closed = in_.expect(">>"); !closed) return std::unexpected(closed.error());
    return name;
}

Parsed<Statement> BodyParser::block() {
    Statement made{.kind = Kind::Block, .offset = in_.peek().from};
    auto named = label();
    if (!named) return std::unexpected(named.error());
    made.label = std::move(*named);
    for (const Foreign& word : foreign) {  // <<label>> LOOP
        if (in_.at(word.word)) return not_in_routine(in_.peek().from, word.what, word.remedy);
    }
    if (in_.take("declare")) {
        while (!in_.at("begin") && !in_.at_end()) {
            if (in_.take("declare")) continue;
            auto declared = declaration();
            if (!declared) return std::unexpected(declared.error());
            made.declarations.push_back(std::move(*declared));
        }
    }
    if (auto begun = in_.expect("begin"); !begun) return std::unexpected(begun.error());
    auto body = statements({"end", "exception"});
    if (!body) return std::unexpected(body.error());
    made.body = std::move(*body);
    if (in_.at("exception")) {
        return not_carried(in_.peek().from, "an EXCEPTION block",
                           "Test before with IF, or use ON CONFLICT.");
    }
    if (auto ended = in_.expect("end"); !ended) return std::unexpected(ended.error());
    if (!in_.at(";") && !in_.at_end()) {
        auto repeated = in_.name();
        if (!repeated) return std::unexpected(repeated.error());
    }
    return made;
}

Parsed<void> BodyParser::declared_type(Declaration& declared) {
    const int from = in_.peek().from;
    if (in_.at("record") && in_.peek(1).kind == SqlToken::Kind::Symbol) {
        in_.next();
        declared.kind = Declaration::Kind::Record;
        return {};
    }
    int to = from;
    while (!in_.at_end() && !in_.at(";") && !in_.at(":=") && !in_.at("=") && !in_.at("default") &&
           !in_.at("not") && !in_.at("collate")) {
        const bool row = in_.peek(1).is("rowtype");
        if (in_.at("%") && (row || in_.peek(1).is("type"))) {
            declared.kind = row ? Declaration::Kind::RowType : Declaration::Kind::ColumnType;
            in_.next();
            in_.next();
            if (in_.at("[")) return in_.unexpected();
            continue;
        }
        const SqlToken token = in_.next();
        to = token.to;
        if (token.kind == SqlToken::Kind::Word || token.kind == SqlToken::Kind::QuotedWord)
            declared.names.push_back(token.text);
    }
    if (to == from) return in_.unexpected();
    declared.type = in_.between(from, to);
    return {};
}

Parsed<Declaration> BodyParser::declaration() {
    Declaration declared{.offset = in_.peek().from};
    auto name = in_.name();
    if (!name) return std::unexpected(name.error());
    declared.name = std::move(*name);
    if (in_.at("alias") && in_.peek(1).is("for")) {
        in_.next();
        in_.next();
        declared.kind = Declaration::Kind::Alias;
        declared.names.push_back(in_.next().text);
    } else {
        declared.constant = in_.take("constant");
        if (in_.at("cursor") || in_.at("refcursor") || in_.at("no") || in_.at("scroll"))
            return not_in_routine(declared.offset, "a cursor", no_cursor);
        if (auto typed = declared_type(declared); !typed) return std::unexpected(typed.error());
        if (in_.at("collate"))
            return not_carried(in_.peek().from, "COLLATE of a variable", "Leave it out.");
        if (in_.take("not")) {
            if (auto done = in_.expect("null"); !done) return std::unexpected(done.error());
            declared.not_null = true;
        }
        if (in_.take(":=") || in_.take("=") || in_.take("default")) {
            auto value = in_.until({";"});
            if (!value) return std::unexpected(value.error());
            declared.value = std::move(*value);
        }
    }
    if (auto ended = in_.expect(";"); !ended) return std::unexpected(ended.error());
    return declared;
}

Parsed<Statements> BodyParser::statements(std::initializer_list<std::string_view> ends) {
    Statements made;
    const auto ended = [&] {
        return std::ranges::any_of(ends, [&](std::string_view end) { return in_.at(end); });
    };
    while (!in_.at_end() && !ended()) {
        auto one = statement();
        if (!one) return std::unexpected(one.error());
        if (auto closed = in_.expect(";"); !closed) return std::unexpected(closed.error());
        made.push_back(std::move(*one));
    }
    return made;
}

bool BodyParser::is_assignment() const {
    std::size_t i = 0;
    const auto kind = [&] { return in_.peek(i).kind; };
    while (kind() == SqlToken::Kind::Word || kind() == SqlToken::Kind::QuotedWord) {
        ++i;
        if (!in_.peek(i).is(".")) break;
        ++i;
    }
    if (i == 0 && kind() != SqlToken::Kind::Parameter) return false;
    return in_.peek(i).is(":=") || in_.peek(i).is("=") || in_.peek(i).is("[") ||
           (i == 0 && in_.peek(1).is(":="));
}

Parsed<Statement> BodyParser::statement() {
    if (++depth_ > limits::expression_depth_max) {
        return refuse(in_.peek().from, "54001", "stack depth limit exceeded",
                      fmt::format("Nest at most {} levels.", limits::expression_depth_max));
    }
    Statement made{.offset = in_.peek().from};
    Parsed<Statement> done = is_assignment() ? assignment(std::move(made))
                             : at_block()    ? block()
                                             : plain_statement(std::move(made));
    --depth_;
    return done;
}

Parsed<Statement> BodyParser::plain_statement(Statement made) {
    for (const Foreign& word : foreign) {
        if (in_.at(word.word)) return not_in_routine(made.offset, word.what, word.remedy);
    }
    if (in_.take("if")) return if_statement(std::move(made));
    if (in_.take("case")) return case_statement(std::move(made));
    if (in_.take("raise")) return raise(std::move(made));
    if (in_.take("return")) return returning(std::move(made));
    if (in_.take("null")) return made;
    if (in_.at("perform")) {
        const SqlToken word = in_.next();
        made.kind = Kind::Perform;
        auto rest = in_.until({";"});
        if (!rest) return std::unexpected(rest.error());
        // PERFORM and SELECT with a blank are as long, so that places stay.
        const auto gap = static_cast<std::size_t>(rest->offset - word.to);
        made.fragment = Fragment{"select " + std::string(gap, ' ') + rest->text, word.from};
        return made;
    }
    return sql(std::move(made));
}

Parsed<Statement> BodyParser::if_statement(Statement made) {
    made.kind = Kind::If;
    for (bool more = true; more;) {
        auto condition = in_.until({"then"});
        if (!condition) return std::unexpected(condition.error());
        in_.next();
        auto body = statements({"elsif", "elseif", "else", "end"});
        if (!body) return std::unexpected(body.error());
        made.branches.push_back({std::move(*condition), std::move(*body)});
        more = in_.take("elsif") || in_.take("elseif");
    }
    if (in_.take("else")) {
        auto body = statements({"end"});
        if (!body) return std::unexpected(body.error());
        made.branches.push_back({std::nullopt, std::move(*body)});
    }
    for (const std::string_view word : {"end", "if"}) {
        if (auto ended = in_.expect(word); !ended) return std::unexpected(ended.error());
    }
    return made;
}

Parsed<Statement> BodyParser::case_statement(Statement made) {
    made.kind = Kind::Case;
    if (!in_.at("when")) {
        auto subject = in_.until({"when"});
        if (!subject) return std::unexpected(subject.error());
        made.fragment = std::move(*subject);
    }
    while (in_.take("when")) {
        auto condition = in_.until({"then"});
        if (!condition) return std::unexpected(condition.error());
        in_.next();
        auto body = statements({"when", "else", "end"});
        if (!body) return std::unexpected(body.error());
        made.branches.push_back({std::move(*condition), std::move(*body)});
    }
    if (in_.take("else")) {
        auto body = statements({"end"});
        if (!body) return std::unexpected(body.error());
        made.branches.push_back({std::nullopt, std::move(*body)});
    }
    for (const std::string_view word : {"end", "case"}) {
        if (auto ended = in_.expect(word); !ended) return std::unexpected(ended.error());
    }
    return made;
}

Parsed<Statement> parse_body(std::string_view body) {
    auto tokens = scan(body);
    if (!tokens) return std::unexpected(tokens.error());
    return BodyParser(Cursor(body, std::move(*tokens))).body();
}

}  // namespace dunlin::sql::plpgsql
