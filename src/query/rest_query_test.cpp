#include "query/rest_query.h"

#include <gtest/gtest.h>

#include <random>

#include "core/limits.h"
#include "query/sqlite_fixture.h"

namespace dunlin::query {

namespace {

std::string path_text(const FieldPath& field) {
    std::string out = field.column;
    for (const auto& step : field.path) {
        out += (step.as_text ? "->>" : "->") + (step.index ? "#" + step.key : step.key);
    }
    return out;
}

std::string select_text(const std::vector<SelectItem>& items) {
    std::string out;
    for (const auto& item : items) {
        if (!out.empty()) out += ",";
        if (!item.alias.empty()) out += item.alias + "=";
        if (item.spread) out += "...";
        switch (item.kind) {
            case SelectItem::Kind::All:
                out += "*";
                break;
            case SelectItem::Kind::Count:
                out += "count()";
                break;
            case SelectItem::Kind::Field:
                out += path_text(item.field);
                break;
            case SelectItem::Kind::Relation:
                out += item.relation;
                break;
        }
        for (const auto& hint : item.hints) out += "!" + hint;
        if (item.kind == SelectItem::Kind::Relation) out += "(" + select_text(item.items) + ")";
        if (!item.cast.empty()) out += "::" + item.cast;
        if (!item.aggregate.empty()) out += "." + item.aggregate + "()";
        if (!item.aggregate_cast.empty()) out += "::" + item.aggregate_cast;
    }
    return out;
}

/// `not op column value [items]`
std::string filter_text(const Filter& filter) {
    std::string out = filter.negated ? "not " : "";
    if (filter.kind != Filter::Kind::Condition) {
        for (const auto& relation : filter.relation_path) out += relation + "/";
        out += filter.kind == Filter::Kind::And ? "and(" : "or(";
        for (const auto& child : filter.children) out += filter_text(child) + ";";
        return out + ")";
    }
    out += std::to_string(static_cast<int>(filter.op));
    if (filter.quantifier == Quantifier::Any) out += "any";
    if (filter.quantifier == Quantifier::All) out += "all";
    out += " ";
    for (const auto& relation : filter.relation_path) out += relation + "/";
    out += path_text(filter.field) + " <" + filter.value + ">";
    for (const auto& item : filter.items) out += " [" + item + "]";
    return filter.config.empty() ? out : out + " config " + filter.config;
}

std::string order_text(const std::vector<OrderItem>& order) {
    std::string out;
    for (const auto& item : order) {
        out += " ^ " + (item.relation.empty() ? "" : item.relation + "/") + path_text(item.field) +
               (item.descending ? " desc" : " asc");
        if (item.nulls_first) out += *item.nulls_first ? " first" : " last";
    }
    return out;
}

std::string query_text(const RestQuery& query) {
    std::string out = select_text(query.select);
    for (const auto& filter : query.filters) out += " | " + filter_text(filter);
    out += order_text(query.order);
    if (query.limit) out += " limit " + std::to_string(*query.limit);
    if (query.offset) out += " offset " + std::to_string(*query.offset);
    for (const auto& column : query.columns) out += " column " + column;
    for (const auto& column : query.on_conflict) out += " conflict " + column;
    for (const auto& option : query.embedded) {
        out += " in";
        for (const auto& relation : option.relation_path) out += " " + relation;
        out += order_text(option.order);
        if (option.limit) out += " limit " + std::to_string(*option.limit);
        if (option.offset) out += " offset " + std::to_string(*option.offset);
    }
    return out;
}

struct Case {
    const char* url;
    const char* expected;
};

}  // namespace

TEST(RestQuery, ReadsEveryForm) {
    const Case cases[] = {
        {"", ""},
        {"select=", ""},
        {"select=*", "*"},
        {"select=a, b ,c-d", "a,b,c-d"},
        {"select=alias:a,\"we ird,\\\"x\":b", "alias=a,we ird,\"x=b"},
        {"select=a::text,b->c->>0::int", "a::text,b->c->>#0::int"},
        {"select=d->-1->\"quo.ted\"->>k-v", "d->#-1->quo.ted->>k-v"},
        {"select=count(),n:count()::text,count", "count(),n=count()::text,count"},
        {"select=a.sum(),b::int.avg()::text", "a.sum(),b::int.avg()::text"},
        {"select=id,rel(*),x:rel!fk!inner(a,deep(b)),...up(c),e()",
         "id,rel(*),x=rel!fk!inner(a,deep(b)),...up(c),e()"},
        {"select=größe", "größe"},
        {"a=eq.1", " | 0 a <1>"},
        {"a=eq.", " | 0 a <>"},
        {"a=not.eq.1,2(3)", " | not 0 a <1,2(3)>"},
        {"a=gt.1&a=lte.5", " | 4 a <1> | 3 a <5>"},
        {"d->x->>0=like.*b*", " | 6 d->x->>#0 <*b*>"},
        {"rel.nested.a=eq.1", " | 0 rel/nested/a <1>"},
        {"\"a.b\"=eq.1", " | 0 a.b <1>"},
        {"a=in.(1,\"b,c\",\"d\\\"e\",\"f\"g,)", " | 10 a <> [1] [b,c] [d\"e] [\"f\"g] []"},
        {"a=not.in.()", " | not 10 a <> []"},
        {"a=is.NULL", " | 11 a <null>"},
        {"a=not.is.not_null", " | not 11 a <not_null>"},
        {"a=isdistinct.x", " | 12 a <x>"},
        {"a=like(any).{*a*,\"b,c\"}", " | 6any a <{*a*,\"b,c\"}> [*a*] [b,c]"},
        {"a=eq(all).{}", " | 0all a <{}>"},
        {"a=cs.{x,y}&a=cd.{x}&a=ov.[1,2)", " | 13 a <{x,y}> | 14 a <{x}> | 15 a <[1,2)>"},
        {"a=fts(english).x&a=wfts.y", " | 16 a <x> config english | 19 a <y>"},
        {"a=sl.(1,2)&a=adj.(1,2)", " | 21 a <(1,2)> | 24 a <(1,2)>"},
        {"or=(a.eq.1,b.not.in.(2,3),and(c.is.null,d->>x.like.*))",
         " | or(0 a <1>;not 10 b <> [2] [3];and(11 c <null>;6 d->>x <*>;);)"},
        {"and=(a.eq.\"x,y)\",b.cs.{1,2},c.eq.z)", " | and(0 a <x,y)>;13 b <{1,2}>;0 c <z>;)"},
        {"not.or=(a.eq.1,not.and(b.eq.2))", " | not or(0 a <1>;not and(0 b <2>;);)"},
        {"or=( a.eq.1 , b.eq.2 )", " | or(0 a <1 >;0 b <2 >;)"},
        {"order=a,b.desc,c.asc.nullsfirst,d->x.desc.nullslast,e.nullsfirst,rel(f).desc",
         " ^ a asc ^ b desc ^ c asc first ^ d->x desc last ^ e asc first ^ rel/f desc"},
        {"limit=10&offset=5", " limit 10 offset 5"},
        {"offset=-5", " offset 0"},
        {"columns=\"a b\",c&on_conflict=id,name", " column a b column c conflict id conflict name"},
        {"rel.limit=1&rel.order=a.desc,b(c)&rel.or=(a.eq.1)&x.y.offset=2&x.y.not.and=(b.is.null)",
         " | rel/or(0 a <1>;) | not x/y/and(11 b <null>;)"
         " in rel limit 1 in rel ^ a desc ^ b/c asc in x y offset 2"},
        {"apikey=secret", ""},
    };
    for (const Case& c : cases) {
        const auto query = parse_url(c.url);
        ASSERT_TRUE(query) << c.url << ": " << shown(query.error());
        EXPECT_EQ(query_text(*query), c.expected) << c.url;
    }
}

TEST(RestQuery, RefusesBadGrammarInTheWordsOfPostgrest) {
    const Case cases[] = {
        {"a=xx.1",
         "PGRST100 \"failed to parse filter (xx.1)\" (line 1, column 1) "
         "[unexpected \"x\" expecting \"not\" or operator (eq, gt, ...)]"},
        {"a=not.xx.1",
         "PGRST100 \"failed to parse filter (not.xx.1)\" (line 1, column 5) "
         "[unexpected \"x\" expecting operator (eq, gt, ...)]"},
        {"a=",
         "PGRST100 \"failed to parse filter ()\" (line 1, column 1) "
         "[unexpected end of input expecting \"not\" or operator (eq, gt, ...)]"},
        {"a=eq",
         "PGRST100 \"failed to parse filter (eq)\" (line 1, column 3) "
         "[unexpected end of input expecting \".\"]"},
        {"a=is.maybe",
         "PGRST100 \"failed to parse filter (is.maybe)\" (line 1, column 4) "
         "[unexpected \"m\" expecting isVal: (null, not_null, true, false, unknown)]"},
        {"a=in.1",
         "PGRST100 \"failed to parse filter (in.1)\" (line 1, column 4) [unexpected \"1\" "
         "expecting \"(\"]"},
        {"a=in.(1",
         "PGRST100 \"failed to parse filter (in.(1)\" (line 1, column 6) "
         "[unexpected end of input expecting \",\" or \")\"]"},
        {"a=in.(1)x",
         "PGRST100 \"failed to parse filter (in.(1)x)\" (line 1, column 7) "
         "[unexpected \"x\" expecting end of input]"},
        {"a=neq(any).{1}",
         "PGRST100 \"failed to parse filter (neq(any).{1})\" (line 1, column 4) "
         "[unexpected \"(\" expecting \".\"]"},
        {"a=eq(any).1",
         "22P02 malformed array literal: \"1\" [Array value must start with \"{\" or dimension "
         "information.]"},
        {"select=a,,b",
         "PGRST100 \"failed to parse select parameter (a,,b)\" (line 1, column 3) "
         "[unexpected \",\" expecting field name (* or [a..z0..9_$])]"},
        {"select=é.é",
         "PGRST100 \"failed to parse select parameter (é.é)\" (line 1, column 3) "
         "[unexpected \"é\" expecting \"sum\", \"avg\", \"count\", \"max\" or \"min\"]"},
        {"select=rel(a",
         "PGRST100 \"failed to parse select parameter (rel(a)\" (line 1, column 6) "
         "[unexpected end of input expecting \",\" or \")\"]"},
        {"order=a.up",
         "PGRST100 \"failed to parse order (a.up)\" (line 1, column 3) "
         "[unexpected \"u\" expecting \"asc\", \"desc\", \"nullsfirst\" or \"nullslast\"]"},
        {"or=(a.eq.1",
         "PGRST100 \"failed to parse logic tree ((a.eq.1)\" (line 1, column 10) "
         "[unexpected end of input expecting \",\" or \")\"]"},
        {"or=()",
         "PGRST100 \"failed to parse logic tree (())\" (line 1, column 4) "
         "[unexpected \")\" expecting field name (* or [a..z0..9_$])]"},
        {"or=a.eq.1",
         "PGRST100 \"failed to parse logic tree (a.eq.1)\" (line 1, column 3) "
         "[unexpected \"a\" expecting \"(\"]"},
        {"a b!=eq.1",
         "PGRST100 \"failed to parse tree path (a b!)\" (line 1, column 4) "
         "[unexpected \"!\" expecting \"->>\", \"->\", \".\" or end of input]"},
        {"limit=ten",
         "PGRST100 \"failed to parse limit (ten)\" (line 1, column 1) [unexpected \"t\" expecting "
         "digit]"},
        {"limit=-1",
         "PGRST103 Requested range not satisfiable [Limit should be greater than or equal to "
         "zero.]"},
    };
    for (const Case& c : cases) {
        const auto query = parse_url(c.url);
        EXPECT_EQ(query ? "accepted" : shown(query.error()), c.expected) << c.url;
    }
}

TEST(RestQuery, HasLimits) {
    const auto refused = [](const std::string& url) {
        const auto query = parse_url(url);
        return !query && query.error().code == ErrorCode::LimitExceeded;
    };
    const auto repeat = [](std::string_view text, std::size_t times) {
        std::string out;
        for (std::size_t i = 0; i < times; ++i) out += text;
        return out;
    };
    EXPECT_FALSE(refused(repeat("a=eq.1&", limits::filters_max)));
    EXPECT_TRUE(refused(repeat("a=eq.1&", limits::filters_max + 1)));
    EXPECT_TRUE(refused("or=(" + repeat("a.eq.1,", limits::filters_max) + "a.eq.1)"));
    EXPECT_FALSE(refused("a=in.(" + repeat("1,", limits::in_items_max - 1) + "1)"));
    EXPECT_TRUE(refused("a=in.(" + repeat("1,", limits::in_items_max) + "1)"));
    EXPECT_TRUE(refused("a=eq(any).{" + repeat("1,", limits::in_items_max) + "1}"));
    EXPECT_TRUE(refused("or=(" + repeat("and(", 1'000'000)));
    EXPECT_TRUE(refused("select=" + repeat("r(", 1'000'000)));
    EXPECT_TRUE(refused(repeat("r.", 1'000'000) + "a=eq.1"));
}

TEST(RestQuery, SurvivesAnyText) {
    const std::vector<std::string> pieces = {
        "select=", "order=", "or=", "a=",  "a", "->",   "->>",     "(",   ")",   "{",
        "}",       "\"",     "\\",  ",",   ".", "eq",   "in",      "not", "any", "*",
        "::",      ":",      "!",   "...", "é", "\xff", "count()", "&"};
    std::mt19937 random(20260821);
    const Table table = patients_table();
    const Relationships relationships{Schema()};
    const ReadContext context{relationships, unrestricted, RowSource::Stored, 10, true};
    std::size_t accepted = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string url;
        for (std::uint32_t n = random() % 14; n > 0; --n) url += pieces[random() % pieces.size()];
        const auto query = parse_url(url);
        if (!query) continue;
        ++accepted;
        (void)plan_read(table, *query, context);
    }
    EXPECT_GT(accepted, 0u);
}

}  // namespace dunlin::query
