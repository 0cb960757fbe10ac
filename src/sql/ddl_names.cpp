#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/functions.h"
#include "sql/ddl.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

bool word_start(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80) != 0;
}
bool word_part(char c) {
    return word_start(c) || std::isdigit(static_cast<unsigned char>(c)) || c == '$';
}

/// An identifier of a PostgreSQL text, unquoted, with where it stands.
struct Word {
    std::size_t from;
    std::size_t size;
    std::string name;
};

std::size_t after_string(std::string_view text, std::size_t at, bool escapes) {
    for (++at; at < text.size(); ++at) {
        if (escapes && text[at] == '\\')
            ++at;
        else if (text[at] == '\'' && at + 1 < text.size() && text[at + 1] == '\'')
            ++at;
        else if (text[at] == '\'')
            return at + 1;
    }
    return text.size();
}

Word quoted_word(std::string_view text, std::size_t at) {
    Word word{at, 0, {}};
    for (++at; at < text.size(); ++at) {
        if (text[at] == '"' && (at + 1 >= text.size() || text[at + 1] != '"')) break;
        if (text[at] == '"') ++at;
        word.name.push_back(text[at]);
    }
    word.size = std::min(at + 1, text.size()) - word.from;
    return word;
}

std::vector<Word> words_of(std::string_view text) {
    std::vector<Word> words;
    for (std::size_t at = 0; at < text.size();) {
        const bool type = at >= 2 && text.substr(at - 2, 2) == "::";
        if (text[at] == '\'') {
            const bool escapes = !words.empty() && words.back().from + words.back().size == at &&
                                 (words.back().name == "e" || words.back().name == "E");
            at = after_string(text, at, escapes);
            continue;
        }
        if (text[at] != '"' && !word_start(text[at])) {
            if (std::isdigit(static_cast<unsigned char>(text[at]))) {
                while (at < text.size() && word_part(text[at])) ++at;
            } else {
                ++at;
            }
            continue;
        }
        Word word{at, 0, {}};
        if (text[at] == '"') {
            word = quoted_word(text, at);
        } else {
            while (at < text.size() && word_part(text[at])) ++at;
            word.size = at - word.from;
            word.name = lower(text.substr(word.from, word.size));
        }
        at = word.from + word.size;
        const bool function = at < text.size() && text[at] == '(';
        if (!type && !function) words.push_back(std::move(word));
    }
    return words;
}

bool taken(const Table& table, std::string_view name) {
    return has_constraint(table, name) ||
           std::ranges::any_of(table.indexes,
                               [&](const Index& index) { return index.name == name; });
}

}  // namespace

std::string text_of(const char* text) {
    return text == nullptr ? "" : text;
}
bool given(const char* text) {
    return text != nullptr && *text != 0;
}

std::string string_of(const PgQuery__Node& node) {
    return node.node_case == PG_QUERY__NODE__NODE_STRING ? text_of(node.string->sval) : "";
}

RelationName relation_name(const PgQuery__RangeVar& range) {
    return {given(range.schemaname) ? range.schemaname : "public", text_of(range.relname)};
}

RelationName relation_name(PgQuery__Node* const* nodes, std::size_t count) {
    if (count == 1 && nodes[0]->node_case == PG_QUERY__NODE__NODE_LIST) {
        return relation_name(nodes[0]->list->items, nodes[0]->list->n_items);
    }
    if (count == 0) return {"public", ""};
    return {count > 1 ? string_of(*nodes[count - 2]) : "public", string_of(*nodes[count - 1])};
}

std::string storage_name(const RelationName& name) {
    return shown_name(name);
}

std::string shown_name(const RelationName& name) {
    return name.first == "public" ? name.second : name.first + "." + name.second;
}

Parsed<Table*> find_table(Builder& builder, const RelationName& name, int offset) {
    const auto found = builder.schema.tables.find(name);
    if (found == builder.schema.tables.end()) {
        return refuse(offset, "42P01",
                      fmt::format("relation \"{}\" does not exist", shown_name(name)),
                      name.first == "auth"
                          ? "There are no auth tables here: keep the user's id in a uuid column "
                            "without a reference."
                          : "");
    }
    if (found->second.kind == RelationKind::View) {
        return refuse(offset, "42809", fmt::format("\"{}\" is not a table", shown_name(name)));
    }
    return &found->second;
}

Done require_free_name(const Builder& builder, const RelationName& name, int offset) {
    const std::string wanted = lower(storage_name(name));
    if (wanted.starts_with("sqlite_") || wanted.starts_with("_dunlin")) {
        return refuse(offset, "42939", fmt::format("the name \"{}\" is reserved", shown_name(name)),
                      "Names that begin with sqlite_ or _dunlin belong to the engine.");
    }
    const auto clash = [&](const std::string& other) {
        return refuse(offset, "42P07", fmt::format("relation \"{}\" already exists", other),
                      other == storage_name(name)
                          ? "Choose another name, or add IF NOT EXISTS."
                          : "Names that differ only in case are one name on SQLite.");
    };
    for (const auto& [key, table] : builder.schema.tables) {
        if (lower(table.storage_name()) == wanted) return clash(table.storage_name());
        for (const Index& index : table.indexes) {
            const std::string other = storage_name({table.schema, index.name});
            if (lower(other) == wanted) return clash(other);
        }
    }
    return {};
}

Parsed<std::size_t> find_column(const Table& table, std::string_view name, int offset) {
    if (const auto column = table.find_column(name)) return *column;
    return refuse(offset, "42703",
                  fmt::format("column \"{}\" of relation \"{}\" does not exist", name, table.name));
}

Parsed<std::vector<std::size_t>> find_columns(const Table& table, PgQuery__Node* const* nodes,
                                              std::size_t count, int offset) {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < count; ++i) {
        auto column = find_column(table, string_of(*nodes[i]), offset);
        if (!column) return std::unexpected(column.error());
        if (std::ranges::find(columns, *column) != columns.end()) {
            return refuse(offset, "42701",
                          fmt::format("column \"{}\" appears twice", table.columns[*column].name));
        }
        columns.push_back(*column);
    }
    return columns;
}

bool has_constraint(const Table& table, std::string_view name) {
    const auto named = [&](const auto& constraint) { return constraint.name == name; };
    return (!table.primary_key.columns.empty() && table.primary_key.name == name) ||
           std::ranges::any_of(table.unique_keys, named) ||
           std::ranges::any_of(table.foreign_keys, named) ||
           std::ranges::any_of(table.checks, named);
}

bool is_unique(const Table& table, const std::vector<std::size_t>& columns) {
    const auto same = [&](const Key& key) {
        return key.columns.size() == columns.size() &&
               std::is_permutation(key.columns.begin(), key.columns.end(), columns.begin());
    };
    return same(table.primary_key) || std::ranges::any_of(table.unique_keys, same) ||
           std::ranges::any_of(table.indexes, [&](const Index& index) {
               return index.unique && index.sqlite_text.find(" WHERE ") == std::string::npos &&
                      same({index.name, index.columns});
           });
}

namespace {

/// Without a part of a character at the end.
std::string cut_to(std::string_view text, std::size_t bytes) {
    if (bytes >= text.size()) return std::string(text);
    while (bytes > 0 && (text[bytes] & 0xC0) == 0x80) --bytes;
    return std::string(text.substr(0, bytes));
}

/// makeObjectName() of PostgreSQL's indexcmds.c, for identifiers of 63 bytes.
std::string object_name(const DefaultName& base, const std::string& label) {
    constexpr std::size_t identifier_bytes_max = 63;
    const std::size_t separators = (base.columns.empty() ? 0 : 1) + (base.label.empty() ? 0 : 1);
    const std::size_t room =
        identifier_bytes_max - std::min(identifier_bytes_max, label.size() + separators);
    std::size_t table = base.table.size(), columns = base.columns.size();
    while (table + columns > room) --(table > columns ? table : columns);
    std::string name = cut_to(base.table, table);
    if (!base.columns.empty()) name += "_" + cut_to(base.columns, columns);
    return name + (base.label.empty() ? "" : "_") + label;
}

}  // namespace

std::string free_constraint_name(const Builder& builder, const Table& table,
                                 const DefaultName& base) {
    const auto in_use = [&](const std::string& name) {
        return taken(table, name) || !require_free_name(builder, {table.schema, name}, -1);
    };
    std::string name = object_name(base, base.label);
    for (int suffix = 1; in_use(name); ++suffix)
        name = object_name(base, base.label + std::to_string(suffix));
    return name;
}

bool mentions(std::string_view text, std::string_view name) {
    return std::ranges::any_of(words_of(text), [&](const Word& word) { return word.name == name; });
}

std::string rename_identifier(std::string_view text, std::string_view from, std::string_view to) {
    std::string out;
    std::size_t done = 0;
    for (const Word& word : words_of(text)) {
        if (word.name != from) continue;
        out += text.substr(done, word.from - done);
        out += quote_identifier(to);
        done = word.from + word.size;
    }
    return out + std::string(text.substr(done));
}

namespace {

/// Calls whose result is not that of their arguments alone.
bool changes(const Expression& call) {
    constexpr std::array<std::string_view, 2> changing = {"pg_now", "pg_today"};
    const ScalarFunction* function = find_scalar_function(call.name);
    const bool is_random = function != nullptr && !function->stable;
    const auto is_short = [&](std::string_view name, std::size_t arguments) {
        return call.name == name && call.arguments.size() == arguments;
    };
    // age() of one instant looks at the day; a search without a configuration follows a setting in
    // PostgreSQL.
    const bool short_form = is_short("pg_age", 1) || is_short("pg_to_tsvector", 1) ||
                            is_short("pg_json_to_tsvector", 1) || is_short("pg_to_tsquery", 2);
    return short_form || is_random || std::ranges::find(changing, call.name) != changing.end() ||
           call.name.starts_with("auth_");
}

}  // namespace

Done require_plain(const Expression& expression, int offset, std::string_view where,
                   bool immutable) {
    using Kind = Expression::Kind;
    if (expression.kind == Kind::Exists || expression.kind == Kind::InQuery ||
        expression.kind == Kind::ScalarQuery) {
        return refuse(offset, "0A000", fmt::format("a subquery is not allowed in {}", where),
                      "Look at columns of the same row only; a policy may look at other tables.");
    }
    if (immutable && expression.kind == Kind::Call && changes(expression)) {
        return refuse(offset, "42P17",
                      fmt::format("functions in {} must be marked IMMUTABLE", where));
    }
    for (const Expression& argument : expression.arguments) {
        if (auto done = require_plain(argument, offset, where, immutable); !done) return done;
    }
    return {};
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    return fmt::format("{}", fmt::join(parts, separator));
}

std::string quoted_columns(const Table& table, const std::vector<std::size_t>& columns) {
    std::vector<std::string> names;
    for (const std::size_t column : columns)
        names.push_back(quote_identifier(table.columns[column].name));
    return join(names, ", ");
}

}  // namespace dunlin::sql
