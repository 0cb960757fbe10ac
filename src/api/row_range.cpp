#include "api/row_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace dunlin::api {

namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

Result<void> apply_range_header(std::string_view header, query::RestQuery& query) {
    const auto dash = header.find('-');
    if (dash == header.npos) return {};
    const auto first = parse_number(header.substr(0, dash));
    if (!first) return {};
    const auto last = parse_number(header.substr(dash + 1));
    if (last && *last < *first) {
        return std::unexpected(Error{ErrorCode::RangeNotSatisfiable,
                                     "Requested range not satisfiable", "PGRST103",
                                     "The lower boundary must be lower than or equal to the upper "
                                     "boundary in the Range header."});
    }
    query.offset = query.offset.value_or(0) + *first;
    if (!last) return {};
    const std::uint64_t wanted = *last - *first + 1;
    query.limit = std::min(query.limit.value_or(wanted), wanted);
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
    if (offset > 0 && offset >= *total) {
        return std::unexpected(
            Error{ErrorCode::RangeNotSatisfiable, "Requested range not satisfiable", "PGRST103",
                  fmt::format("An offset of {} was requested, but there are only {} rows.", offset,
                              *total)});
    }
    return count < *total ? 206 : 200;
}

}  // namespace dunlin::api
