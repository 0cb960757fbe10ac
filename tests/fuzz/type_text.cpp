// Any text is a value of a type or refused; what is a value prints, reads back as itself and
// compares. The first byte says which type, an array of it from 128 on.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/check.h"
#include "core/codec.h"

using namespace dunlin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    constexpr auto kinds = static_cast<std::size_t>(TypeKind::TsQuery) + 1;
    Type type{.kind = static_cast<TypeKind>(data[0] % 128 % kinds), .array = data[0] >= 128};
    if (type.kind == TypeKind::Enum) type.labels = {"low", "high"};
    const auto value = codec::parse_text(type, {reinterpret_cast<const char*>(data + 1), size - 1});
    if (!value || value->is_null()) return 0;
    std::string json;
    codec::write_json(type, *value, json);
    const auto again = codec::parse_text(type, codec::to_text(type, *value));
    CHECK(again && codec::compare(type, *again, *value) == 0);
    return 0;
}
