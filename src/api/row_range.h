#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "http/message.h"
#include "query/rest_query.h"

namespace dunlin::api {

/// Narrows limit and offset to the rows that a `Range: FROM-TO` header (`Range-Unit: items`) asks
/// for as well; TO may be missing. Only GET has a Range, and anything else in the header is ignored
/// (RFC 9110 section 14.2). Fails with PGRST103 when TO is before FROM and when both have no row in
/// common.
Result<void> apply_range_header(const http::Request& request, query::RestQuery& query);

/// `0-24/3573`, `0-24/*`, `*/0`: the rows that are in the answer.
std::string content_range(std::uint64_t offset, std::uint64_t count,
                          std::optional<std::uint64_t> total);

/// 200, or 206 when a known total is more than what is in the answer.
/// Fails with PGRST103 when the offset is beyond a known total; the page behind the last full one
/// is only empty.
Result<int> range_status(std::uint64_t offset, std::uint64_t count,
                         std::optional<std::uint64_t> total);

}  // namespace dunlin::api
