#include "sql/plpgsql_cursor.h"

#include <fmt/format.h>

#include <algorithm>

namespace dunlin::sql::plpgsql {

const SqlToken& Cursor::peek(std::size_t ahead) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

SqlToken Cursor::next() {
    const SqlToken token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
}

bool Cursor::take(std::string_view word) {
    if (!at(word)) return false;
    next();
    return true;
}

Parsed<void> Cursor::expect(std::string_view word) {
    if (take(word)) return {};
    return unexpected();
}

std::unexpected<Refusal> Cursor::unexpected() const {
    const SqlToken& token = peek();
    if (at_end()) return refuse(token.from, "42601", "syntax error at end of input");
    return refuse(
        token.from, "42601",
        fmt::format("syntax error at or near \"{}\"", between(token.from, token.to).text));
}

Parsed<std::string> Cursor::name() {
    const auto kind = peek().kind;
    if (kind != SqlToken::Kind::Word && kind != SqlToken::Kind::QuotedWord) return unexpected();
    return next().text;
}

Parsed<Target> Cursor::target() {
    Target target{.names = {}, .offset = peek().from};
    do {
        auto part = name();
        if (!part) return std::unexpected(part.error());
        target.names.push_back(std::move(*part));
    } while (take("."));
    return target;
}

Fragment Cursor::between(int from, int to) const {
    const auto start = static_cast<std::size_t>(from);
    return {std::string(body_.substr(start, static_cast<std::size_t>(to) - start)), from};
}

Parsed<Fragment> Cursor::until(std::initializer_list<std::string_view> ends) {
    const int from = peek().from;
    int to = from;
    int open = 0;  // PostgreSQL looks for the end outside of parentheses only
    while (!at_end()) {
        const SqlToken& token = peek();
        const auto ends_here = [&](std::string_view end) { return token.is(end); };
        if (open == 0 && std::ranges::any_of(ends, ends_here)) {
            if (to == from) return unexpected();
            return between(from, to);
        }
        if (token.is(";")) return unexpected();
        if (token.is("(") || token.is("[")) ++open;
        if (token.is(")") || token.is("]")) --open;
        if (open < 0) return unexpected();
        to = next().to;
    }
    return unexpected();
}

}  // namespace dunlin::sql::plpgsql
