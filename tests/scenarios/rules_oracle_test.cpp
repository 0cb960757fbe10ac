// Random schemas, policies, grants, identities and requests: what the server answers, and what it
// would tell live, against the plain evaluation of oracle_world.h. One check is one decision over
// one row.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>

#include "oracle_live.h"
#include "oracle_world.h"
#include "scenario_server.h"

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
    return column != "owner" && column != "kind" ? json::value(std::stoll(*cell))
                                                 : json::value(*cell);
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
    explicit Comparison(unsigned seed)
        : seed_(seed), world_(seed), server_(world_.migration()), live_(server_.folder()) {}

    std::size_t checks() const { return checks_; }

    void request() {
        const std::size_t table = world_.below(3);
        const std::size_t who = world_.below(people.size());
        switch (world_.below(12)) {
            case 0:
                return write(table, [&] { insert(table, who); });
            case 1:
                return write(table, [&] { update(table, who); });
            case 2:
                return write(table, [&] { upsert(table, who); });
            case 3:  // the table that no other refers to
                return write(2, [&] { remove(2, who); });
            case 4:
            case 5:
            case 6:
                return embed(who);
            default:
                return select(table, who);
        }
    }

    /// The rules as live events ask them, over the rows that are stored.
    void rules();

private:
    std::string place(std::size_t table, std::size_t who, std::string_view what) const {
        return fmt::format("seed {}, {} {} {} as {} {}", seed_, what, world_.tables()[table].name,
                           "", people[who].role, people[who].id.value_or(""));
    }

    /// Everybody hears of what was written as he should.
    template <typename Write>
    void write(std::size_t table, Write run) {
        const World was = world_;
        run();
        if (!testing::Test::HasFatalFailure()) hear(table, was);
    }
    void hear(std::size_t table, const World& was);
    void embed(std::size_t who);

    void compare(const Outcome& expected, const Answer& answer, const std::string& where) {
        const bool refused = answer.status == 401 || answer.status == 403;
        const bool unknown = answer.status == 400;
        ASSERT_EQ(refused || unknown, !expected.done())
            << where << answer.body << world_.migration();
        if (!expected.done()) {
            ASSERT_TRUE(refused ? expected.refused : expected.unknown)
                << where << answer.body << world_.migration();
            return;
        }
        ASSERT_LT(answer.status, 300) << where << answer.body;
        if (answer.status == 200 && !answer.body.empty()) {
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
        Row row = world_.random_cells(table);
        row["id"] = std::to_string(++last_id_);
        const auto answer =
            server_.send(senders[who], "POST", "/rest/v1/" + world_.tables()[table].name,
                         body_of(row), {{"Prefer", "return=minimal"}});
        compare(world_.insert(table, people[who], row), answer,
                place(table, who, "insert " + body_of(row)));
        ++checks_;
    }

    void upsert(std::size_t table, std::size_t who) {
        const auto& rows = world_.tables()[table].rows;
        Row row = world_.random_cells(table);
        row["id"] = world_.below(4) == 0 || rows.empty()
                        ? std::to_string(++last_id_)
                        : *rows[world_.below(rows.size())].at("id");
        const bool merges = world_.below(3) > 0;
        const std::string resolution = merges ? "merge-duplicates" : "ignore-duplicates";
        const auto answer = server_.send(
            senders[who], "POST", "/rest/v1/" + world_.tables()[table].name, body_of(row),
            {{"Prefer", fmt::format("resolution={}, return=minimal", resolution)}});
        // docs/guide/rules.md: refused, whoever may what.
        if (merges && answer.body.find("that reads it again") != std::string::npos) return;
        const auto expected =
            world_.upsert(table, people[who], row, merges ? OnConflict::Merge : OnConflict::Ignore);
        const Outcome silent{.refused = expected.refused, .unknown = expected.unknown};
        compare(silent, answer, place(table, who, resolution + body_of(row)));
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
    Live live_;
    std::size_t checks_ = 0;
    int last_id_ = 1000;
};

/// What a read of the other table gives, by id.
std::map<std::string, std::set<std::string>> related_in(const std::string& body,
                                                        const std::string& other) {
    std::map<std::string, std::set<std::string>> related;
    for (const auto& row : json::parse(body).as_array()) {
        const auto& far = row.at(other);
        auto& ids = related[std::to_string(row.at("id").as_int64())];
        const auto add = [&](const json::value& one) {
            ids.insert(std::to_string(one.at("id").as_int64()));
        };
        if (far.is_object()) add(far);
        if (far.is_array()) std::ranges::for_each(far.as_array(), add);
    }
    return related;
}

void Comparison::embed(std::size_t who) {
    const std::size_t lower = world_.below(2);
    const bool up = world_.below(2) == 0;
    Embedding asked{.table = up ? lower + 1 : lower,
                    .other = up ? lower : lower + 1,
                    .inner = world_.below(3) == 0};
    if (world_.below(2) == 0) asked.kind = world_.random_cell("kind");
    const std::string other = world_.tables()[asked.other].name;
    const std::string target =
        fmt::format("/rest/v1/{}?select=id,{}{}(id){}", world_.tables()[asked.table].name, other,
                    asked.inner ? "!inner" : "",
                    asked.kind ? fmt::format("&{}.kind=eq.{}", other, *asked.kind) : "");
    const Outcome expected = world_.embed(asked, people[who]);
    const Answer answer = server_.send(senders[who], "GET", target);
    compare(expected, answer, place(asked.table, who, target));
    if (!testing::Test::HasFatalFailure() && answer.status == 200) {
        ASSERT_EQ(related_in(answer.body, other), expected.related)
            << place(asked.table, who, target) << world_.migration();
    }
    checks_ += world_.tables()[asked.table].rows.size();
}

void Comparison::hear(std::size_t table, const World& was) {
    live_.publish(world_.tables()[table], was.tables()[table].rows);
    for (const Person& who : people) {
        ASSERT_EQ(live_.take(who), oracle::expected(was, world_, who))
            << "seed " << seed_ << " as " << who.role << " " << who.id.value_or("") << "\n"
            << world_.migration();
        checks_ += 2 * world_.tables().size();
    }
}

void Comparison::rules() {
    for (const Person& who : people) {
        for (const Table& table : world_.tables()) {
            ASSERT_EQ(live_.follows(table, who), !world_.denied(table, "select", who))
                << "seed " << seed_ << " " << table.name << " as " << who.role << "\n"
                << world_.migration();
            const auto allowed = live_.allowed(table, who);
            ASSERT_EQ(allowed.size(), table.rows.size()) << "seed " << seed_;
            for (const Row& row : table.rows) {
                ASSERT_EQ(allowed.at(*row.at("id")), world_.sees(table, row, who))
                    << "seed " << seed_ << " " << table.name << " as " << who.role << " row "
                    << *row.at("id") << "\n"
                    << world_.migration();
                ++checks_;
            }
        }
    }
}

}  // namespace

TEST(RulesOracle, AnswersAndEventsFollowTheRules) {
    const std::size_t wanted = wanted_checks();
    std::size_t checks = 0;
    unsigned seed = 1;
    for (; checks < wanted && !HasFatalFailure(); ++seed) {
        Comparison comparison(seed);
        for (int round = 0; round < 2 && !HasFatalFailure(); ++round) {
            for (int i = 0; i < 50 && !HasFatalFailure(); ++i) comparison.request();
            if (!HasFatalFailure()) comparison.rules();
        }
        checks += comparison.checks();
    }
    fmt::print("{} checks over {} worlds\n", checks, seed - 1);
    RecordProperty("checks", std::to_string(checks));
}

}  // namespace dunlin::oracle
