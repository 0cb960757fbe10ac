#pragma once

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "realtime/test_support.h"

/// A shard with a few tables and two outlets, for its tests.
namespace dunlin::realtime::test {

inline std::unique_ptr<FakeRules> make_rules() {
    auto rules = std::make_unique<FakeRules>();
    rules->add(table("notes", {
                                  column("id", TypeKind::Int8),
                                  column("room", TypeKind::Int8),
                                  column("owner", TypeKind::Text),
                              }));
    rules->add(table("mine", {
                                 column("id", TypeKind::Int8),
                                 column("owner", TypeKind::Text),
                             }));
    rules->add(table("tasks", {
                                  column("id", TypeKind::Int8),
                                  column("project", TypeKind::Int8),
                              }));
    rules->add(table("members", {
                                    column("id", TypeKind::Int8),
                                    column("project", TypeKind::Int8),
                                }));
    Table odd = table("odd", {column("id", TypeKind::Int8)});
    odd.schema = "hidden";
    rules->add(std::move(odd));
    rules->rules["mine"] = rule_of(policy::RowRule::Shape::Owner, 1);
    rules->rules["tasks"] = member_rule(1);
    rules->refused["odd"] = Error{ErrorCode::NotSupported, "policy p calls now()"};
    return rules;
}

class ShardTest : public testing::Test {
protected:
    FakeHost host;
    FakeClock clock;
    FakeOutlet ann;
    FakeOutlet bob;
    Shard shard{make_rules(), host, clock};

    ClientId connect(FakeOutlet& outlet, Version version = Version::V2) {
        return shard.connect(outlet, version, Identity{});
    }

    static std::string join_text(const std::string& topic, const std::string& bindings,
                                 const std::string& token = "", const std::string& ref = "1") {
        return R"([")" + ref + R"(",")" + ref + R"(","realtime:)" + topic +
               R"(","phx_join",{"config":{"broadcast":{"ack":false,"self":false},"presence":)"
               R"({"key":"","enabled":false},"postgres_changes":[)" +
               bindings + R"(],"private":false})" +
               (token.empty() ? "" : R"(,"access_token":")" + token + "\"") + "}]";
    }

    void join(ClientId client, const std::string& topic, const std::string& bindings,
              const std::string& token = "") {
        shard.receive(client, join_text(topic, bindings, token));
    }

    static Row note(std::int64_t id, std::int64_t room, std::string owner = "ann") {
        return {Value(id), Value(room), Value(std::move(owner))};
    }
    void commit(std::vector<Change> changes) {
        shard.publish(std::make_shared<const std::vector<Change>>(std::move(changes)));
    }
    void insert(const std::string& table, Row row) {
        commit({{.table = table, .kind = ChangeKind::Insert, .new_row = std::move(row)}});
    }
    void remove(const std::string& table, Row row) {
        commit({{.table = table, .kind = ChangeKind::Delete, .old_row = std::move(row)}});
    }
};

/// "EVENT TABLE RECORD/OLD_RECORD xIDS" of the postgres_changes among `texts`; others as their
/// event and message.
inline std::vector<std::string> summary(const std::vector<std::string>& texts) {
    std::vector<std::string> out;
    for (const std::string& text : texts) {
        const boost::json::value root = boost::json::parse(text);
        const auto& array = root.as_array();
        const std::string event(array[3].as_string().c_str());
        const auto& payload = array[4].as_object();
        if (event == "postgres_changes") {
            const auto& data = payload.at("data").as_object();
            std::string line = data.at("type").as_string().c_str();
            line += " " + std::string() + data.at("table").as_string().c_str() + " ";
            const char* record = data.contains("record") ? "record" : "old_record";
            line += boost::json::serialize(data.at(record));
            out.push_back(line + " x" + std::to_string(payload.at("ids").as_array().size()));
        } else if (event == "system") {
            out.push_back("system " + std::string() + payload.at("status").as_string().c_str() +
                          " " + payload.at("message").as_string().c_str());
        } else if (event == "phx_reply") {
            const auto& response = payload.at("response").as_object();
            std::string line = "reply " + std::string() + payload.at("status").as_string().c_str();
            if (response.contains("reason"))
                line += " " + std::string() + response.at("reason").as_string().c_str();
            out.push_back(line);
        } else {
            out.push_back(event);
        }
    }
    return out;
}

inline const std::string every_note = R"({"event":"*","schema":"public","table":"notes"})";
inline const std::string every_task = R"({"event":"*","schema":"public","table":"tasks"})";
inline const std::string every_mine = R"({"event":"*","schema":"public","table":"mine"})";
inline const char* const joined = "reply ok";
inline const char* const live = "system ok Subscribed to PostgreSQL";

}  // namespace dunlin::realtime::test
