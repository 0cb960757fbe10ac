#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "core/clock.h"

namespace dunlin::auth {

enum class MessageChannel : std::uint8_t { Email, Sms };

/// A message that under --dev is not sent.
struct OutboxMessage {
    MessageChannel channel = MessageChannel::Email;
    std::string to;         // address or telephone number
    std::string subject{};  // of mail
    std::string text{};
    std::string html{};  // of mail
};

/// The last messages, kept for whoever develops: `limits::outbox_messages_max` of them and
/// `limits::outbox_bytes_max` in all, the oldest go first. They hold codes and links that sign in,
/// so it exists under --dev only. Thread-safe.
class Outbox {
public:
    /// `clock` is borrowed.
    explicit Outbox(const Clock& clock) : clock_(clock) {}

    void add(OutboxMessage message);

    /// {"messages":[{"id","created_at","channel":"email"|"sms","to","subject","text","html"}]},
    /// newest first; ids count up from 1. With `to`, only messages to it.
    std::string json(std::string_view to = "") const;

    /// The same as a page without scripts; links in texts can be followed.
    std::string page() const;

private:
    struct Kept {
        std::int64_t id;
        std::int64_t time_us;
        OutboxMessage message;

        std::size_t bytes() const;
    };

    const Clock& clock_;
    // Guards the rest: every loop adds, and whoever looks reads.
    mutable std::mutex mutex_;
    std::int64_t last_id_ = 0;
    std::size_t bytes_ = 0;
    std::deque<Kept> kept_;  // oldest first
};

}  // namespace dunlin::auth
