#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "http_client.h"
#include "ledger.h"
#include "plan.h"
#include "support.h"

/// Writes rows over REST.
namespace dunlin::bench {

/// Some connections with one request under way on each. Rows of a lane go through the same one, so
/// that they are committed in order.
class RowWriters {
public:
    static constexpr std::uint64_t first_number = 1'000'000;  // in the poller

    RowWriters(const Plan& plan, Poller& poller, std::size_t connections);

    /// Sends the row now, or when the answers before it have come; late ones are not forgiven.
    void write(const Stamp& stamp);
    static bool owns(std::uint64_t number) { return number >= first_number; }
    /// Fails unless the answer is 201.
    void receive(std::uint64_t number);

    std::size_t unanswered() const { return unanswered_; }
    /// From when a row was due to its answer. Starts anew when taken.
    Histogram take_latency();

private:
    struct Request {
        std::int64_t due_us;
        std::string text;
    };
    struct Writer {
        Descriptor socket;
        AnswerReader answers;
        std::deque<Request> requests;  // the first is under way
    };

    const Plan& plan_;
    std::vector<Writer> writers_;
    std::size_t unanswered_ = 0;
    Histogram latency_;
};

/// Sends one request on a connection of its own and waits; its answer. Fails unless the status is
/// `status`.
std::string fetch(std::uint16_t port, std::string_view request, int status);

/// Inserts rows 0 to `count - 1` of lane 0, a thousand a request.
void fill(const Plan& plan, std::uint64_t count);

/// Makes the receivers of Audience::Teams members; does nothing for others.
void enrol(const Plan& plan);

/// Where the log stands.
std::string present_position(const Plan& plan);

}  // namespace dunlin::bench
