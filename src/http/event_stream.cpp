#include "http/event_stream.h"

#include <fmt/format.h>

#include "http/ascii.h"

namespace dunlin::http {

namespace {

std::string_view one_line(std::string_view text) {
    constexpr std::string_view ends("\r\n\0", 3);
    return text.substr(0, text.find_first_of(ends));
}

/// Lines end with CR LF, CR or LF (section 9.2.5): each becomes a field of its own.
void append_lines(std::string_view field, std::string_view text, std::string& out) {
    while (true) {
        const auto end = text.find_first_of("\r\n");
        out.append(field).append(text.substr(0, end)).push_back('\n');
        if (end == text.npos) return;
        text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
    }
}

}  // namespace

std::string event_text(const Event& event) {
    std::string text;
    text.reserve(event.id.size() + event.name.size() + event.data.size() + 32);
    if (!event.id.empty()) append_lines("id: ", one_line(event.id), text);
    if (!event.name.empty()) append_lines("event: ", one_line(event.name), text);
    if (!event.data.empty()) append_lines("data: ", event.data, text);
    text.push_back('\n');
    return text;
}

std::string event_comment(std::string_view text) {
    return fmt::format(": {}\n\n", one_line(text));
}

std::string event_retry(std::int64_t milliseconds) {
    return fmt::format("retry: {}\n\n", milliseconds);
}

Response event_stream(std::unique_ptr<StreamHandler> handler) {
    Response response;
    response.set("Content-Type", "text/event-stream");
    response.set("Cache-Control", "no-store");
    response.set("X-Accel-Buffering", "no");  // nginx would collect the events of minutes
    response.stream = std::move(handler);
    return response;
}

bool accepts_event_stream(const Request& request) {
    return contains_token(request.header("accept"), "text/event-stream");
}

}  // namespace dunlin::http
