#pragma once

#include <string_view>

#include "http/server.h"

namespace dunlin::http {

/// One line of the process' log for each request, at level info. Never the query string, headers or
/// body: keys and tokens travel there.
void log_request(const RequestRecord& record);

/// One line at level error for a handler that threw.
void log_exception(const RequestRecord& record, std::string_view what);

}  // namespace dunlin::http
