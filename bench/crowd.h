#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event_stream.h"
#include "ledger.h"
#include "plan.h"
#include "support.h"
#include "websocket.h"

/// Many connections that hear messages, each checked against its own lanes.
namespace dunlin::bench {

class Crowd {
public:
    /// Numbers 0 to `plan.receivers()` of `poller` are the crowd's.
    Crowd(const Plan& plan, Poller& poller);

    /// Opens all and joins them, a hundred at a time. Fails after two minutes.
    void join_all();
    /// Opens all, without joining.
    void open_all();
    /// Joins one that is open (ways that have no join message: opens it) and goes on from
    /// `position`.
    void join(std::size_t number, std::string_view position);
    /// Opens one, joins it when the server has let it in, and goes on from the last position heard.
    void come_back(std::size_t number);
    /// Resets the connection, as when a network goes away.
    void cut(std::size_t number);

    void send(std::size_t number, std::string_view bytes);
    /// Asks the server for a sign of life.
    void ping(std::size_t number);
    /// Reads what has come for `number`. Fails when the server closed it.
    void receive(std::uint64_t number);
    /// Those who were told to come back later do so.
    void tick();

    /// Remembers each receiver's last position, for come_back().
    void keep_positions() { keeps_positions_ = true; }

    std::size_t joined() const { return joined_; }
    std::size_t refused() const { return refused_; }
    std::uint64_t pongs() const { return pongs_; }
    std::uint64_t received_bytes() const { return received_bytes_; }
    bool snapshot_is_complete() const { return snapshot_is_complete_; }
    Ledger& ledger() { return ledger_; }
    /// Messages that have not come when `sent[lane]` were sent; those skipped included.
    std::uint64_t missing(const std::vector<std::uint64_t>& sent) const;

private:
    enum class State { Absent, Opening, Open, Joining, Joined };
    struct Receiver {
        Descriptor socket;
        FrameSplitter frames;
        EventStream events;
        Lanes lanes;
        std::string handshake;
        std::string position;
        State state = State::Absent;
        bool joins_at_once = false;
    };

    void open(std::size_t number);
    void opened(std::size_t number, std::string_view rest);
    void take_handshake(std::size_t number, std::string_view bytes);
    void put_off(std::size_t number);
    void take_bytes(Receiver& receiver, std::string_view bytes);
    void take_frame(Receiver& receiver, const FrameHead& head, std::string_view frame);
    void take_events(Receiver& receiver, std::string_view events);
    void take_stamps(Receiver& receiver, std::string_view text);
    void take_reply(Receiver& receiver, std::string_view text);
    void entered(Receiver& receiver);

    const Plan& plan_;
    Poller& poller_;
    std::vector<Receiver> receivers_;
    std::deque<std::pair<std::int64_t, std::size_t>> put_off_;  // when, who
    std::string buffer_;
    Ledger ledger_;
    std::size_t joined_ = 0, open_ = 0, refused_ = 0;
    std::uint64_t pongs_ = 0, received_bytes_ = 0;
    bool keeps_positions_ = false, snapshot_is_complete_ = false;
};

}  // namespace dunlin::bench
