#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "realtime/rule_source.h"
#include "realtime/shard.h"

/// Tables, rules, a host and outlets for the tests of this module.
namespace dunlin::realtime::test {

inline Column column(std::string name, TypeKind kind) {
    return Column{.name = std::move(name), .type = Type{.kind = kind}};
}

inline Table table(std::string name, std::vector<Column> columns) {
    Table made;
    made.name = std::move(name);
    made.columns = std::move(columns);
    made.primary_key = Key{made.name + "_pkey", {0}};
    return made;
}

class FakeRule final : public policy::RowRule {
public:
    Shape kind = Shape::Everyone;
    std::size_t column = 0;  // Owner: compared with the user id; General: looked for in set 0
    std::vector<std::string> tables{};
    std::vector<std::size_t> sets{};
    bool same_for_all = true;

    bool allows(const Row& row, const policy::Reader& reader) const override {
        switch (kind) {
            case Shape::Everyone:
                return true;
            case Shape::Nobody:
                return false;
            case Shape::Owner:
                return !row[column].is_null() && row[column] == owner_key(reader);
            case Shape::General:
                return same_for_all ? row[column] == Value("shown")
                                    : reader.sets.at(0)->contains(row[column]);
        }
        return false;
    }
    Shape shape() const override { return kind; }
    std::size_t owner_column() const override { return column; }
    Value owner_key(const policy::Reader& reader) const override {
        const std::string& user = reader.identity.user_id;
        return user.empty() ? Value() : Value(user);
    }
    bool same_for_all_readers() const override { return same_for_all; }
    const std::vector<std::string>& depends_on() const override { return tables; }
    const std::vector<std::size_t>& sets_used() const override { return sets; }
};

inline FakeRule rule_of(policy::RowRule::Shape shape, std::size_t column = 0) {
    FakeRule rule;
    rule.kind = shape;
    rule.column = column;
    rule.same_for_all = shape != policy::RowRule::Shape::Owner;
    return rule;
}

/// Membership: row[column] in the set of the reader, which depends on table "members".
inline FakeRule member_rule(std::size_t column) {
    FakeRule rule = rule_of(policy::RowRule::Shape::General, column);
    rule.same_for_all = false;
    rule.tables = {"members"};
    rule.sets = {0};
    return rule;
}

inline std::shared_ptr<const policy::Reader> reader(std::string user,
                                                    std::vector<Value> projects = {}) {
    auto made = std::make_shared<policy::Reader>();
    made->identity = Identity{.role = Role::Authenticated, .user_id = std::move(user)};
    made->sets.push_back(
        std::make_shared<const policy::ValueSet>(projects.begin(), projects.end()));
    return made;
}

class FakeRules final : public RuleSource {
public:
    Schema tables;
    std::map<std::string, FakeRule> rules;  // by table; Everyone when missing
    std::map<std::string, Error> refused;   // by table

    TableGroups table_groups;

    const Schema& schema() const override { return tables; }
    const TableGroups& groups() const override { return table_groups; }
    Result<const policy::RowRule*> select_rule(const Table& table, Role role) const override {
        static const FakeRule everyone;
        if (const auto error = refused.find(table.name); error != refused.end()) {
            return std::unexpected(error->second);
        }
        const auto rule = rules.find(table.name);
        if (role == Role::ServiceRole || rule == rules.end()) return &everyone;
        return &rule->second;
    }
    void add(Table table) {
        tables.tables.emplace(std::pair(table.schema, table.name), std::move(table));
    }
};

class FakeClock final : public Clock {
public:
    std::int64_t time_us = 1'000'000'000'000;
    std::int64_t now_us() const override { return time_us; }
};

/// Tokens are user names; "expired" and "bad" are refused. Loads wait for finish_loads() if told
/// so.
class FakeHost final : public Host {
public:
    std::map<std::string, std::vector<Value>> projects;  // of the users
    std::map<std::string, std::int64_t> expiry_s;
    std::map<std::string, std::string> claims;  // of the users, by now
    std::set<std::string> gone;                 // users without a session
    bool asynchronous = false;
    bool failing = false;
    int loads = 0;
    std::vector<std::function<void()>> waiting;

    Result<Identity> verify(std::string_view token) override {
        const std::string user(token);
        if (user == "expired") {
            return std::unexpected(
                Error{ErrorCode::Unauthorized, "Token has expired 12 seconds ago"});
        }
        if (user == "bad") return std::unexpected(Error{ErrorCode::Unauthorized, "bad signature"});
        Identity identity{
            .role = Role::Authenticated, .user_id = user, .session_id = "session of " + user};
        if (expiry_s.contains(user)) identity.expires_at_s = expiry_s[user];
        return identity;
    }

    Result<Identity> current(const Identity& identity) override {
        if (gone.contains(identity.user_id)) {
            return std::unexpected(Error{ErrorCode::Unauthorized, "gone"});
        }
        Identity now = identity;
        if (claims.contains(identity.user_id)) now.claims = claims[identity.user_id];
        return now;
    }

    void load_reader(const Identity& identity, ReaderLoaded done) override {
        ++loads;
        auto answer = [this, identity, done = std::move(done)] {
            if (failing) return done(std::unexpected(Error{ErrorCode::Unavailable, "busy"}));
            auto made = std::make_shared<policy::Reader>(
                *reader(identity.user_id, projects[identity.user_id]));
            made->identity = identity;
            done(std::move(made));
        };
        if (asynchronous) {
            waiting.push_back(std::move(answer));
        } else {
            answer();
        }
    }

    void finish_loads() {
        while (!waiting.empty()) {
            auto now = std::exchange(waiting, {});
            for (auto& answer : now) answer();
        }
    }
};

/// Keeps the payloads of the frames it gets.
class FakeOutlet final : public Outlet {
public:
    std::vector<std::string> texts;
    std::vector<wire::Frame> frames;
    std::string closed;  // code and reason
    std::function<void()> on_send;

    void send(const wire::Frame& frame) override {
        frames.push_back(frame);
        texts.push_back(payload(*frame));
        if (on_send) on_send();
    }
    void close(std::uint16_t code, std::string_view reason) override {
        closed = std::to_string(code) + " " + std::string(reason);
    }

    std::vector<std::string> take() {
        frames.clear();
        return std::exchange(texts, {});
    }

private:
    static std::string payload(const std::string& frame) {
        const auto length = static_cast<unsigned char>(frame[1]);
        return frame.substr(length < 126 ? 2 : length == 126 ? 4 : 10);
    }
};

}  // namespace dunlin::realtime::test
