#include "realtime/fan_out.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/check.h"
#include "core/codec.h"
#include "realtime/change_json.h"

namespace dunlin::realtime {

namespace {

std::uint32_t number(DeliveryId id) {
    return static_cast<std::uint32_t>(id);
}

std::string key_of(const FanOut::Delivery& delivery) {
    std::string key = delivery.topic;
    key += '\0';
    key += delivery.version == wire::PhoenixVersion::V1 ? '1' : '2';
    key += std::to_string(delivery.binding);
    // The id is a hash of the select as well, but two selects may share a hash.
    if (delivery.projection) {
        for (const std::size_t column : *delivery.projection) key += "," + std::to_string(column);
    }
    return key;
}

bool same_projection(const Projection* left, const Projection* right) {
    return left == right || (left != nullptr && right != nullptr && *left == *right);
}

}  // namespace

DeliveryId FanOut::intern(const Delivery& delivery) {
    std::string key = key_of(delivery);
    const auto [known, added] = slot_of_key_.try_emplace(key, 0U);
    if (added) {
        if (free_slots_.empty()) {
            known->second = static_cast<std::uint32_t>(slots_.size());
            slots_.emplace_back();
        } else {
            known->second = free_slots_.back();
            free_slots_.pop_back();
        }
        slots_[known->second] = Slot{delivery, std::move(key), 0};
    }
    ++slots_[known->second].uses;
    return static_cast<DeliveryId>(known->second);
}

void FanOut::release(DeliveryId id) {
    Slot& slot = slots_[number(id)];
    CHECK(slot.uses > 0);
    if (--slot.uses > 0) return;
    slot_of_key_.erase(slot.key);
    slot = Slot{};
    free_slots_.push_back(number(id));
}

void FanOut::count_matches(std::span<const Match> matches, const std::vector<Channel*>& channels) {
    for (const Match& match : matches) {
        Channel& channel = *channels[static_cast<std::uint32_t>(match.subscriber)];
        if (channel.match_change != change_number_) {
            channel.match_change = change_number_;
            channel.match_count = 0;
        }
        ++channel.match_count;
    }
}

std::span<const FanOut::Sending> FanOut::encode(const Table& table, const Change& change,
                                                Position commit, std::span<const Match> matches,
                                                const std::vector<Channel*>& channels) {
    ++change_number_;
    commit_ = commit;
    sendings_.clear();
    data_.clear();
    merged_.clear();
    frame_of_delivery_.clear();
    frame_of_merged_.clear();
    count_matches(matches, channels);
    for (const Match& match : matches) {
        if (channels[static_cast<std::uint32_t>(match.subscriber)]->match_count == 1) {
            encode_single(table, change, match);
        } else {
            merged_.push_back(match);
        }
    }
    encode_merged(table, change);
    return sendings_;
}

const std::string& FanOut::data_of(const Table& table, const Change& change,
                                   const Projection* projection, ChangeKind seen) {
    for (const Data& data : data_) {
        if (data.kind == seen && same_projection(data.projection, projection)) return data.text;
    }
    data_.push_back({projection, seen, change_json(table, projection, change, seen, commit_)});
    return data_.back().text;
}

wire::Frame FanOut::build(const Table& table, const Change& change, const Delivery& delivery,
                          ChangeKind seen, std::span<const std::uint64_t> ids) {
    std::string payload = R"({"ids":[)";
    for (const std::uint64_t id : ids) {
        if (payload.back() != '[') payload += ',';
        payload += std::to_string(id);
    }
    payload += R"(],"data":)";
    payload += data_of(table, change, delivery.projection.get(), seen);
    payload += '}';
    // A reference other than null would be compared with that of the client's current join.
    return wire::make_frame(wire::Opcode::Text,
                            wire::encode_phoenix(delivery.version, {}, {}, delivery.topic,
                                                 "postgres_changes", payload));
}

void FanOut::encode_single(const Table& table, const Change& change, const Match& match) {
    const std::uint64_t key =
        std::uint64_t{number(match.delivery)} << 2 | static_cast<std::uint64_t>(match.kind);
    const auto [frame, added] = frame_of_delivery_.try_emplace(key);
    if (added) {
        const Delivery& delivery = slots_[number(match.delivery)].delivery;
        const std::uint64_t ids[] = {delivery.binding};
        frame->second = build(table, change, delivery, match.kind, ids);
    }
    sendings_.push_back({static_cast<std::uint32_t>(match.subscriber), frame->second});
}

/// Channels with several matching bindings: one message lists them all, unless they differ in what
/// they select or in what the change is to them.
void FanOut::encode_merged(const Table& table, const Change& change) {
    const auto projection_of = [&](const Match& match) {
        return slots_[number(match.delivery)].delivery.projection.get();
    };
    const auto column_list = [&](const Match& match) {
        return projection_of(match) != nullptr ? *projection_of(match) : Projection();
    };
    std::ranges::sort(merged_, {}, [&](const Match& match) {
        return std::tuple(match.subscriber, match.kind, column_list(match), match.delivery);
    });
    for (std::size_t begin = 0; begin < merged_.size();) {
        const Match& first = merged_[begin];
        std::size_t end = begin;
        std::vector<std::uint64_t> ids;
        std::vector<std::uint64_t> key{static_cast<std::uint64_t>(first.kind)};
        for (; end < merged_.size(); ++end) {
            const Match& match = merged_[end];
            if (match.subscriber != first.subscriber || match.kind != first.kind) break;
            if (!same_projection(projection_of(match), projection_of(first))) break;
            ids.push_back(slots_[number(match.delivery)].delivery.binding);
            key.push_back(number(match.delivery));
        }
        const auto [frame, added] = frame_of_merged_.try_emplace(std::move(key));
        if (added) {
            frame->second =
                build(table, change, slots_[number(first.delivery)].delivery, first.kind, ids);
        }
        sendings_.push_back({static_cast<std::uint32_t>(first.subscriber), frame->second});
        begin = end;
    }
}

}  // namespace dunlin::realtime
