#include "oracle_live.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "core/codec.h"
#include "realtime/shard.h"
#include "realtime/test_support.h"
#include "server/open_readonly.h"
#include "server/settings.h"
#include "sql/sqlite_text.h"

namespace dunlin::oracle {

namespace {

namespace json = boost::json;

Identity identity_of(const Person& who) {
    json::object claims{{"role", who.role}};
    if (who.id) claims["sub"] = *who.id;
    const Role role = who.role == "anon"            ? Role::Anon
                      : who.role == "authenticated" ? Role::Authenticated
                                                    : Role::ServiceRole;
    return {.role = role, .user_id = who.id.value_or(""), .claims = json::serialize(claims)};
}

std::vector<dunlin::Row> rows_of(engine::Engine& engine, const Identity& who,
                                 const std::string& sql) {
    std::vector<dunlin::Row> rows;
    boost::asio::io_context loop(1);
    const auto read = [&]() -> boost::asio::awaitable<void> {
        auto done = co_await engine.read(who, [&](engine::Session& session) -> Result<void> {
            auto found = session.run({sql});
            if (!found) return std::unexpected(found.error());
            rows = std::move(found->rows);
            return {};
        });
        EXPECT_TRUE(done) << sql << done.error().message;
    };
    boost::asio::co_spawn(loop, read(), boost::asio::detached);
    loop.run();
    return rows;
}

/// Loads the sets of a reader from what is committed.
class StoredSets final : public realtime::test::PlainHost {
public:
    explicit StoredSets(const server::ReadonlyProject& project) : project_(project) {}

    void load_reader(const Identity& identity, ReaderLoaded done) override { done(load(identity)); }
    void spread(std::shared_ptr<const realtime::ChannelMessage>) override {}  // There is one shard.
    void call_after(std::chrono::milliseconds, std::function<void()>) override {}
    void store_message(const Identity&, realtime::StoredMessage, Done) override {}
    void read_messages(std::string, realtime::ReplayRequest, MessagesRead) override {}
    std::string random_uuid() override { return "00000000-0000-4000-8000-000000000000"; }

    void read_rows(std::vector<realtime::RowsWanted> wanted, RowsRead done) override {
        reads.push_back([this, wanted = std::move(wanted), done = std::move(done)] {
            realtime::StoredRows found;
            for (const auto& one : wanted) {
                const std::string sql = "select * from " + sql::quote_identifier(one.table->name);
                auto& rows = found.rows.emplace_back(
                    rows_of(*project_.engine, {.role = Role::ServiceRole}, sql));
                std::erase_if(rows, [&](const dunlin::Row& row) {
                    return one.column &&
                           std::ranges::find(one.values, row[*one.column]) == one.values.end();
                });
            }
            done(std::move(found));
        });
    }

    std::shared_ptr<const policy::Reader> load(const Identity& who) const {
        std::vector<std::shared_ptr<const policy::ValueSet>> sets;
        for (const auto& query : project_.rules->set_queries()) {
            sets.push_back(nullptr);
            if (query.role != who.role) continue;
            auto set = std::make_shared<policy::ValueSet>();
            for (const auto& row : rows_of(*project_.engine, who, query.sql))
                set->insert(row.at(0));
            sets.back() = std::move(set);
        }
        return project_.rules->make_reader(who, std::move(sets));
    }

private:
    const server::ReadonlyProject& project_;
};

dunlin::Row stored(const dunlin::Table& table, const Row& row) {
    dunlin::Row out;
    for (const Column& column : table.columns) {
        const Cell& cell = row.at(column.name);
        auto value = cell ? codec::parse_text(column.type, *cell) : Result<Value>(Value());
        EXPECT_TRUE(value) << column.name;
        out.push_back(value ? std::move(*value) : Value());
    }
    return out;
}

const Row* row_of(const std::vector<Row>& rows, const Cell& id) {
    const auto found =
        std::ranges::find_if(rows, [&](const Row& row) { return row.at("id") == id; });
    return found == rows.end() ? nullptr : &*found;
}

/// The pairs of rows that differ; nullptr where there is none.
std::vector<std::pair<const Row*, const Row*>> differences(const std::vector<Row>& before,
                                                           const std::vector<Row>& after) {
    std::vector<std::pair<const Row*, const Row*>> pairs;
    for (const Row& row : before) {
        const Row* now = row_of(after, row.at("id"));
        if (now == nullptr || *now != row) pairs.emplace_back(&row, now);
    }
    for (const Row& row : after) {
        if (row_of(before, row.at("id")) == nullptr) pairs.emplace_back(nullptr, &row);
    }
    return pairs;
}

std::string joined(std::vector<std::string> names) {
    std::ranges::sort(names);
    return fmt::format("{}", fmt::join(names, ","));
}

/// Of a Phoenix message: `BINDING EVENT ID COLUMNS`, "" for what is no change.
std::string heard_in(const std::string& text) {
    const auto message = json::parse(text).as_array();
    if (message[3].as_string() != "postgres_changes") return {};
    const auto& data = message[4].as_object().at("data").as_object();
    const std::string event(data.at("type").as_string());
    const auto& record = data.at(event == "DELETE" ? "old_record" : "record").as_object();
    std::vector<std::string> names;
    for (const auto& member : record) names.emplace_back(member.key());
    const std::string topic(message[2].as_string());
    return fmt::format("{} {} {} {}", topic.substr(topic.find(':') + 1), event,
                       record.at("id").as_int64(), joined(names));
}

}  // namespace

const char* const live_kind = "a";

class Live::Implementation {
public:
    explicit Implementation(const std::filesystem::path& folder)
        : settings(*server::load_settings({.project = folder, .development = true})),
          project(*server::open_readonly(settings, clock)) {
        for (std::size_t i = 0; i < people.size(); ++i) follow(i);
    }
    ~Implementation() { project.engine->stop(); }

    void follow(std::size_t who) {
        const auto client =
            shard.connect(outlets[who], realtime::Version::V2, identity_of(people[who]));
        for (const auto& [key, table] : project.rules->schema().tables) {
            subscribe(client, table.name, "");
            subscribe(client, table.name + "/kind", fmt::format("kind=eq.{}", live_kind));
            const auto texts = outlets[who].take();
            const auto told = [&](std::string_view what) {
                return std::ranges::any_of(
                    texts, [&](const auto& text) { return text.find(what) != text.npos; });
            };
            if (told("Subscribed to PostgreSQL")) followed.emplace(table.name, who);
        }
    }
    void subscribe(realtime::ClientId client, const std::string& topic, const std::string& filter) {
        const json::object binding{{"event", "*"},
                                   {"schema", "public"},
                                   {"table", topic.substr(0, topic.find('/'))},
                                   {"filter", filter}};
        const json::object join{
            {"config", json::object{{"postgres_changes", json::array{binding}}}}};
        shard.receive(
            client, json::serialize(json::array{"1", "1", "realtime:" + topic, "phx_join", join}));
    }

    SystemClock clock;
    server::Settings settings;
    server::ReadonlyProject project;
    StoredSets host{project};
    realtime::Shard shard{project.rules, host, clock};
    std::vector<realtime::test::FakeOutlet> outlets{people.size()};
    std::set<std::pair<std::string, std::size_t>> followed;  // table, person
};

Live::Live(const std::filesystem::path& project)
    : implementation_(std::make_unique<Implementation>(project)) {}
Live::~Live() = default;

namespace {

std::size_t index_of(const Person& who) {
    return static_cast<std::size_t>(&who - people.data());
}

}  // namespace

bool Live::follows(const Table& table, const Person& who) const {
    return implementation_->followed.contains({table.name, index_of(who)});
}

std::map<std::string, bool> Live::allowed(const Table& table, const Person& who) const {
    const auto& [engine, rules] = implementation_->project;
    const Identity identity = identity_of(who);
    const auto reader = implementation_->host.load(identity);
    const dunlin::Table& known = *rules->schema().find("public", table.name);
    const auto rule = rules->select_rule(known, identity.role);
    EXPECT_TRUE(rule) << rule.error().message;
    std::map<std::string, bool> allowed;
    for (const auto& row : rows_of(*engine, {.role = Role::ServiceRole},
                                   "select * from " + sql::quote_identifier(table.name)))
        allowed[std::to_string(row[0].integer())] = rule && (*rule)->allows(row, *reader);
    return allowed;
}

void Live::publish(const Table& table, const std::vector<Row>& before) {
    const auto& rules = implementation_->project.rules;
    const dunlin::Table& known = *rules->schema().find("public", table.name);
    std::vector<Change> changes;
    for (const auto& [from, to] : differences(before, table.rows)) {
        changes.push_back({.table = known.storage_name(),
                           .kind = from == nullptr ? ChangeKind::Insert
                                   : to == nullptr ? ChangeKind::Delete
                                                   : ChangeKind::Update,
                           .old_row = from == nullptr ? dunlin::Row() : stored(known, *from),
                           .new_row = to == nullptr ? dunlin::Row() : stored(known, *to)});
    }
    implementation_->shard.publish(std::make_shared<const std::vector<Change>>(std::move(changes)));
    implementation_->host.finish_reads();
}

Heard Live::take(const Person& who) {
    Heard heard;
    for (const auto& text : implementation_->outlets[index_of(who)].take())
        heard.push_back(heard_in(text));
    std::ranges::sort(heard);
    return heard;
}

namespace {

std::string heard_of(const Table& table, bool filtered, const char* event, const Row& row,
                     const Person& who) {
    std::vector<std::string> shown = table.column_names();
    std::erase_if(shown, [&](const std::string& name) { return table.hides(name, who); });
    return fmt::format("{}{} {} {} {}", table.name, filtered ? "/kind" : "", event, *row.at("id"),
                       event == std::string("DELETE") ? "id" : joined(shown));
}

/// Rows as they were that are seen by the rights of now, and were not, or the other way round.
void add_moved(const World& was, const World& world, std::size_t index, bool filtered,
               const Person& who, Heard& heard) {
    const Table& table = was.tables()[index];
    for (const Row& row : table.rows) {
        if (filtered && row.at("kind") != live_kind) continue;
        const bool saw = was.sees(table, row, who);
        if (saw == world.sees(table, row, who)) continue;
        heard.push_back(heard_of(table, filtered, saw ? "DELETE" : "INSERT", row, who));
    }
}

/// What is told of the changes, as if the rights had always been those of now.
void add_changed(const World& was, const World& world, std::size_t index, bool filtered,
                 const Person& who, Heard& heard) {
    const Table& table = world.tables()[index];
    const auto sees = [&](const Row* row) {
        return row != nullptr && (!filtered || row->at("kind") == live_kind) &&
               world.sees(table, *row, who);
    };
    for (const auto& [from, to] : differences(was.tables()[index].rows, table.rows)) {
        const bool saw = sees(from), now = sees(to);
        if (!saw && !now) continue;
        const char* event = !now ? "DELETE" : saw ? "UPDATE" : "INSERT";
        heard.push_back(heard_of(table, filtered, event, now ? *to : *from, who));
    }
}

}  // namespace

Heard expected(const World& was, const World& world, const Person& who) {
    Heard heard;
    for (std::size_t i = 0; i < world.tables().size(); ++i) {
        const Table& table = world.tables()[i];
        if (world.denied(table, "select", who)) continue;
        for (const bool filtered : {false, true}) {
            if (filtered && table.hides("kind", who)) continue;
            add_moved(was, world, i, filtered, who, heard);
            add_changed(was, world, i, filtered, who, heard);
        }
    }
    std::ranges::sort(heard);
    return heard;
}

}  // namespace dunlin::oracle
