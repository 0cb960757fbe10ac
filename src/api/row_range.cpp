#include "api/row_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace dunlin::api {

namespace {

constexpr std::uint64_t endless = UINT64_MAX;

/// Rows from `first` to `last`, both included, counted from 0.
struct Rows {
    std::uint64_t first = 0;
    std::uint64_t last = endless;
};

/// Digits only; what does not fit is as good as endless.
std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end != text.data() + text.size() || failure == std::errc::invalid_argument) return {};
    return failure == std::errc::result_out_of_range ? endless : number;
}

/// `FROM-TO` or `FROM-`
std::optional<Rows> parse_range(std::string_view header) {
    const auto dash = header.find('-');
    if (dash == header.npos) return std::nullopt;
    const auto first = parse_number(header.substr(0, dash));
    if (!first) return std::nullopt;
    if (dash + 1 == header.size()) return Rows{.first = *first};
    const auto last = parse_number(header.substr(dash + 1));
    if (!last) return std::nullopt;
    return Rows{*first, *last};
}

/// Those of limit and offset. The limit is not 0.
Rows rows_of(const query::RestQuery& query) {
    Rows rows{.first = query.offset.value_or(0)};
    if (query.limit && *query.limit - 1 < endless - rows.first)
        rows.last = rows.first + (*query.limit - 1);
    return rows;
}

Error not_satisfiable(std::string details) {
    return Error{ErrorCode::RangeNotSatisfiable, "Requested range not satisfiable", "PGRST103",
                 std::move(details)};
}

}  // namespace

Result<void> apply_range_header(const http::Request& request, query::RestQuery& query) {
    if (request.method != http::Method::Get) return {};
    const auto asked = parse_range(request.header("range"));
    if (!asked) return {};
    if (asked->last < asked->first) {
        return std::unexpected(not_satisfiable(
            "The lower boundary must be lower than or equal to the upper boundary in the Range "
            "header."));
    }
    if (query.limit == 0U) return {};
    const Rows limited = rows_of(query);
    const Rows both{std::max(limited.first, asked->first), std::min(limited.last, asked->last)};
    if (both.last < both.first) {
        return std::unexpected(not_satisfiable("Limit should be greater than or equal to zero."));
    }
    query.offset = both.first;
    if (both.last != endless) query.limit = both.last - both.first + 1;
    return {};
}

std::string content_range(std::uint64_t offset, std::uint64_t count,
                          std::optional<std::uint64_t> total) {
    const std::string all = total ? fmt::format("{}", *total) : "*";
    if (count == 0) return fmt::format("*/{}", all);
    return fmt::format("{}-{}/{}", offset, offset + count - 1, all);
}

Result<int> range_status(std::uint64_t offset, std::uint64_t count,
                         std::optional<std::uint64_t> total) {
    if (!total) return 200;
    if (offset > *total) {
        return std::unexpected(not_satisfiable(fmt::format(
            "An offset of {} was requested, but there are only {} rows.", offset, *total)));
    }
    return count < *total ? 206 : 200;
}

}  // namespace dunlin::api
