#include "api/sync_request.h"

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/call.h"
#include "http/ascii.h"

namespace dunlin::api {

namespace {

constexpr std::string_view filter_of = "filter.";
constexpr std::string_view select_of = "select.";

Error invalid(std::string_view name, std::string_view text, std::string_view expected) {
    return Error{ErrorCode::InvalidInput,
                 std::string(name) + " is \"" + std::string(text) + "\": it has to be " +
                     std::string(expected),
                 "22023"};
}

std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> parts;
    while (!list.empty()) {
        const auto comma = list.find(',');
        const auto part = http::trim(list.substr(0, comma));
        if (!part.empty()) parts.emplace_back(part);
        list = comma == list.npos ? "" : list.substr(comma + 1);
    }
    return parts;
}

Result<std::size_t> read_number(std::string_view name, std::string_view text, std::size_t least,
                                std::size_t most) {
    std::size_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = failure == std::errc{} && end == text.data() + text.size();
    if (whole && number >= least && number <= most) return number;
    return std::unexpected(invalid(
        name, text, "a number from " + std::to_string(least) + " to " + std::to_string(most)));
}

Result<bool> read_truth(std::string_view name, std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::unexpected(invalid(name, text, "true or false"));
}

Result<void> take(SyncRequest& request, const std::string& name, const std::string& text) {
    constexpr auto wait_max = static_cast<std::size_t>(limits::feed_wait_max.count());
    if (name == "apikey") return {};
    if (name == "tables") {
        request.feed.tables = split(text);
        return {};
    }
    if (name == "filter" || name.starts_with(filter_of)) {
        request.feed.filters.emplace_back(
            name.size() < filter_of.size() ? "" : name.substr(filter_of.size()), text);
        return {};
    }
    if (name == "select" || name.starts_with(select_of)) {
        request.feed.selects.emplace_back(
            name.size() < select_of.size() ? "" : name.substr(select_of.size()), split(text));
        return {};
    }
    if (name == "since") {
        const auto since = Position::parse(text);
        if (!since)
            return std::unexpected(
                invalid(name, text, "a `position` of an answer, as it was given"));
        request.since = *since;
        return {};
    }
    if (name == "limit" || name == "wait") {
        const bool limit = name == "limit";
        const auto number =
            read_number(name, text, limit ? 1 : 0, limit ? limits::feed_changes_max : wait_max);
        if (!number) return std::unexpected(number.error());
        if (limit) request.changes_max = *number;
        if (!limit) request.wait = std::chrono::seconds(*number);
        return {};
    }
    if (name == "snapshot" || name == "stream") {
        const auto truth = read_truth(name, text);
        if (!truth) return std::unexpected(truth.error());
        (name == "snapshot" ? request.snapshot : request.stream) = *truth;
        return {};
    }
    return std::unexpected(
        Error{ErrorCode::InvalidInput, "unknown parameter \"" + name + "\"", "22023"});
}

}  // namespace

Result<SyncRequest> read_sync_request(const http::Request& request) {
    SyncRequest read;
    for (const auto& [name, text] : http::parse_query(request.query)) {
        auto taken = take(read, name, text);
        if (!taken) return std::unexpected(taken.error());
    }
    // How an EventSource goes on by itself; it knows more than the URL that it was opened with.
    const std::string_view last = request.header("last-event-id");
    if (!last.empty()) {
        auto taken = take(read, "since", std::string(last));
        if (!taken) return std::unexpected(taken.error());
        read.snapshot = false;
    }
    if (read.snapshot && read.since) {
        return std::unexpected(Error{ErrorCode::InvalidInput,
                                     "snapshot=true begins anew: `since` cannot go with it",
                                     "22023"});
    }
    return read;
}

}  // namespace dunlin::api
