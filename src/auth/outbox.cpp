#include "auth/outbox.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <ranges>
#include <utility>

#include "auth/html_text.h"
#include "core/date_time.h"
#include "core/limits.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::string_view page_opening =
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Outbox</title>\n"
    "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 "
    "1rem}"
    "article{border-top:1px solid #ccc;padding:1rem 0}pre{white-space:pre-wrap;"
    "overflow-wrap:anywhere}h2{font-size:1.1rem;margin:0}p{margin:0;color:#555}</style>\n"
    "<h1>Outbox</h1>\n<p>Messages that this development server has not sent, newest first.</p>\n";

std::string time_text(std::int64_t time_us) {
    std::string text;
    date_time::print_timestamp(time_us, 'T', text);
    return text + "Z";
}

std::string_view channel_name(MessageChannel channel) {
    return channel == MessageChannel::Email ? "email" : "sms";
}

/// Where a URL begins in `text` from `at` on; npos when none does.
std::size_t find_url(std::string_view text, std::size_t at) {
    return std::min(text.find("https://", at), text.find("http://", at));
}

/// Escaped, with URLs as links.
std::string linked(std::string_view text) {
    std::string out;
    std::size_t at = 0;
    while (true) {
        const auto begin = find_url(text, at);
        out += escape_html(text.substr(at, begin - at));
        if (begin == text.npos) return out;
        const auto end = std::min(text.find_first_of(" \t\r\n<>\"", begin), text.size());
        const std::string url = escape_html(text.substr(begin, end - begin));
        out += fmt::format("<a href=\"{0}\" rel=\"noreferrer\">{0}</a>", url);
        at = end;
    }
}

}  // namespace

std::size_t Outbox::Kept::bytes() const {
    return message.to.size() + message.subject.size() + message.text.size() + message.html.size();
}

void Outbox::add(OutboxMessage message) {
    const std::lock_guard lock(mutex_);
    kept_.push_back({++last_id_, clock_.now_us(), std::move(message)});
    bytes_ += kept_.back().bytes();
    while (kept_.size() > limits::outbox_messages_max || bytes_ > limits::outbox_bytes_max) {
        bytes_ -= kept_.front().bytes();
        kept_.pop_front();
    }
}

std::string Outbox::json(std::string_view to) const {
    json::array messages;
    const std::lock_guard lock(mutex_);
    for (const Kept& kept : std::views::reverse(kept_)) {
        const OutboxMessage& message = kept.message;
        if (!to.empty() && message.to != to) continue;
        messages.push_back({{"id", kept.id},
                            {"created_at", time_text(kept.time_us)},
                            {"channel", channel_name(message.channel)},
                            {"to", message.to},
                            {"subject", message.subject},
                            {"text", message.text},
                            {"html", message.html}});
    }
    return json::serialize(json::object{{"messages", std::move(messages)}});
}

std::string Outbox::page() const {
    std::string page(page_opening);
    const std::lock_guard lock(mutex_);
    for (const Kept& kept : std::views::reverse(kept_)) {
        const OutboxMessage& message = kept.message;
        page += fmt::format(
            "<article>\n<h2>{}</h2>\n<p>{} to {}, {}</p>\n<pre>{}</pre>\n</article>\n",
            escape_html(message.subject), channel_name(message.channel), escape_html(message.to),
            time_text(kept.time_us), linked(message.text.empty() ? message.html : message.text));
    }
    if (kept_.empty()) page += "<p>None yet.</p>\n";
    return page;
}

}  // namespace dunlin::auth
