#include "core/value.h"

#include <functional>

namespace dunlin {

std::size_t Value::hash() const {
    const std::size_t content = std::visit(
        [](const auto& held) -> std::size_t {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, std::monostate>)
                return 0;
            else if constexpr (std::is_same_v<Held, Blob>)
                return std::hash<std::string>{}(held.bytes);
            else
                return std::hash<Held>{}(held);
        },
        data_);
    return content * 31 + data_.index();
}

}  // namespace dunlin
