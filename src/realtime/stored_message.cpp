#include "realtime/stored_message.h"

#include <utility>

#include "core/codec.h"

namespace dunlin::realtime {

std::optional<MessageTable> MessageTable::of(const Schema& schema) {
    const Table* table = schema.find("realtime", "messages");
    if (table == nullptr) return std::nullopt;
    MessageTable messages;
    messages.storage_name_ = table->storage_name();
    const std::pair<const char*, std::size_t MessageTable::*> columns[] = {
        {"id", &MessageTable::id_},
        {"topic", &MessageTable::topic_},
        {"extension", &MessageTable::extension_},
        {"event", &MessageTable::event_},
        {"payload", &MessageTable::payload_},
        {"binary_payload", &MessageTable::binary_payload_},
        {"private", &MessageTable::private_}};
    for (const auto& [name, place] : columns) {
        const auto index = table->find_column(name);
        if (!index) return std::nullopt;
        messages.*place = *index;
    }
    return messages;
}

std::optional<StoredMessage> MessageTable::read(const Row& row) const {
    const Value& event = row[event_];
    const Value& extension = row[extension_];
    if (!event.is_text() || !extension.is_text() || extension.text() != "broadcast") {
        return std::nullopt;
    }
    StoredMessage message{.id = row[id_].text(), .topic = row[topic_].text()};
    message.privacy = row[private_] == Value::boolean(true) ? Privacy::Private : Privacy::Public;
    message.broadcast.event = event.text();
    if (row[binary_payload_].is_blob()) {
        message.broadcast.encoding = wire::PhoenixEncoding::Bytes;
        message.broadcast.payload = row[binary_payload_].bytes();
    } else {
        message.broadcast.payload = row[payload_].is_text() ? row[payload_].text() : "{}";
    }
    return message;
}

Broadcast broadcast_of(const StoredMessage& message, Delivery delivery) {
    Broadcast broadcast = message.broadcast;
    broadcast.meta = R"({"id":)";
    codec::write_json_string(message.id, broadcast.meta);
    broadcast.meta += delivery == Delivery::Replayed ? R"(,"replayed":true})" : "}";
    return broadcast;
}

}  // namespace dunlin::realtime
