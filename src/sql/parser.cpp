#include "sql/parser.h"

#include <fmt/format.h>
#include <pg_query.h>

#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "core/check.h"
#include "core/codec.h"
#include "core/limits.h"
#include "sql/large_stack_thread.h"

namespace dunlin::sql {

namespace {

bool is_insert(std::string_view statement) {
    const auto start = statement.find_first_not_of(" \t\r\n;");
    if (start == statement.npos) return false;
    constexpr std::string_view word = "insert";
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (start + i >= statement.size() || (statement[start + i] | 0x20) != word[i]) return false;
    }
    return true;
}

/// Long statements are refused before they are parsed, except lists of VALUES, which are flat.
std::optional<Refusal> refuse_long_statements(std::string_view text, const std::string& copy) {
    const auto too_long = [](std::size_t bytes_max, int offset) {
        return Refusal{sql_error("54000", fmt::format("this is over {} bytes", bytes_max), "",
                                 "Split it into smaller statements."),
                       offset};
    };
    if (text.size() > limits::migration_bytes_max) return too_long(limits::migration_bytes_max, 0);
    if (text.size() <= limits::statement_bytes_max) return std::nullopt;
    std::optional<Refusal> refusal;
    PgQuerySplitResult split = pg_query_split_with_scanner(copy.c_str());
    for (int i = 0; split.error == nullptr && i < split.n_stmts; ++i) {
        const auto from = static_cast<std::size_t>(split.stmts[i]->stmt_location);
        const auto size = static_cast<std::size_t>(split.stmts[i]->stmt_len);
        if (size > limits::statement_bytes_max && !is_insert(text.substr(from, size))) {
            refusal = too_long(limits::statement_bytes_max, split.stmts[i]->stmt_location);
            break;
        }
    }
    pg_query_free_split_result(split);
    return refusal;
}

std::expected<PgQuery__ParseResult*, Refusal> parse_here(const std::string& text) {
    if (auto refusal = refuse_long_statements(text, text))
        return std::unexpected(std::move(*refusal));
    PgQueryProtobufParseResult parsed = pg_query_parse_protobuf(text.c_str());
    std::expected<PgQuery__ParseResult*, Refusal> result = nullptr;
    if (parsed.error != nullptr) {
        result = std::unexpected(
            Refusal{sql_error("42601", parsed.error->message), parsed.error->cursorpos - 1});
    } else {
        result = pg_query__parse_result__unpack(
            nullptr, parsed.parse_tree.len,
            reinterpret_cast<const std::uint8_t*>(parsed.parse_tree.data));
        CHECK(*result != nullptr);
    }
    pg_query_free_protobuf_parse_result(parsed);
    return result;
}

std::string deparse(PgQuery__Node* statement) {
    PgQuery__RawStmt raw = PG_QUERY__RAW_STMT__INIT;
    raw.stmt = statement;
    PgQuery__RawStmt* list[] = {&raw};
    PgQuery__ParseResult result = PG_QUERY__PARSE_RESULT__INIT;
    result.n_stmts = 1;
    result.stmts = list;
    std::string packed(pg_query__parse_result__get_packed_size(&result), '\0');
    pg_query__parse_result__pack(&result, reinterpret_cast<std::uint8_t*>(packed.data()));
    PgQueryDeparseResult text = pg_query_deparse_protobuf({packed.size(), packed.data()});
    CHECK(text.error == nullptr);
    std::string out = text.query;
    pg_query_free_deparse_result(text);
    return out;
}

}  // namespace

SyntaxTree::SyntaxTree(PgQuery__ParseResult* result) : result_(result) {}

SyntaxTree::SyntaxTree(SyntaxTree&& other) noexcept
    : result_(std::exchange(other.result_, nullptr)) {}

SyntaxTree::~SyntaxTree() {
    if (result_ == nullptr) return;
    LargeStackThread::shared().run(
        [this] { pg_query__parse_result__free_unpacked(result_, nullptr); });
}

std::vector<const PgQuery__RawStmt*> SyntaxTree::statements() const {
    return {result_->stmts, result_->stmts + result_->n_stmts};
}

Parsed<SyntaxTree> parse(std::string_view text) {
    if (const auto zero = text.find('\0'); zero != text.npos) {
        return std::unexpected(Refusal{
            sql_error("42601", "SQL text cannot contain a NUL character"), static_cast<int>(zero)});
    }
    // The parser takes any bytes, and literals would carry them on.
    if (const auto valid = codec::parse_text({.kind = TypeKind::Text}, text); !valid) {
        return std::unexpected(Refusal{valid.error(), 0});
    }
    const std::string copy(text);
    std::expected<PgQuery__ParseResult*, Refusal> result = nullptr;
    LargeStackThread::shared().run([&] { result = parse_here(copy); });
    if (!result) return std::unexpected(result.error());
    return SyntaxTree(*result);
}

std::string deparse_statement(const PgQuery__Node& statement) {
    std::string out;
    LargeStackThread::shared().run([&] { out = deparse(const_cast<PgQuery__Node*>(&statement)); });
    return out;
}

std::string deparse_expression(const PgQuery__Node& expression) {
    PgQuery__ResTarget target = PG_QUERY__RES_TARGET__INIT;
    target.val = const_cast<PgQuery__Node*>(&expression);
    PgQuery__Node target_node = PG_QUERY__NODE__INIT;
    target_node.node_case = PG_QUERY__NODE__NODE_RES_TARGET;
    target_node.res_target = &target;
    PgQuery__Node* targets[] = {&target_node};
    PgQuery__SelectStmt select = PG_QUERY__SELECT_STMT__INIT;
    select.n_target_list = 1;
    select.target_list = targets;
    select.limit_option = PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_DEFAULT;
    select.op = PG_QUERY__SET_OPERATION__SETOP_NONE;
    PgQuery__Node node = PG_QUERY__NODE__INIT;
    node.node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
    node.select_stmt = &select;
    constexpr std::string_view prefix = "SELECT ";
    return deparse_statement(node).substr(prefix.size());
}

LineColumn line_column(std::string_view text, int offset) {
    LineColumn place;
    const auto end = offset < 0 ? 0 : std::min(text.size(), static_cast<std::size_t>(offset));
    for (const char character : text.substr(0, end)) {
        if (character == '\n') {
            ++place.line;
            place.column = 1;
        } else if ((static_cast<unsigned char>(character) & 0xC0) != 0x80) {
            ++place.column;  // characters, not bytes: UTF-8 continuation bytes do not count
        }
    }
    return place;
}

}  // namespace dunlin::sql
