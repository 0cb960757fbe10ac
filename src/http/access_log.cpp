#include "http/access_log.h"

#include "io/log.h"

namespace dunlin::http {

void log_request(const RequestRecord& record) {
    log::info("request", {{"method", record.method},
                          {"path", record.path},
                          {"status", record.status},
                          {"duration_ms", static_cast<double>(record.duration_us) / 1000},
                          {"bytes", record.bytes},
                          {"request_id", record.id},
                          {"remote", record.remote}});
}

void log_exception(const RequestRecord& record, std::string_view what) {
    log::error("a request handler failed", {{"method", record.method},
                                            {"path", record.path},
                                            {"request_id", record.id},
                                            {"what", what}});
}

}  // namespace dunlin::http
