#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"

/// Server-sent events (WHATWG HTML, section 9.2): `text/event-stream` over a streamed answer.
namespace dunlin::http {

struct Event {
    std::string_view id{};    // "": the client keeps the id it has
    std::string_view name{};  // "": `message`
    std::string_view data{};  // any lines; "" sets the id and dispatches nothing
};

/// One event as sent, the empty line at its end included. What follows a line break or NUL in `id`
/// or `name` is left out: it would be another field, or make the id void.
std::string event_text(const Event& event);

/// A line that clients drop: keeps proxies from closing a silent stream.
std::string event_comment(std::string_view text);

/// How long the client waits before it comes back by itself.
std::string event_retry(std::int64_t milliseconds);

/// 200 with the headers of an event stream that no cache or proxy holds back.
Response event_stream(std::unique_ptr<StreamHandler> handler);

/// Whether the client asks for an event stream: `text/event-stream` among what it accepts.
bool accepts_event_stream(const Request& request);

}  // namespace dunlin::http
