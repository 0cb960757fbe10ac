#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

/// The log of the process: one line on stderr for each event, in one write. Thread-safe.
///
/// Hides nothing by itself: callers never pass keys, tokens, passwords or values of rows.
namespace dunlin::log {

enum class Level : std::uint8_t { Debug, Info, Warn, Error };
enum class Format : std::uint8_t { Json, Text };

/// One named value of a line. Texts are borrowed until the call returns.
struct Field {
    using Content = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

    Field(std::string_view field_key, std::string_view text) : key(field_key), content(text) {}
    Field(std::string_view field_key, const char* text)
        : key(field_key), content(std::string_view(text)) {}
    Field(std::string_view field_key, std::same_as<bool> auto truth)
        : key(field_key), content(truth) {}
    Field(std::string_view field_key, double number) : key(field_key), content(number) {}
    template <std::signed_integral Number>
    Field(std::string_view field_key, Number number)
        : key(field_key), content(std::int64_t{number}) {}
    template <std::unsigned_integral Number>
        requires(!std::same_as<Number, bool>)
    Field(std::string_view field_key, Number number)
        : key(field_key), content(std::uint64_t{number}) {}

    std::string_view key;
    Content content;
};

using Fields = std::initializer_list<Field>;

/// Default Json.
void set_format(Format format);
/// Lines below `level` are dropped. Default Info.
void set_level(Level level);

void debug(std::string_view message, Fields fields = {});
void info(std::string_view message, Fields fields = {});
void warn(std::string_view message, Fields fields = {});
void error(std::string_view message, Fields fields = {});

}  // namespace dunlin::log
