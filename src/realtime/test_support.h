#pragma once

#include <algorithm>
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
#include "realtime/channel_message.h"
#include "realtime/rule_source.h"
#include "realtime/shard.h"
#include "realtime/stored_message.h"

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
    std::vector<policy::Grant> reasons{};
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
    std::vector<std::size_t> columns_in_set(std::size_t) const override { return {column}; }
    const std::vector<policy::Grant>& grants() const override { return reasons; }
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
    rule.reasons = {{.column = column}};
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
    std::map<std::string, FakeRule> rules;    // by table; Everyone when missing
    std::map<std::string, FakeRule> inserts;  // by table; Everyone when missing
    std::map<std::string, Error> refused;     // by table

    /// Whether a change of a table that a set depends on matters to a reader; none: it always does.
    std::function<bool(const Change&, const policy::Reader&)> matters;

    TableGroups table_groups;

    bool may_change_set(std::size_t, const Change& change,
                        const policy::Reader& reader) const override {
        return !matters || matters(change, reader);
    }
    const Schema& schema() const override { return tables; }
    const TableGroups& groups() const override { return table_groups; }
    Result<const policy::RowRule*> select_rule(const Table& table, Role role) const override {
        return rule_in(rules, table, role);
    }
    Result<const policy::RowRule*> insert_rule(const Table& table, Role role) const override {
        return rule_in(inserts, table, role);
    }
    void add(Table table) {
        tables.tables.emplace(std::pair(table.schema, table.name), std::move(table));
    }

private:
    Result<const policy::RowRule*> rule_in(const std::map<std::string, FakeRule>& of,
                                           const Table& table, Role role) const {
        static const FakeRule everyone;
        if (const auto error = refused.find(table.name); error != refused.end()) {
            return std::unexpected(error->second);
        }
        const auto rule = of.find(table.name);
        if (role == Role::ServiceRole || rule == of.end()) return &everyone;
        return &rule->second;
    }
};

class FakeClock final : public Clock {
public:
    std::int64_t time_us = 1'000'000'000'000;
    std::int64_t now_us() const override { return time_us; }
};

/// A host without a log and without rows.
class PlainHost : public Host {
public:
    Result<Identity> verify(std::string_view) override {
        return std::unexpected(Error{ErrorCode::Unauthorized, "no tokens here"});
    }
    Result<Identity> current(const Identity& identity) override { return identity; }
    Position log_position() const override { return {}; }
    void read_log(Position, std::size_t, LogRead) override {}
    void read_rows(std::vector<RowsWanted> wanted, RowsRead done) override {
        reads.push_back([count = wanted.size(), done = std::move(done)] {
            done(StoredRows{.rows = std::vector<std::vector<Row>>(count)});
        });
    }
    std::optional<Position> resume_point(const std::string&) override { return std::nullopt; }
    void keep_resume_point(const std::string&, Position) override {}
    void forget_resume_point(const std::string&) override {}
    void spread(std::shared_ptr<const ChannelMessage>) override {}
    void call_after(std::chrono::milliseconds, std::function<void()>) override {}
    void store_message(const Identity&, StoredMessage, Done) override {}
    void read_messages(std::string, ReplayRequest, MessagesRead) override {}
    std::string random_uuid() override { return "uuid"; }

    std::vector<std::function<void()>> reads;  // that have not called back yet
    void finish_reads() {
        while (!reads.empty()) {
            auto now = std::exchange(reads, {});
            for (auto& read : now) read();
        }
    }
};

/// Tokens are user names; "expired" and "bad" are refused. Loads wait for finish_loads() if told
/// so.
class FakeHost : public PlainHost {
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

    Position end;                                        // of the log when the shard is made
    std::vector<ChangeBatch> log;                        // what read_log() gives
    std::string log_failure;                             // instead of it
    std::map<std::string, std::vector<Row>> table_rows;  // by table
    Position stored_at;
    bool too_many = false;
    int rows_read = 0;
    std::map<std::string, Position> points;

    Position log_position() const override { return end; }
    void read_log(Position after, std::size_t, LogRead done) override {
        reads.push_back([this, after, done = std::move(done)] {
            if (!log_failure.empty()) {
                return done(std::unexpected(Error{ErrorCode::NotFound, log_failure}));
            }
            std::vector<ChangeBatch> commits;
            for (const ChangeBatch& commit : log) {
                if (commit->back().position > after) commits.push_back(commit);
            }
            done(std::move(commits));
        });
    }
    void read_rows(std::vector<RowsWanted> wanted, RowsRead done) override {
        reads.push_back([this, wanted = std::move(wanted), done = std::move(done)] {
            StoredRows found{.position = stored_at, .complete = !too_many};
            for (const RowsWanted& one : wanted) {
                auto& rows = found.rows.emplace_back();
                for (const Row& row : table_rows[one.table->name]) {
                    const bool is_wanted =
                        !one.column ||
                        std::ranges::find(one.values, row[*one.column]) != one.values.end();
                    if (is_wanted) rows.push_back(row);
                }
                rows_read += static_cast<int>(rows.size());
            }
            done(std::move(found));
        });
    }
    std::optional<Position> resume_point(const std::string& key) override {
        const auto found = points.find(key);
        return found == points.end() ? std::nullopt : std::optional(found->second);
    }
    void keep_resume_point(const std::string& key, Position position) override {
        points[key] = position;
    }
    void forget_resume_point(const std::string& key) override { points.erase(key); }

    std::vector<std::shared_ptr<const ChannelMessage>> spreads;
    std::vector<std::pair<std::chrono::milliseconds, std::function<void()>>> timers;
    int uuids = 0;

    void spread(std::shared_ptr<const ChannelMessage> message) override {
        spreads.push_back(std::move(message));
    }
    void call_after(std::chrono::milliseconds delay, std::function<void()> action) override {
        timers.emplace_back(delay, std::move(action));
    }
    std::string random_uuid() override { return "uuid-" + std::to_string(++uuids); }

    std::vector<StoredMessage> stored;  // also what read_messages() gives
    std::vector<Done> stores;           // waiting, when asynchronous
    std::optional<Error> store_error;
    std::vector<ReplayRequest> replays;

    void store_message(const Identity&, StoredMessage message, Done done) override {
        stored.push_back(std::move(message));
        if (asynchronous) return stores.push_back(std::move(done));
        done(store_error ? Result<void>(std::unexpected(*store_error)) : Result<void>());
    }
    void read_messages(std::string, ReplayRequest wanted, MessagesRead done) override {
        replays.push_back(wanted);
        auto answer = [this, done = std::move(done)] { done(stored); };
        if (asynchronous) return waiting.push_back(std::move(answer));
        answer();
    }

    void run_timers() {
        for (auto& [delay, action] : std::exchange(timers, {})) action();
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
    bool full = false;
    std::function<void()> on_send;

    void send(const wire::Frame& frame) override {
        frames.push_back(frame);
        texts.push_back(payload(*frame));
        if (on_send) on_send();
    }
    bool is_writable() const override { return !full; }
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
