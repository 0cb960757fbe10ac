#include "io/log_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <ctime>
#include <iterator>

namespace dunlin::log {

namespace {

constexpr std::int64_t us_per_second = 1'000'000;

std::string_view level_name(Level level) {
    switch (level) {
        case Level::Debug:
            return "debug";
        case Level::Info:
            return "info";
        case Level::Warn:
            return "warn";
        case Level::Error:
            return "error";
    }
    return "error";
}

std::string time_text(std::int64_t time_us) {
    const std::time_t seconds = time_us / us_per_second;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                       time_us % us_per_second / 1000);
}

std::string quoted(std::string_view text) {
    return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

/// A line is written for every request, and most of its texts need no escapes.
void add_quoted(std::string_view text, std::string& line) {
    const bool plain = std::ranges::none_of(
        text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\'; });
    if (!plain) {
        line += quoted(text);
        return;
    }
    line.append(1, '"').append(text).append(1, '"');
}

void add_json_value(const Field::Content& content, std::string& line) {
    const auto out = std::back_inserter(line);
    if (const auto* text = std::get_if<std::string_view>(&content)) {
        add_quoted(*text, line);
    } else if (const auto* number = std::get_if<double>(&content)) {
        if (std::isfinite(*number))
            fmt::format_to(out, "{}", *number);
        else
            line += "null";
    } else {
        std::visit([&](const auto& held) { fmt::format_to(out, "{}", held); }, content);
    }
}

/// Bare where that is unambiguous, else as a JSON string: a line stays one line.
std::string text_value(const Field::Content& content) {
    const auto* text = std::get_if<std::string_view>(&content);
    if (text == nullptr) {
        std::string value;
        add_json_value(content, value);
        return value;
    }
    const bool plain = !text->empty() && text->find_first_of(" =\"\\") == std::string_view::npos;
    const std::string escaped = quoted(*text);
    return plain && escaped.size() == text->size() + 2 ? std::string(*text) : escaped;
}

/// Line breaks and the like escaped, without the quotes.
std::string text_message(std::string_view message) {
    const std::string escaped = quoted(message);
    return escaped.substr(1, escaped.size() - 2);
}

}  // namespace

std::string format_line(Format format, Level level, std::int64_t time_us, std::string_view message,
                        Fields fields) {
    std::string line;
    if (format == Format::Text) {
        line =
            fmt::format("{} {} {}", time_text(time_us), level_name(level), text_message(message));
        for (const Field& field : fields) {
            line += fmt::format(" {}={}", field.key, text_value(field.content));
        }
        return line + "\n";
    }
    line.append(R"({"time":")").append(time_text(time_us));
    line.append(R"(","level":")").append(level_name(level)).append(R"(","message":)");
    add_quoted(message, line);
    for (const Field& field : fields) {
        line.push_back(',');
        add_quoted(field.key, line);
        line.push_back(':');
        add_json_value(field.content, line);
    }
    return line + "}\n";
}

}  // namespace dunlin::log
