#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/change.h"
#include "realtime/session_state.h"
#include "wire/phoenix.h"
#include "wire/websocket_frame.h"

namespace dunlin::realtime {

/// Encodes changes: the `data` once for each projection and kind, a frame once for each different
/// text, however many clients get it. Belongs to one loop.
class FanOut {
public:
    /// What makes the frame of a binding differ from that of another.
    struct Delivery {
        std::string topic;
        wire::PhoenixVersion version{};
        std::uint64_t binding = 0;
        std::shared_ptr<const Projection> projection{};  // shared with the bindings
    };

    /// The same id for the same delivery, until it is released as often as it was interned.
    DeliveryId intern(const Delivery& delivery);
    void release(DeliveryId id);

    /// A frame for a channel; `ids` and `seen` are matches of that channel with one projection.
    struct Sending {
        std::uint32_t channel = 0;
        wire::Frame frame;
    };

    /// What to send for `change` of the commit that ends at `commit`, one message to a channel for
    /// each projection and kind. `channels` is indexed by slot, which is what the matches call a
    /// subscriber. Valid until the next call.
    std::span<const Sending> encode(const Table& table, const Change& change, Position commit,
                                    std::span<const Match> matches,
                                    const std::vector<Channel*>& channels);

private:
    struct Slot {
        Delivery delivery;
        std::string key;
        std::size_t uses = 0;
    };
    struct Data {
        const Projection* projection = nullptr;
        ChangeKind kind{};
        std::string text;
    };

    void count_matches(std::span<const Match> matches, const std::vector<Channel*>& channels);
    const std::string& data_of(const Table& table, const Change& change,
                               const Projection* projection, ChangeKind seen);
    wire::Frame build(const Table& table, const Change& change, const Delivery& delivery,
                      ChangeKind seen, std::span<const std::uint64_t> ids);
    void encode_single(const Table& table, const Change& change, const Match& match);
    void encode_merged(const Table& table, const Change& change);

    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_slots_;
    std::map<std::string, std::uint32_t, std::less<>> slot_of_key_;

    // Of the current change.
    std::uint64_t change_number_ = 0;
    Position commit_;
    std::vector<Sending> sendings_;
    std::vector<Data> data_;
    std::vector<Match> merged_;
    boost::unordered_flat_map<std::uint64_t, wire::Frame> frame_of_delivery_;
    std::map<std::vector<std::uint64_t>, wire::Frame> frame_of_merged_;
};

}  // namespace dunlin::realtime
