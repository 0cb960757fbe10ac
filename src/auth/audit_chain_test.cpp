#include "auth/audit_chain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <vector>

namespace dunlin::auth {

namespace json = boost::json;

namespace {

std::vector<AuditLink> chain_of_five() {
    std::vector<AuditLink> links;
    std::string previous(audit_chain_start);
    for (int i = 0; i < 5; ++i) {
        json::object entry{{"action", "login"}, {"number", i}, {"actor", {{"id", "ann"}}}};
        previous = audit_hash(previous, entry);
        links.push_back({std::move(entry), previous});
    }
    return links;
}

}  // namespace

TEST(AuditChain, CanonicalJsonDependsOnTheContentAlone) {
    struct Case {
        const char* why;
        const char* text;
        const char* canonical;
    };
    const Case cases[] = {
        {"members in order", R"({"b":1,"a":2})", R"({"a":2,"b":1})"},
        {"inside too", R"({"x":[{"b":{},"a":[]},null]})", R"({"x":[{"a":[],"b":{}},null]})"},
        {"no white space", "{ \"a\" : [ 1 , true ] }", R"({"a":[1,true]})"},
        {"escapes in names", R"({"\u0022":"\u000a","A":"\u00e4"})",
         "{\"\\\"\":\"\\n\",\"A\":\"ä\"}"},
        {"bytes decide, not an alphabet", R"({"é":1,"z":2,"Z":3})", R"({"Z":3,"z":2,"é":1})"},
        {"no member", "{}", "{}"},
        {"64 bits", R"([9223372036854775807,-1,18446744073709551615])",
         "[9223372036854775807,-1,18446744073709551615]"},
    };
    for (const Case& c : cases) {
        const std::string canonical = canonical_json(json::parse(c.text));
        EXPECT_EQ(canonical, c.canonical) << c.why;
        EXPECT_EQ(canonical_json(json::parse(canonical)), canonical) << c.why;
    }
}

TEST(AuditChain, TheHashIsTheOneTheFormatPageGives) {
    const json::object entry{{"b", 1}, {"a", "x"}};
    EXPECT_EQ(audit_hash(audit_chain_start, entry),
              "2aba6684241359bc9eae2ac680bed0bdb5329c6426d51a87a3ecceba702c1f67");
}

TEST(AuditChain, TellsTheFirstBrokenPlace) {
    using Links = std::vector<AuditLink>;
    struct Case {
        const char* why;
        std::function<void(Links&)> harm;
        std::optional<std::size_t> broken;
    };
    const Case cases[] = {
        {"whole", [](Links&) {}, {}},
        {"members in another order",
         [](Links& l) {
             l[1].entry =
                 json::object{{"number", 1}, {"actor", {{"id", "ann"}}}, {"action", "login"}};
         },
         {}},
        {"a value changed", [](Links& l) { l[2].entry["action"] = "logout"; }, 2},
        {"a value inside changed", [](Links& l) { l[2].entry["actor"].as_object()["id"] = "bob"; },
         2},
        {"a number became a text", [](Links& l) { l[0].entry["number"] = "0"; }, 0},
        {"a member added", [](Links& l) { l[4].entry["note"] = nullptr; }, 4},
        {"changed together with its hash",
         [](Links& l) {
             l[2].entry["action"] = "logout";
             l[2].hash = audit_hash(l[1].hash, l[2].entry);
         },
         3},
        {"removed", [](Links& l) { l.erase(l.begin() + 1); }, 1},
        {"the first removed", [](Links& l) { l.erase(l.begin()); }, 0},
        {"two moved", [](Links& l) { std::swap(l[1], l[2]); }, 1},
        {"one twice", [](Links& l) { l.insert(l.begin() + 3, l[3]); }, 4},
        {"no hash", [](Links& l) { l[3].hash.clear(); }, 3},
        {"none left", [](Links& l) { l.clear(); }, {}},
    };
    for (const Case& c : cases) {
        Links links = chain_of_five();
        c.harm(links);
        EXPECT_EQ(first_broken_link(links), c.broken) << c.why;
    }
}

TEST(AuditChain, IsCheckedInParts) {
    const auto links = chain_of_five();
    const std::span all(links);
    EXPECT_EQ(first_broken_link(all.subspan(2), links[1].hash), std::nullopt);
    EXPECT_EQ(first_broken_link(all.subspan(2), links[0].hash), 0u);
}

}  // namespace dunlin::auth
