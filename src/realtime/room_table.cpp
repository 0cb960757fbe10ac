#include "realtime/room_table.h"

#include <utility>

#include "core/check.h"
#include "realtime/session_state.h"

namespace dunlin::realtime {

std::string RoomTable::key_of(std::string_view topic, Privacy privacy) {
    std::string key(1, privacy == Privacy::Private ? '1' : '0');
    return key += topic;
}

Room& RoomTable::open(std::string_view topic, Privacy privacy) {
    auto& room = rooms_[key_of(topic, privacy)];
    if (!room) {
        room = std::make_unique<Room>();
        room->topic = topic;
        room->privacy = privacy;
    }
    return *room;
}

Room* RoomTable::find(std::string_view topic, Privacy privacy) {
    const auto found = rooms_.find(key_of(topic, privacy));
    return found == rooms_.end() ? nullptr : found->second.get();
}

void RoomTable::enter(Room& room, Channel& channel) {
    CHECK(channel.room == nullptr);
    channel.room = &room;
    channel.place = room.members.size();
    room.members.push_back(&channel);
}

void RoomTable::leave(Channel& channel) {
    Room& room = *std::exchange(channel.room, nullptr);
    Channel* last = room.members.back();
    room.members[channel.place] = last;
    last->place = channel.place;
    room.members.pop_back();
}

void RoomTable::forget(Room& room) {
    if (!room.members.empty() || !room.presence.empty() || room.due) return;
    rooms_.erase(key_of(room.topic, room.privacy));
}

}  // namespace dunlin::realtime
