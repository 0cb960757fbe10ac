// Random schemas, policies, grants, identities and requests: what the server answers, and what it
// would tell live, against the plain evaluation of oracle_world.h. One check is one decision over
// one row.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>

#include "core/codec.h"
#include "oracle_world.h"
#include "scenario_server.h"
#include "server/open_readonly.h"
#include "server/settings.h"
#include "sql/sqlite_text.h"

namespace dunlin::oracle {

namespace {

namespace json = boost::json;
using scenarios::Answer;
using scenarios::ScenarioServer;
using scenarios::Sender;

constexpr Sender senders[] = {Sender::Anon, Sender::Ann, Sender::Bob, Sender::Service};

std::size_t wanted_checks() {
    const char* lengthy = std::getenv("DUNLIN_LONG");
    return lengthy != nullptr && *lengthy == '1' ? 1'000'000 : 20'000;
}

json::value json_of(const std::string& column, const Cell& cell) {
    if (!cell) return nullptr;
    return column == "id" || column == "up" ? json::value(std::stoll(*cell)) : json::value(*cell);
}

std::string body_of(const Row& row) {
    json::object object;
    for (const auto& [name, cell] : row) object[name] = json_of(name, cell);
    return json::serialize(object);
}

std::string filter_of(const std::string& column, const Cell& value) {
    return column.empty() ? "" : fmt::format("&{}=eq.{}", column, value.value_or("null"));
}

std::set<std::string> ids_of(const std::string& body) {
    std::set<std::string> ids;
    boost::system::error_code failure;
    const auto rows = json::parse(body, failure);
    if (failure || !rows.is_array()) return {"no rows: " + body};
    for (const auto& row : rows.as_array()) ids.insert(std::to_string(row.at("id").as_int64()));
    return ids;
}

/// One world, its server, and how often they were compared.
class Comparison {
public:
    explicit Comparison(unsigned seed) : seed_(seed), world_(seed), server_(world_.migration()) {}

    std::size_t checks() const { return checks_; }

    void request() {
        const std::size_t table = world_.below(3);
        const std::size_t who = world_.below(people.size());
        switch (world_.below(8)) {
            case 0:
                return insert(table, who);
            case 1:
                return update(table, who);
            case 2:
                return world_.below(3) == 0 ? remove(table, who) : select(table, who);
            default:
                return select(table, who);
        }
    }

    /// The rules as live events ask them, over the rows that are stored.
    void live();

private:
    std::string place(std::size_t table, std::size_t who, std::string_view what) const {
        return fmt::format("seed {}, {} {} {} as {} {}", seed_, what, world_.tables()[table].name,
                           "", people[who].role, people[who].id.value_or(""));
    }

    void compare(const Outcome& expected, const Answer& answer, const std::string& where) {
        const bool refused = answer.status == 401 || answer.status == 403;
        ASSERT_EQ(refused, expected.refused) << where << answer.body << world_.migration();
        if (refused) return;
        ASSERT_LT(answer.status, 300) << where << answer.body;
        if (answer.status == 200) {
            ASSERT_EQ(ids_of(answer.body), expected.ids) << where << world_.migration();
        }
    }

    void select(std::size_t table, std::size_t who) {
        const std::string column = world_.below(2) == 0 ? "" : columns[world_.below(3)];
        const Cell value = column.empty() ? Cell() : world_.random_cell(column);
        if (!column.empty() && !value) return;
        const std::string target = fmt::format(
            "/rest/v1/{}?select=id{}", world_.tables()[table].name, filter_of(column, value));
        compare(world_.select(table, people[who], column, value),
                server_.send(senders[who], "GET", target), place(table, who, target));
        checks_ += world_.tables()[table].rows.size();
    }

    void insert(std::size_t table, std::size_t who) {
        Row row{{"id", std::to_string(++last_id_)}};
        for (const std::string& column : columns) row[column] = world_.random_cell(column);
        const auto answer =
            server_.send(senders[who], "POST", "/rest/v1/" + world_.tables()[table].name,
                         body_of(row), {{"Prefer", "return=minimal"}});
        compare(world_.insert(table, people[who], row), answer,
                place(table, who, "insert " + body_of(row)));
        ++checks_;
    }

    void update(std::size_t table, std::size_t who) {
        const std::string column = columns[world_.below(3)];
        const Cell value = world_.random_cell(column);
        if (!value) return;
        const std::string changed = columns[world_.below(3)];
        const Row set{{changed, world_.random_cell(changed)}};
        const std::string target = fmt::format(
            "/rest/v1/{}?select=id{}", world_.tables()[table].name, filter_of(column, value));
        const auto answer = server_.send(senders[who], "PATCH", target, body_of(set),
                                         {{"Prefer", "return=representation"}});
        compare(world_.update(table, people[who], column, value, set), answer,
                place(table, who, target + body_of(set)));
        checks_ += world_.tables()[table].rows.size();
    }

    void remove(std::size_t table, std::size_t who) {
        const Cell value = world_.random_cell("up");
        if (!value) return;
        const std::string target = fmt::format("/rest/v1/{}?select=id{}",
                                               world_.tables()[table].name, filter_of("up", value));
        const auto answer =
            server_.send(senders[who], "DELETE", target, {}, {{"Prefer", "return=representation"}});
        compare(world_.remove(table, people[who], "up", value), answer,
                place(table, who, "delete " + target));
        checks_ += world_.tables()[table].rows.size();
    }

    unsigned seed_;
    World world_;
    ScenarioServer server_;
    std::size_t checks_ = 0;
    int last_id_ = 1000;
};

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

std::shared_ptr<const policy::Reader> load_reader(const server::ReadonlyProject& project,
                                                  const Identity& who) {
    std::vector<std::shared_ptr<const policy::ValueSet>> sets;
    for (const auto& query : project.rules->set_queries()) {
        sets.push_back(nullptr);
        if (query.role != who.role) continue;
        auto set = std::make_shared<policy::ValueSet>();
        for (const auto& row : rows_of(*project.engine, who, query.sql)) set->insert(row.at(0));
        sets.back() = std::move(set);
    }
    return project.rules->make_reader(who, std::move(sets));
}

Row plain(const dunlin::Table& table, const dunlin::Row& row) {
    Row out;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const auto& column = table.columns[i];
        out[column.name] = row[i].is_null() ? Cell() : Cell(codec::to_text(column.type, row[i]));
    }
    return out;
}

void Comparison::live() {
    const SystemClock clock;
    const auto settings = server::load_settings({.project = server_.folder(), .development = true});
    ASSERT_TRUE(settings);
    const auto project = server::open_readonly(*settings, clock);
    ASSERT_TRUE(project) << project.error().message;
    for (const Person& who : people) {
        const Identity identity = identity_of(who);
        const auto reader = load_reader(*project, identity);
        for (const Table& table : world_.tables()) {
            const dunlin::Table& stored = *project->rules->schema().find("public", table.name);
            const auto rule = project->rules->select_rule(stored, identity.role);
            ASSERT_TRUE(rule) << rule.error().message << world_.migration();
            const auto rows = rows_of(*project->engine, identity_of(people[3]),
                                      "select * from " + sql::quote_identifier(table.name));
            ASSERT_EQ(rows.size(), table.rows.size()) << "seed " << seed_;
            for (const dunlin::Row& row : rows) {
                ASSERT_EQ((*rule)->allows(row, *reader),
                          world_.sees(table, plain(stored, row), who))
                    << "seed " << seed_ << " " << table.name << " as " << who.role << " row "
                    << row[0].integer() << "\n"
                    << world_.migration();
                ++checks_;
            }
        }
    }
    project->engine->stop();
}

}  // namespace

TEST(RulesOracle, AnswersAndEventsFollowTheRules) {
    const std::size_t wanted = wanted_checks();
    std::size_t checks = 0;
    unsigned seed = 1;
    for (; checks < wanted && !HasFatalFailure(); ++seed) {
        Comparison comparison(seed);
        for (int round = 0; round < 4 && !HasFatalFailure(); ++round) {
            for (int i = 0; i < 60 && !HasFatalFailure(); ++i) comparison.request();
            if (!HasFatalFailure()) comparison.live();
        }
        checks += comparison.checks();
    }
    fmt::print("{} checks over {} worlds\n", checks, seed - 1);
    RecordProperty("checks", std::to_string(checks));
}

}  // namespace dunlin::oracle
