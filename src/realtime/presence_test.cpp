#include "realtime/presence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <map>
#include <random>
#include <set>

namespace dunlin::realtime {

namespace {

PresenceMeta meta(const std::string& ref, const std::string& prev = "",
                  const std::string& fields = "{}") {
    return {.ref = ref, .ref_prev = prev, .fields = fields};
}

TEST(Presence, TellsStateAndDiff) {
    struct Case {
        const char* why;
        std::vector<PresenceDelta> told;  // before the diff begins
        std::vector<PresenceDelta> deltas;
        std::string state;
        std::string diff;
    };
    const PresenceDelta ann{.key = "ann", .joined = meta("1", "", R"({"x":1})")};
    const std::vector<Case> cases = {
        {"nobody", {}, {}, "{}", ""},
        {"one comes",
         {},
         {ann},
         R"({"ann":{"metas":[{"phx_ref":"1","x":1}]}})",
         R"({"joins":{"ann":{"metas":[{"phx_ref":"1","x":1}]}},"leaves":{}})"},
        {"no fields, and a key that needs escapes",
         {},
         {{.key = "a\"b", .joined = meta("1")}},
         R"({"a\"b":{"metas":[{"phx_ref":"1"}]}})",
         R"({"joins":{"a\"b":{"metas":[{"phx_ref":"1"}]}},"leaves":{}})"},
        {"a second tab under the same key",
         {ann},
         {{.key = "ann", .joined = meta("2")}},
         R"({"ann":{"metas":[{"phx_ref":"1","x":1},{"phx_ref":"2"}]}})",
         R"({"joins":{"ann":{"metas":[{"phx_ref":"2"}]}},"leaves":{}})"},
        {"an update is a leave and a join",
         {ann},
         {{.key = "ann", .left = "1", .joined = meta("2", "1", R"({"x":2})")}},
         R"({"ann":{"metas":[{"phx_ref":"2","phx_ref_prev":"1","x":2}]}})",
         R"({"joins":{"ann":{"metas":[{"phx_ref":"2","phx_ref_prev":"1","x":2}]}},)"
         R"("leaves":{"ann":{"metas":[{"phx_ref":"1","x":1}]}}})"},
        {"two updates at once: nobody hears of the one between",
         {ann},
         {{.key = "ann", .left = "1", .joined = meta("2", "1")},
          {.key = "ann", .left = "2", .joined = meta("3", "2")}},
         R"({"ann":{"metas":[{"phx_ref":"3","phx_ref_prev":"1"}]}})",
         R"({"joins":{"ann":{"metas":[{"phx_ref":"3","phx_ref_prev":"1"}]}},)"
         R"("leaves":{"ann":{"metas":[{"phx_ref":"1","x":1}]}}})"},
        {"who comes and goes in between was never there",
         {},
         {ann, {.key = "ann", .left = "1"}},
         "{}",
         ""},
        {"who leaves",
         {ann},
         {{.key = "ann", .left = "1"}},
         "{}",
         R"({"joins":{},"leaves":{"ann":{"metas":[{"phx_ref":"1","x":1}]}}})"},
        {"who is not there cannot leave", {}, {{.key = "ann", .left = "1"}}, "{}", ""},
    };
    for (const Case& c : cases) {
        Presence presence;
        for (const PresenceDelta& delta : c.told) presence.apply(delta);
        presence.take_diff_json();
        for (const PresenceDelta& delta : c.deltas) presence.apply(delta);
        EXPECT_EQ(presence.state_json(), c.state) << c.why;
        EXPECT_EQ(presence.take_diff_json(), c.diff) << c.why;
        EXPECT_EQ(presence.take_diff_json(), "") << c.why << ": told once";
    }
}

using Refs = std::map<std::string, std::set<std::string>>;

void add(Refs& refs, const boost::json::value& metas_by_key) {
    for (const auto& [key, entry] : metas_by_key.as_object()) {
        for (const auto& one : entry.at("metas").as_array()) {
            refs[std::string(key)].insert(one.at("phx_ref").as_string().c_str());
        }
    }
}

/// As the client does it: joins, then leaves.
void follow(Refs& refs, const std::string& diff) {
    if (diff.empty()) return;
    const auto root = boost::json::parse(diff);
    add(refs, root.at("joins"));
    Refs leaves;
    add(leaves, root.at("leaves"));
    for (const auto& [key, gone] : leaves) {
        for (const std::string& ref : gone) EXPECT_EQ(refs[key].erase(ref), 1U);
        if (refs[key].empty()) refs.erase(key);
    }
}

TEST(Presence, ClientsThatFollowTheDiffsKnowTheState) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    Presence presence;
    Refs model;
    Refs client;
    std::map<std::string, std::string> member;  // ref -> key
    int last_ref = 0;
    for (int step = 0; step < 5000; ++step) {
        PresenceDelta delta{.key = std::to_string(random() % 5)};
        if (member.size() > 30 || (!member.empty() && random() % 2 == 0)) {
            auto leaver = member.begin();
            std::advance(leaver, random() % member.size());
            delta.key = leaver->second;
            delta.left = leaver->first;
            model[delta.key].erase(delta.left);
            if (model[delta.key].empty()) model.erase(delta.key);
            member.erase(leaver);
        }
        if (delta.left.empty() || random() % 2 == 0) {
            delta.joined = meta(std::to_string(++last_ref), delta.left);
            model[delta.key].insert(delta.joined->ref);
            member[delta.joined->ref] = delta.key;
        }
        presence.apply(delta);
        if (random() % 4 != 0) continue;
        follow(client, presence.take_diff_json());
        ASSERT_EQ(client, model);
        Refs newcomer;
        add(newcomer, boost::json::parse(presence.state_json()));
        ASSERT_EQ(newcomer, model);
    }
    for (const auto& [ref, key] : member) presence.apply({.key = key, .left = ref});
    EXPECT_TRUE(presence.empty());
    EXPECT_EQ(presence.bytes(), 0U);
}

}  // namespace

}  // namespace dunlin::realtime
