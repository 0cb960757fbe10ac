#include "sql/mirror.h"

#include <fmt/format.h>

#include <vector>

#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

constexpr std::string_view directive = "dunlin:";

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

/// A name or a dot. Names are folded to lower case unless quoted, as in PostgreSQL.
struct Token {
    std::string text;
    bool dot = false;
};

std::optional<std::string> quoted_name(std::string_view text, std::size_t& at) {
    std::string name;
    for (++at; at < text.size(); ++at) {
        if (text[at] != '"') {
            name.push_back(text[at]);
        } else if (at + 1 < text.size() && text[at + 1] == '"') {
            name.push_back(text[at++]);
        } else {
            ++at;
            return name;
        }
    }
    return std::nullopt;
}

std::optional<std::vector<Token>> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    std::size_t at = 0;
    while (at < text.size()) {
        if (is_blank(text[at])) {
            ++at;
        } else if (text[at] == '.') {
            tokens.push_back({".", true});
            ++at;
        } else if (text[at] == '"') {
            auto name = quoted_name(text, at);
            if (!name) return std::nullopt;
            tokens.push_back({std::move(*name)});
        } else if (is_word(text[at])) {
            std::string word;
            for (; at < text.size() && is_word(text[at]); ++at)
                word.push_back(text[at] >= 'A' && text[at] <= 'Z' ? static_cast<char>(text[at] + 32)
                                                                  : text[at]);
            tokens.push_back({std::move(word)});
        } else {
            return std::nullopt;
        }
    }
    return tokens;
}

std::string qualified(const Table& table) {
    return quote_identifier(table.schema) + "." + quote_identifier(table.name);
}

Trigger trigger_of(const Mirror& mirror, std::string_view what, TriggerTiming timing) {
    Trigger trigger{.name = fmt::format("{}_{}", mirror.name(), what), .timing = timing};
    trigger.on_update = true;
    trigger.function_schema = mirror.table->schema;
    trigger.function_name = trigger.name;
    return trigger;
}

}  // namespace

std::string Mirror::name() const {
    return fmt::format("{}{}_{}", mirror_prefix, table->name, table->columns[column].name);
}

std::optional<MirrorText> parse_mirror(std::string_view comment) {
    if (!comment.starts_with(directive)) return std::nullopt;
    const auto tokens = tokens_of(comment.substr(directive.size()));
    if (!tokens || tokens->size() < 6 || (*tokens)[0].text != "mirrors") return std::nullopt;
    std::vector<std::string> names;
    std::size_t at = 1;
    for (;; at += 2) {
        if (at >= tokens->size() || (*tokens)[at].dot) return std::nullopt;
        names.push_back((*tokens)[at].text);
        if (at + 1 >= tokens->size() || !(*tokens)[at + 1].dot) break;
    }
    const bool complete =
        at + 3 == tokens->size() && (*tokens)[at + 1].text == "via" && !(*tokens)[at + 2].dot;
    if (!complete || names.size() < 2 || names.size() > 3) return std::nullopt;
    const bool with_schema = names.size() == 3;
    return MirrorText{.schema = with_schema ? names[0] : "",
                      .table = names[with_schema ? 1 : 0],
                      .column = names[with_schema ? 2 : 1],
                      .via = (*tokens)[at + 2].text};
}

std::vector<MirrorFunction> mirror_functions(const Mirror& mirror) {
    const auto name = [](const Table& table, std::size_t column) {
        return quote_identifier(table.columns[column].name);
    };
    const std::string here = qualified(*mirror.table), there = qualified(*mirror.source);
    const std::string own = name(*mirror.table, mirror.column);
    const std::string via = name(*mirror.table, mirror.via);
    const std::string source = name(*mirror.source, mirror.source_column);
    const std::string key = name(*mirror.source, mirror.source_key);

    // A row that comes to an image without a value of its own takes the image's.
    MirrorFunction fetch{.name = mirror.name() + "_fetch",
                         .trigger = trigger_of(mirror, "fetch", TriggerTiming::Before)};
    fetch.trigger.on_insert = true;
    const std::string take =
        fmt::format("new.{0} := (select m.{1} from {2} m where m.{3} = new.{4});", own, source,
                    there, key, via);
    fetch.body = fmt::format(
        "begin if new.{0} is null then return new; end if; "
        "if tg_op = 'INSERT' then if new.{1} is null then {2} end if; "
        "elsif new.{0} is distinct from old.{0} and new.{1} is not distinct from old.{1} "
        "then {2} end if; return new; end",
        via, own, take);

    MirrorFunction give{.name = mirror.name() + "_give",
                        .trigger = trigger_of(mirror, "give", TriggerTiming::After)};
    give.trigger.on_insert = true;
    const std::string write = fmt::format(
        "update {0} m set {1} = new.{2} where m.{3} = new.{4} and m.{1} is distinct from "
        "new.{2};",
        there, source, own, key, via);
    give.body = fmt::format(
        "begin if new.{0} is null then return null; end if; "
        "if tg_op = 'INSERT' then if new.{1} is not null then {2} end if; "
        "elsif new.{1} is distinct from old.{1} then {2} end if; return null; end",
        via, own, write);

    MirrorFunction spread{.name = mirror.name() + "_spread",
                          .trigger = trigger_of(mirror, "spread", TriggerTiming::After),
                          .on_source = true};
    spread.body = fmt::format(
        "begin if new.{0} is distinct from old.{0} then update {1} m set {2} = new.{0} "
        "where m.{3} = new.{4} and m.{2} is distinct from new.{0}; end if; return null; end",
        source, here, own, via, key);
    return {std::move(fetch), std::move(give), std::move(spread)};
}

}  // namespace dunlin::sql
