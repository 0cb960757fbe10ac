// Clients that are cut anywhere and come back from anywhere, on any loop, while rows and rights
// change: in the end each has exactly what it may see, or was told to read again.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "realtime/trial_client.h"

namespace dunlin::realtime::trial {

namespace {

constexpr std::size_t client_count = 8;

/// One event loop of a server.
struct Loop {
    Loop(Database& database, std::map<std::string, Position>& points, Random& random,
         const Clock& clock)
        : host(database, points, random),
          shard(std::make_unique<Shard>(Database::make_rules(), host, clock)) {}

    TrialHost host;
    std::deque<ChangeBatch> unpublished;
    std::unique_ptr<Shard> shard;
};

/// A client's connection, which the server may not know yet to be gone.
struct Connection {
    Loop* loop = nullptr;
    ClientId id{};
    std::unique_ptr<Line> line;
};

class Trial {
public:
    explicit Trial(unsigned seed)
        : seed_(seed), random_(seed), is_prompt_(seed % 2 == 0), database_(random_) {
        for (int i = 0; i < 2; ++i) {
            loops_.push_back(std::make_unique<Loop>(database_, points_, random_, clock_));
        }
        for (int i = 0; i < 20; ++i) write();
        for (std::size_t i = 0; i < client_count; ++i) {
            const std::string device = i % 2 == 0 ? "" : fmt::format("device {}", i);
            clients_.push_back(
                std::make_unique<Client>(Wanted::make(random_), device, database_, counts));
            connections_.emplace_back();
        }
    }

    void run(std::size_t steps) {
        for (std::size_t i = 0; i < steps; ++i) step();
        settle();
        for (std::size_t i = 0; i < client_count; ++i) check(i);
    }

    Counts counts;

private:
    void write() {
        const ChangeBatch commit = database_.write();
        for (const auto& loop : loops_) loop->unpublished.push_back(commit);
        if (!is_prompt_ || random_.one_in(4)) return;
        for (const auto& loop : loops_) {
            while (publish(*loop) || loop->host.step()) continue;
        }
    }
    static bool publish(Loop& loop) {
        if (loop.unpublished.empty()) return false;
        const ChangeBatch commit = std::move(loop.unpublished.front());
        loop.unpublished.pop_front();
        loop.shard->publish(commit);
        return true;
    }

    void step() {
        clock_.time_us += 10'000;
        Loop& loop = *loops_[random_.below(loops_.size())];
        const std::size_t who = random_.below(client_count);
        Connection& connection = connections_[who];
        if (random_.one_in(2000)) return restart(loop);
        switch (random_.below(16)) {
            case 0:
            case 1:
                return write();
            case 2:
            case 3:
                publish(loop);
                return;
            case 4:
                return connection.loop == nullptr ? connect(who) : beat(who);
            case 5:
                return cut(who);
            case 6:
                if (random_.one_in(100)) database_.trim();
                return bury_one();
            case 7:
                if (connection.loop == nullptr || clients_[who]->is_joined()) clients_[who]->keep();
                return;
            case 8:
                if (clients_[who]->has_to_read()) clients_[who]->read();
                return;
            case 9:
                return rejoin(who);
            case 10:
            case 11:
            case 12:
                loop.host.step();
                return;
            default:
                take(who, 1 + random_.below(6));
        }
    }

    void connect(std::size_t who) {
        Loop& loop = *loops_[random_.below(loops_.size())];
        Client& client = *clients_[who];
        Connection& made = connections_[who];
        made.line = std::make_unique<Line>(1 + random_.below(30));
        made.loop = &loop;
        made.id = loop.shard->connect(*made.line, Version::V2, Identity{}, client.device());
        if (client.device().empty() && random_.one_in(8)) client.restore();
        loop.shard->receive(made.id, client.join(strange_position(client)));
    }

    std::optional<std::string> strange_position(const Client& client) {
        if (!client.device().empty() || !random_.one_in(40)) return std::nullopt;
        if (random_.one_in(2)) return "2-" + std::to_string(random_.below(50));
        return "1-" + std::to_string(1'000'000 + random_.below(50));
    }

    void beat(std::size_t who) {
        Connection& connection = connections_[who];
        const std::string text = clients_[who]->heartbeat();
        if (!text.empty()) connection.loop->shard->receive(connection.id, text);
    }

    /// Joins again on the same socket: what it has heard of so far is all there is.
    void rejoin(std::size_t who) {
        Connection& connection = connections_[who];
        if (connection.loop == nullptr || !random_.one_in(4)) return;
        take(who, connection.line->texts.size());
        connection.loop->shard->receive(connection.id, clients_[who]->join(std::nullopt));
    }

    /// What was sent after a random frame is lost. The server learns of it at once or later.
    void cut(std::size_t who) {
        Connection& connection = connections_[who];
        if (connection.loop == nullptr) return;
        take(who, random_.below(connection.line->texts.size() + 1));
        clients_[who]->lose();
        gone_.push_back(std::exchange(connection, {}));
        if (random_.one_in(2)) bury_one();
    }

    void bury_one() {
        if (gone_.empty()) return;
        const std::size_t which = random_.below(gone_.size());
        gone_[which].loop->shard->disconnect(gone_[which].id);
        gone_.erase(gone_.begin() + static_cast<std::ptrdiff_t>(which));
    }

    void take(std::size_t who, std::size_t frames) {
        Connection& connection = connections_[who];
        if (connection.loop == nullptr) return;
        const bool was_full = !connection.line->is_writable();
        auto& texts = connection.line->texts;
        for (; frames > 0 && !texts.empty(); --frames) {
            const std::string text = std::move(texts.front());
            texts.pop_front();
            clients_[who]->receive(text);
            ASSERT_EQ(clients_[who]->complaint, "") << place(who);
        }
        if (was_full && connection.line->is_writable()) {
            connection.loop->shard->writable(connection.id);
        }
    }

    void restart(Loop& loop) {
        for (std::size_t who = 0; who < client_count; ++who) {
            if (connections_[who].loop == &loop) cut(who);
        }
        while (!gone_.empty()) bury_one();
        loop.host.forget_all();
        loop.shard.reset();
        loop.unpublished.clear();
        loop.shard = std::make_unique<Shard>(Database::make_rules(), loop.host, clock_);
    }

    /// Nothing more happens, and everybody gets what is on its way.
    void settle() {
        while (!gone_.empty()) bury_one();
        bool moves = true;
        while (moves && !testing::Test::HasFatalFailure()) {
            moves = false;
            for (const auto& loop : loops_) {
                while (publish(*loop) || loop->host.step()) moves = true;
            }
            for (std::size_t who = 0; who < client_count; ++who) moves |= settle(who);
        }
    }
    bool settle(std::size_t who) {
        Client& client = *clients_[who];
        Connection& connection = connections_[who];
        if (connection.loop == nullptr) {
            connect(who);
            return true;
        }
        if (!connection.line->texts.empty()) {
            take(who, connection.line->texts.size());
            return true;
        }
        if (!client.has_to_read()) return false;
        client.read();
        return true;
    }

    void check(std::size_t who) {
        ASSERT_TRUE(clients_[who]->is_joined()) << place(who);
        ASSERT_EQ(clients_[who]->difference(), "") << place(who);
    }
    std::string place(std::size_t who) const {
        const Wanted& wanted = clients_[who]->wanted();
        return fmt::format("seed {}: client {} {}, {} of {} where {}", seed_, who,
                           clients_[who]->device(), wanted.user, wanted.table, wanted.filter);
    }

    unsigned seed_;
    Random random_;
    bool is_prompt_;  // loops do most of what they have to before more comes
    test::FakeClock clock_;
    Database database_;
    std::map<std::string, Position> points_;
    std::vector<std::unique_ptr<Loop>> loops_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<Connection> connections_;
    std::vector<Connection> gone_;
};

std::size_t wanted_resumes() {
    const char* lengthy = std::getenv("DUNLIN_LONG");
    return lengthy != nullptr && *lengthy == '1' ? 200'000 : 3'000;
}

}  // namespace

TEST(ResumeTrial, EverybodyHasWhatHeMaySeeOrWasToldToReadAgain) {
    Counts sum;
    const char* first = std::getenv("DUNLIN_SEED");
    unsigned seed = first == nullptr ? 1 : static_cast<unsigned>(std::atoi(first));
    for (; sum.resumes < wanted_resumes() && !HasFatalFailure(); ++seed) {
        Trial trial(seed);
        for (int barrier = 0; barrier < 10 && !HasFatalFailure(); ++barrier) trial.run(200);
        const Counts& more = trial.counts;
        for (const auto count :
             {&Counts::joins, &Counts::resumes, &Counts::resumed, &Counts::resyncs,
              &Counts::late_resyncs, &Counts::changes, &Counts::moved, &Counts::repeated,
              &Counts::reads, &Counts::errors})
            sum.*count += more.*count;
    }
    fmt::print(
        "{} joins, {} of them to resume ({} resumed, {} to read again at once, {} later), {} "
        "changes, {} rows moved by rights, {} already known, {} reads, {} channels ended\n",
        sum.joins, sum.resumes, sum.resumed, sum.resyncs, sum.late_resyncs, sum.changes, sum.moved,
        sum.repeated, sum.reads, sum.errors);
    EXPECT_GT(sum.resumed, sum.resumes / 3) << "few got what the trial is about";
}

}  // namespace dunlin::realtime::trial
