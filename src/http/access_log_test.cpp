#include "http/access_log.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <mutex>

#include "http/server_fixture.h"

namespace dunlin::http {

namespace {

/// Collects "METHOD PATH STATUS BYTES ID" of each request, and what handlers threw.
class Records {
public:
    ServerOptions options() {
        return {.on_request = [this](const RequestRecord& record) { add(record); },
                .on_exception =
                    [this](const RequestRecord& record, std::string_view what) {
                        const std::lock_guard lock(mutex_);
                        failures_.push_back(std::string(record.id) + ": " + std::string(what));
                    }};
    }
    std::vector<std::string> lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }
    std::vector<std::string> failures() {
        const std::lock_guard lock(mutex_);
        return failures_;
    }

private:
    void add(const RequestRecord& record) {
        EXPECT_TRUE(record.remote.starts_with("127.0.0.1:")) << record.remote;
        EXPECT_FALSE(record.id.empty());
        EXPECT_GE(record.duration_us, 0);
        EXPECT_LT(record.duration_us, 60'000'000);
        const std::lock_guard lock(mutex_);
        lines_.push_back(std::string(record.method) + " " + std::string(record.path) + " " +
                         std::to_string(record.status) + (record.bytes > 0 ? " sent" : ""));
    }

    std::mutex mutex_;  // the loop adds, the test reads
    std::vector<std::string> lines_;
    std::vector<std::string> failures_;
};

}  // namespace

TEST(AccessLog, HasOneRecordForEachRequest) {
    struct Case {
        const char* why;
        std::string bytes;
        const char* record;
    };
    const Case cases[] = {
        {"plain", request("GET /echo"), "GET /echo 200 sent"},
        {"never the query: keys travel there", request("GET /echo?apikey=secret&token=secret"),
         "GET /echo 200 sent"},
        {"nor the headers", request("GET /echo", "Authorization: Bearer secret\r\n"),
         "GET /echo 200 sent"},
        {"the path as sent", request("GET /%0a%22?x"), "GET /%0a%22 404 sent"},
        {"preflight", request("OPTIONS /echo"), "OPTIONS /echo 204 sent"},
        {"not even a head", "nonsense\r\n\r\n", "  400 sent"},
        {"refused for its body", request("POST /echo", "Content-Length: 999999999\r\n"),
         "POST /echo 413 sent"},
        {"a handler that throws", request("GET /fails/later", "X-Request-Id: the-id\r\n"),
         "GET /fails/later 500 sent"},
    };
    for (const Case& c : cases) {
        Records records;
        {
            TestServer server(records.options());
            Client(server.port()).exchange(c.bytes);
            server.drain();
        }
        EXPECT_EQ(records.lines(), std::vector<std::string>{c.record}) << c.why;
    }
}

TEST(AccessLog, SaysWhatAHandlerThrew) {
    Records records;
    TestServer server(records.options());
    Client(server.port()).exchange(request("GET /fails/at-once", "X-Request-Id: the-id\r\n"));
    EXPECT_EQ(records.failures(), std::vector<std::string>{"the-id: a library failed"});
}

TEST(AccessLog, IsOneLineOfJson) {
    ::testing::internal::CaptureStderr();
    log_request({.method = "GET",
                 .path = "/a\"b",
                 .status = 200,
                 .duration_us = 1500,
                 .bytes = 7,
                 .id = "i",
                 .remote = "r"});
    const std::string line = ::testing::internal::GetCapturedStderr();
    const auto object = boost::json::parse(line).as_object();
    EXPECT_EQ(object.at("level"), "info");
    EXPECT_EQ(object.at("method"), "GET");
    EXPECT_EQ(object.at("path"), "/a\"b");
    EXPECT_EQ(object.at("status"), 200);
    EXPECT_EQ(object.at("duration_ms"), 1.5);
    EXPECT_EQ(object.at("bytes"), 7);
    EXPECT_EQ(object.at("request_id"), "i");
    EXPECT_EQ(object.at("remote"), "r");
}

}  // namespace dunlin::http
