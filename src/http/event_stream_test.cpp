#include "http/event_stream.h"

#include <gtest/gtest.h>

namespace dunlin::http {

TEST(EventStream, WritesFieldsAsBrowsersReadThem) {
    struct Case {
        const char* why;
        Event event;
        std::string text;
    };
    const Case cases[] = {
        {"only data", {.data = "a"}, "data: a\n\n"},
        {"all fields", {"7", "commit", "{}"}, "id: 7\nevent: commit\ndata: {}\n\n"},
        {"a blank at the front is data: one is taken off", {.data = " a"}, "data:  a\n\n"},
        {"lines with every kind of end",
         {.data = "a\nb\r\nc\rd\n"},
         "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"},
        {"CR CR LF are two ends", {.data = "a\r\r\nb"}, "data: a\ndata: \ndata: b\n\n"},
        {"an id alone is remembered", {.id = "7"}, "id: 7\n\n"},
        {"a line break would begin a field of somebody else's making",
         {.id = "7\nevent: x", .name = "a\rdata: b", .data = "c"},
         "id: 7\nevent: a\ndata: c\n\n"},
        {"NUL would make the id void", {.id = std::string_view("7\0008", 3)}, "id: 7\n\n"},
    };
    for (const Case& c : cases) EXPECT_EQ(event_text(c.event), c.text) << c.why;
    EXPECT_EQ(event_comment("keep-alive"), ": keep-alive\n\n");
    EXPECT_EQ(event_comment("a\ndata: b"), ": a\n\n") << "a comment is one line";
    EXPECT_EQ(event_retry(1500), "retry: 1500\n\n");
}

TEST(EventStream, IsAskedForByAccept) {
    struct Case {
        const char* accept;
        bool wanted;
    };
    const Case cases[] = {{"", false},
                          {"text/event-stream", true},
                          {"application/json, text/event-stream;q=0.5", true},
                          {"text/event-stream;q=0", false},
                          {"*/*", false}};
    for (const Case& c : cases) {
        Request request;
        request.headers.emplace_back("Accept", c.accept);
        EXPECT_EQ(accepts_event_stream(request), c.wanted) << c.accept;
    }
}

}  // namespace dunlin::http
