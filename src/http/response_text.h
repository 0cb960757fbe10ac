#pragma once

#include <string>

#include "http/request_head.h"
#include "http/server.h"

namespace dunlin::http {

/// Status line and headers of an answer, with what every answer carries: Date, request id, CORS,
/// length. Compresses the body when the client accepts gzip and it pays.
std::string response_head(const RequestHead& request, const std::string& request_id,
                          Response& response, bool keep_alive, std::int64_t now_us);

/// The answer to a CORS preflight (Fetch standard, section 3.2).
Response preflight_answer(const RequestHead& request);

}  // namespace dunlin::http
