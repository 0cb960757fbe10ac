#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "realtime/test_support.h"

/// For the trials: what a server keeps, in the plainest form, and what a shard asks of it, at times
/// that a random number says.
namespace dunlin::realtime::trial {

class Random {
public:
    explicit Random(unsigned seed) : engine_(seed) {}
    std::size_t below(std::size_t end) { return engine_() % end; }
    bool one_in(std::size_t times) { return below(times) == 0; }

private:
    std::mt19937 engine_;
};

/// Tables with a rule of each shape, the rows in them, and the log of how they came there. All in
/// epoch 1.
class Database {
public:
    explicit Database(Random& random) : random_(random) {}

    /// Commits a few random changes.
    ChangeBatch write();
    /// Forgets the older part of the log.
    void trim();

    Position end() const { return {1, last_}; }
    /// As Host::read_log.
    Result<std::vector<ChangeBatch>> read_after(Position after, std::size_t changes_max) const;

    const std::map<std::int64_t, Row>& rows(const std::string& table) const {
        return tables_.at(table);
    }
    std::vector<Value> projects_of(const std::string& user) const;
    /// Whether the rules let `user` see the row, as it would be decided now.
    bool sees(const std::string& user, const std::string& table, const Row& row) const;

    static std::unique_ptr<const RuleSource> make_rules();

private:
    void change(std::vector<Change>& commit);
    Row random_row(const std::string& table, std::int64_t id);

    Random& random_;
    std::map<std::string, std::map<std::int64_t, Row>> tables_{
        {"notes", {}}, {"mine", {}}, {"tasks", {}}, {"members", {}}};
    std::deque<ChangeBatch> log_;
    std::uint64_t trimmed_ = 0;  // the log is complete after it
    std::uint64_t last_ = 0;
};

extern const std::vector<std::string> users;

/// The host of one shard. What it is asked for is read at one moment and told at a later one.
class TrialHost final : public test::PlainHost {
public:
    TrialHost(Database& database, std::map<std::string, Position>& points, Random& random)
        : database_(database), points_(points), random_(random) {}

    /// Does a step of something that was asked; false when there is nothing.
    bool step();
    /// Whoever asked is gone.
    void forget_all() { jobs_.clear(); }

    Result<Identity> verify(std::string_view token) override {
        return Identity{.role = Role::Authenticated, .user_id = std::string(token)};
    }
    void load_reader(const Identity& identity, ReaderLoaded done) override;
    Position log_position() const override { return database_.end(); }
    void read_log(Position after, std::size_t changes_max, LogRead done) override;
    void read_rows(std::vector<RowsWanted> wanted, RowsRead done) override;
    std::optional<Position> resume_point(const std::string& key) override;
    void keep_resume_point(const std::string& key, Position position) override;
    void forget_resume_point(const std::string& key) override { points_.erase(key); }

private:
    struct Job {
        std::function<std::function<void()>()> read;
        std::function<void()> tell{};
    };

    Database& database_;
    std::map<std::string, Position>& points_;
    Random& random_;
    std::vector<Job> jobs_;
};

}  // namespace dunlin::realtime::trial
