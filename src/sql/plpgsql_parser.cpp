#include "sql/plpgsql_parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "sql/plpgsql_cursor.h"

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
constexpr std::string_view fixed_text =
    "Write the statement itself; names of tables and columns have to be known.";
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

std::unexpected<Refusal> not_in_routine(int offset, std::string_view what,
                                        std::string_view remedy) {
    return not_carried(offset, std::string(what), std::string(remedy));
}

class Parser {
public:
    explicit Parser(Cursor cursor) : in_(std::move(cursor)) {}

    Parsed<Statement> body();

private:
    Parsed<Statement> block();
    Parsed<Declaration> declaration();
    Parsed<void> declared_type(Declaration& declared);
    Parsed<Statements> statements(std::initializer_list<std::string_view> ends);
    Parsed<Statement> statement();
    Parsed<Statement> plain_statement(Statement made);
    Parsed<Statement> if_statement(Statement made);
    Parsed<Statement> case_statement(Statement made);
    Parsed<Statement> raise(Statement made);
    Parsed<void> raise_options(Statement& made);
    Parsed<Statement> returning(Statement made);
    Parsed<Statement> assignment(Statement made);
    Parsed<Statement> sql(Statement made);
    Parsed<void> into(Statement& made);
    Parsed<std::string> label();
    bool is_assignment() const;
    bool at_block() const;

    Cursor in_;
    std::size_t depth_ = 0;
};

Parsed<Statement> Parser::body() {
    auto outer = block();
    if (!outer) return outer;
    in_.take(";");
    if (!in_.at_end()) return in_.unexpected();
    return outer;
}

bool Parser::at_block() const {
    return in_.at("declare") || in_.at("begin") || in_.at("<<");
}

Parsed<std::string> Parser::label() {
    if (!in_.take("<<")) return "";
    auto name = in_.name();
    if (!name) return name;
    if (auto closed = in_.expect(">>"); !closed) return std::unexpected(closed.error());
    return name;
}

Parsed<Statement> Parser::block() {
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

Parsed<void> Parser::declared_type(Declaration& declared) {
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

Parsed<Declaration> Parser::declaration() {
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

Parsed<Statements> Parser::statements(std::initializer_list<std::string_view> ends) {
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

bool Parser::is_assignment() const {
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

Parsed<Statement> Parser::statement() {
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

Parsed<Statement> Parser::plain_statement(Statement made) {
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

Parsed<Statement> Parser::assignment(Statement made) {
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

Parsed<Statement> Parser::if_statement(Statement made) {
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

Parsed<Statement> Parser::case_statement(Statement made) {
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

Parsed<Statement> Parser::raise(Statement made) {
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

Parsed<void> Parser::raise_options(Statement& made) {
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

Parsed<Statement> Parser::returning(Statement made) {
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

Parsed<void> Parser::into(Statement& made) {
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
Parsed<Statement> Parser::sql(Statement made) {
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

}  // namespace

Parsed<Statement> parse_body(std::string_view body) {
    auto tokens = scan(body);
    if (!tokens) return std::unexpected(tokens.error());
    return Parser(Cursor(body, std::move(*tokens))).body();
}

}  // namespace dunlin::sql::plpgsql
