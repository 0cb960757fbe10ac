// Messages of both framings: what is read must survive being written again.
#include "wire/phoenix.h"

#include <boost/json/serialize.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.h"

using namespace dunlin::wire;

namespace {

OptionalText view(const std::optional<std::string>& text) {
    return text ? OptionalText(*text) : std::nullopt;
}

void check_text(PhoenixVersion version, std::string_view text) {
    const auto message = decode_phoenix(version, text);
    if (!message) return;
    const std::string written =
        encode_phoenix(version, view(message->join_ref), view(message->ref), message->topic,
                       message->event, boost::json::serialize(message->payload));
    const auto again = decode_phoenix(version, written);
    CHECK(again.has_value());
    CHECK(again->topic == message->topic && again->event == message->event);
    CHECK(again->ref == message->ref && again->join_ref == message->join_ref);
}

void check_push(std::string_view bytes) {
    const auto push = decode_phoenix_push(bytes);
    if (!push) return;
    const auto sent = encode_phoenix_broadcast(*push);
    CHECK(sent.has_value());  // Every part had one byte for its length.
    CHECK(sent->ends_with(push->payload));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_text(PhoenixVersion::V1, bytes);
    check_text(PhoenixVersion::V2, bytes);
    check_push(bytes);
    return 0;
}
