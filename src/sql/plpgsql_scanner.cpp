#include "sql/plpgsql_scanner.h"

#include <pg_query.h>

#include "core/check.h"
#include "sql/large_stack_thread.h"

namespace dunlin::sql {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    }
    return out;
}

std::string undoubled(std::string_view text, char quote) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        out.push_back(text[i]);
        if (text[i] == quote && i + 1 < text.size() && text[i + 1] == quote) ++i;
    }
    return out;
}

/// The content of 'text' or $tag$text$tag$. Escapes of E'' stay as they are: who needs the value
/// has it parsed.
std::string string_content(std::string_view token) {
    if (token.front() == '$') {
        const std::size_t tag = token.find('$', 1) + 1;
        return std::string(token.substr(tag, token.size() - 2 * tag));
    }
    const std::size_t open = token.find('\'') + 1;
    return undoubled(token.substr(open, token.size() - open - 1), '\'');
}

SqlToken token_of(const PgQuery__ScanToken& scanned, std::string_view text) {
    using Kind = SqlToken::Kind;
    SqlToken token{.from = scanned.start, .to = scanned.end};
    const std::string_view written =
        text.substr(static_cast<std::size_t>(token.from),
                    static_cast<std::size_t>(token.to) - static_cast<std::size_t>(token.from));
    switch (scanned.token) {
        case PG_QUERY__TOKEN__IDENT:
        case PG_QUERY__TOKEN__UIDENT:
            token.kind = written.front() == '"' ? Kind::QuotedWord : Kind::Word;
            token.text = token.kind == Kind::Word
                             ? lower(written)
                             : undoubled(written.substr(1, written.size() - 2), '"');
            return token;
        case PG_QUERY__TOKEN__SCONST:
        case PG_QUERY__TOKEN__USCONST:
            token.kind = Kind::String;
            token.text = string_content(written);
            return token;
        case PG_QUERY__TOKEN__ICONST:
        case PG_QUERY__TOKEN__FCONST:
        case PG_QUERY__TOKEN__BCONST:
        case PG_QUERY__TOKEN__XCONST:
            token.kind = Kind::Number;
            token.text = written;
            return token;
        case PG_QUERY__TOKEN__PARAM:
            token.kind = Kind::Parameter;
            token.text = written;
            return token;
        default:
            token.keyword = scanned.keyword_kind != PG_QUERY__KEYWORD_KIND__NO_KEYWORD;
            token.kind = token.keyword ? Kind::Word : Kind::Symbol;
            token.text = lower(written);
            return token;
    }
}

Parsed<std::vector<SqlToken>> scan_here(const std::string& text) {
    PgQueryScanResult scanned = pg_query_scan(text.c_str());
    if (scanned.error != nullptr) {
        Refusal refusal{sql_error("42601", scanned.error->message), scanned.error->cursorpos - 1};
        pg_query_free_scan_result(scanned);
        return std::unexpected(std::move(refusal));
    }
    PgQuery__ScanResult* result = pg_query__scan_result__unpack(
        nullptr, scanned.pbuf.len, reinterpret_cast<const std::uint8_t*>(scanned.pbuf.data));
    pg_query_free_scan_result(scanned);
    CHECK(result != nullptr);
    std::vector<SqlToken> tokens;
    for (std::size_t i = 0; i < result->n_tokens; ++i) {
        const auto kind = result->tokens[i]->token;
        if (kind == PG_QUERY__TOKEN__SQL_COMMENT || kind == PG_QUERY__TOKEN__C_COMMENT) continue;
        tokens.push_back(token_of(*result->tokens[i], text));
    }
    pg_query__scan_result__free_unpacked(result, nullptr);
    const int end = static_cast<int>(text.size());
    tokens.push_back({.from = end, .to = end});
    return tokens;
}

}  // namespace

Parsed<std::vector<SqlToken>> scan(std::string_view text) {
    const std::string copy(text);
    Parsed<std::vector<SqlToken>> tokens;
    LargeStackThread::shared().run([&] { tokens = scan_here(copy); });
    return tokens;
}

}  // namespace dunlin::sql
