#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/settings.h"

/// Every key of dunlin.toml.
namespace dunlin::server {

enum class KeyKind : std::uint8_t { Text, Number, Boolean, List };

/// What was given for a key: the member of its kind.
struct Given {
    std::string name{};       // what stands for the `*` in the key's name
    std::string where{};      // FILE:LINE:COLUMN or the environment's variable
    std::int64_t number = 0;  // Number; Boolean: 0 or 1
    std::string text{};
    std::vector<std::string> list{};
};

struct Key {
    std::string_view name;      // one part of it may be `*`: any name
    std::string_view variable;  // "" for none
    KeyKind kind;
    std::int64_t low = 0, high = 0;  // Number
    /// Takes the value over. Gives what the value must be when it is not that, else "".
    std::string_view (*apply)(Settings&, const Given&);
};

std::span<const Key> settings_keys();
/// Those of [auth], which are among them.
std::span<const Key> auth_settings_keys();
std::span<const Key> provider_settings_keys();

}  // namespace dunlin::server
