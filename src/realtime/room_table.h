#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "realtime/channel_message.h"
#include "realtime/presence.h"

namespace dunlin::realtime {

struct Channel;

/// The members of one topic on this loop, and who is present in it on any loop.
struct Room {
    std::string topic;  // with "realtime:"
    Privacy privacy = Privacy::Public;
    std::vector<Channel*> members{};
    Presence presence{};
    bool due = false;  // has presence to tell: listed for the next round
};

/// Every topic that has a member on this loop or somebody present anywhere. Belongs to one loop.
class RoomTable {
public:
    /// The room of that topic, made when there is none; forget() it when it was not needed.
    Room& open(std::string_view topic, Privacy privacy);
    Room* find(std::string_view topic, Privacy privacy);

    /// In any order; one channel is in one room at most.
    void enter(Room& room, Channel& channel);
    void leave(Channel& channel);

    /// Drops a room that nobody needs: no member, nobody present, nothing due.
    void forget(Room& room);

    std::size_t size() const { return rooms_.size(); }

private:
    static std::string key_of(std::string_view topic, Privacy privacy);

    std::unordered_map<std::string, std::unique_ptr<Room>> rooms_;
};

}  // namespace dunlin::realtime
