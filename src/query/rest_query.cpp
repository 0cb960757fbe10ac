#include "query/rest_query.h"

#include <fmt/format.h>

#include <charconv>

#include "core/limits.h"
#include "query/parsers.h"

namespace dunlin::query {

namespace {

bool is_logic(std::string_view words) {
    return words == "and" || words == "or" || words == "not.and" || words == "not.or";
}

bool is_range(std::string_view word) {
    return word == "order" || word == "limit" || word == "offset";
}

/// A key such as `rel.nested.not.or` in its relations and its last words.
struct KeyParts {
    std::string_view relations{};  // "" when there are none
    std::string_view words{};
};

KeyParts split_key(std::string_view key) {
    const auto dot = key.rfind('.');
    if (dot == key.npos) return {{}, key};
    const std::string_view before = key.substr(0, dot);
    const bool negated =
        is_logic(key.substr(dot + 1)) && (before == "not" || before.ends_with(".not"));
    if (!negated) return {before, key.substr(dot + 1)};
    if (before == "not") return {{}, key};
    return {before.substr(0, before.size() - 4), key.substr(before.size() - 3)};
}

Result<std::uint64_t> read_count(std::string_view name, const std::string& text) {
    std::uint64_t count = 0;
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, count);
    if (!text.empty() && result.ec == std::errc{} && result.ptr == end) return count;
    if (text.starts_with('-') && text.find_first_not_of("0123456789", 1) == text.npos) {
        if (name == "offset") return 0;
        return std::unexpected(Error{ErrorCode::RangeNotSatisfiable,
                                     "Requested range not satisfiable", "PGRST103",
                                     "Limit should be greater than or equal to zero."});
    }
    const auto position = static_cast<std::size_t>(result.ptr - text.data());
    return std::unexpected(parse_error(name, text, text, {position, "digit"}));
}

Error path_too_long() {
    return limit_error(
        fmt::format("relations are embedded at most {} levels deep", limits::embed_depth_max));
}

/// Collects parameters into a RestQuery.
class QueryReader {
public:
    Result<void> read(const std::string& key, const std::string& value) {
        if (key == "apikey") return {};
        if (key == "select") return store(value, "select parameter", read_select, query_.select);
        if (key == "order") return store(value, "order", read_order, query_.order);
        if (key == "columns") return store(value, "columns parameter", read_names, query_.columns);
        if (key == "on_conflict") {
            return store(value, "on_conflict parameter", read_names, query_.on_conflict);
        }
        if (key == "limit") return store_count(key, value, query_.limit);
        if (key == "offset") return store_count(key, value, query_.offset);
        const KeyParts parts = split_key(key);
        if (is_logic(parts.words)) return read_logic(parts, value);
        if (!parts.relations.empty() && is_range(parts.words)) return read_embedded(parts, value);
        return read_filter(key, value);
    }

    RestQuery take() { return std::move(query_); }

private:
    template <typename T>
    static Result<void> store(const std::string& text, std::string_view what,
                              Parsed<T> (*parser)(Cursor&), T& into) {
        Cursor cursor(text);
        auto parsed = parser(cursor);
        if (!parsed) return std::unexpected(parse_error(what, text, text, parsed.error()));
        into = std::move(*parsed);
        return {};
    }

    static Result<void> store_count(std::string_view name, const std::string& text,
                                    std::optional<std::uint64_t>& into) {
        const auto count = read_count(name, text);
        if (!count) return std::unexpected(count.error());
        into = *count;
        return {};
    }

    /// `rel.nested`
    static Result<std::vector<std::string>> read_path(std::string_view relations) {
        std::vector<std::string> path;
        Cursor cursor(relations);
        while (!cursor.at_end()) {
            auto name = read_name(cursor);
            if (name && !cursor.at_end() && !cursor.take(".")) name = cursor.fail("\".\"");
            if (!name) {
                return std::unexpected(
                    parse_error("tree path", relations, relations, name.error()));
            }
            if (path.size() == limits::embed_depth_max) return std::unexpected(path_too_long());
            path.push_back(std::move(*name));
        }
        return path;
    }

    Result<void> read_embedded(const KeyParts& parts, const std::string& value) {
        if (query_.embedded.size() == limits::filters_max) {
            return std::unexpected(limit_error(fmt::format(
                "a request orders and limits at most {} relations", limits::filters_max)));
        }
        auto path = read_path(parts.relations);
        if (!path) return std::unexpected(path.error());
        EmbeddedOption option{std::move(*path)};
        Result<void> read;
        if (parts.words == "order") read = store(value, "order", read_order, option.order);
        if (parts.words == "limit") read = store_count(parts.words, value, option.limit);
        if (parts.words == "offset") read = store_count(parts.words, value, option.offset);
        if (read) query_.embedded.push_back(std::move(option));
        return read;
    }

    Result<void> read_logic(const KeyParts& parts, const std::string& value) {
        auto path = read_path(parts.relations);
        if (!path) return std::unexpected(path.error());
        const std::string op(parts.words);
        // PostgREST parses `and` and `(…)` as one text, and counts columns in it.
        const std::string text = op + value;
        Cursor cursor(text);
        auto tree = read_logic_tree(cursor, budget_);
        if (!tree) return std::unexpected(parse_error("logic tree", value, text, tree.error()));
        if (tree->kind == Filter::Kind::Condition) {
            return std::unexpected(parse_error("logic tree", value, text, {op.size(), "\"(\""}));
        }
        tree->relation_path = std::move(*path);
        query_.filters.push_back(std::move(*tree));
        return {};
    }

    Result<void> read_filter(const std::string& key, const std::string& value) {
        Filter filter;
        Cursor path(key);
        const auto named = read_tree_path(path, filter);
        if (!named) return std::unexpected(parse_error("tree path", key, key, named.error()));
        Cursor cursor(value);
        const auto done = read_operation(cursor, filter, budget_);
        if (!done) return std::unexpected(parse_error("filter", value, value, done.error()));
        query_.filters.push_back(std::move(filter));
        return {};
    }

    /// `rel.nested.column->path`
    static Parsed<void> read_tree_path(Cursor& cursor, Filter& filter) {
        while (true) {
            auto field = read_field(cursor);
            if (!field) return std::unexpected(field.error());
            filter.field = std::move(*field);
            if (cursor.at_end()) return {};
            if (!filter.field.path.empty() || !cursor.take(".")) {
                return cursor.fail("\"->>\", \"->\", \".\" or end of input");
            }
            if (filter.relation_path.size() == limits::embed_depth_max) {
                return Cursor::refuse(path_too_long());
            }
            filter.relation_path.push_back(std::move(filter.field.column));
        }
    }

    RestQuery query_;
    FilterBudget budget_{limits::filters_max};
};

}  // namespace

Result<RestQuery> parse_rest_query(
    const std::vector<std::pair<std::string, std::string>>& parameters) {
    QueryReader reader;
    for (const auto& [key, value] : parameters) {
        const auto done = reader.read(key, value);
        if (!done) return std::unexpected(done.error());
    }
    return reader.take();
}

}  // namespace dunlin::query
