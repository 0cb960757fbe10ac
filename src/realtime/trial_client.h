#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "realtime/trial_database.h"

namespace dunlin::realtime::trial {

/// What lies between a shard and a client: frames on their way, any number of which can be lost at
/// the end.
class Line final : public Outlet {
public:
    explicit Line(std::size_t frames_writable) : frames_writable_(frames_writable) {}

    void send(const wire::Frame& frame) override;
    void close(std::uint16_t, std::string_view) override {}
    bool is_writable() const override { return texts.size() < frames_writable_; }

    std::deque<std::string> texts;

private:
    std::size_t frames_writable_;
};

/// What a client has asked for.
struct Wanted {
    std::string user;
    std::string table;
    std::string filter;  // "" or COLUMN=OPERATOR.NUMBER
    std::size_t column = 0;
    char op = '=';
    std::int64_t number = 0;

    bool matches(const Row& row) const;
    static Wanted make(Random& random);
};

struct Counts {
    std::size_t joins = 0, resumes = 0, resumed = 0, resyncs = 0, late_resyncs = 0;
    std::size_t changes = 0, moved = 0, repeated = 0, reads = 0, errors = 0;
};

/// A program that keeps a copy of what it may see of a table: it joins, reads the rows once, and
/// goes on with the changes. With a device name it is one that knows of no positions.
class Client {
public:
    Client(Wanted wanted, std::string device, const Database& database, Counts& counts);

    const Wanted& wanted() const { return wanted_; }
    const std::string& device() const { return device_; }
    bool is_joined() const { return joined_; }
    bool has_to_read() const { return has_to_read_ && joined_; }

    /// The next join, as a text. `position` instead of its own, for one that lies.
    std::string join(const std::optional<std::string>& position);
    /// "" while the last one is not answered.
    std::string heartbeat();
    void receive(const std::string& text);
    void read();
    /// The connection is gone.
    void lose() { joined_ = beating_ = false; }

    /// As a program that was closed and opens with what it had kept.
    void keep() { kept_ = state_; }
    void restore();

    /// How its copy differs from what is true now; "" when it does not.
    std::string difference() const;
    /// What it was told that cannot be; "" for nothing.
    std::string complaint;

private:
    struct State {
        std::optional<std::map<std::int64_t, std::string>> rows{};
        std::optional<Position> position{};  // everything up to it is in the rows
    };

    void receive_reply(const boost::json::object& response);
    void receive_change(const boost::json::object& data);
    bool is_news(const boost::json::object& data);
    void forget_rows();
    void apply(const boost::json::object& data);
    std::map<std::int64_t, std::string> true_rows() const;

    Wanted wanted_;
    std::string device_;
    const Database& database_;
    Counts& counts_;
    State state_;
    State kept_;
    std::optional<Position> asked_;  // by the join that is not answered
    Position heard_{};               // up to there it has been told in this join
    bool joined_ = false;
    bool has_to_read_ = true;
    bool beating_ = false;
};

}  // namespace dunlin::realtime::trial
