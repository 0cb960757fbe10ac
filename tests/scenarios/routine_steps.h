#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenario_server.h"

namespace dunlin::scenarios {

/// One request and what it must give.
struct RoutineStep {
    const char* why;
    Sender sender;
    const char* method;
    const char* target;  // below /rest/v1/
    const char* body;
    const char* prefer;
    int status;
    const char* expected;  // JSON, the error's code, or "" for an empty body
};

inline void run(const ScenarioServer& server, const RoutineStep& step) {
    std::vector<std::pair<std::string, std::string>> headers;
    if (*step.prefer != '\0') headers.emplace_back("Prefer", step.prefer);
    const Answer answer = server.send(step.sender, step.method,
                                      std::string("/rest/v1/") + step.target, step.body, headers);
    EXPECT_EQ(answer.status, step.status) << step.why << ": " << answer.body;
    const std::string expected = step.expected;
    if (expected.empty()) {
        EXPECT_EQ(answer.body, "") << step.why;
    } else if (step.status >= 300) {
        EXPECT_NE(answer.body.find(expected), answer.body.npos) << step.why << ": " << answer.body;
    } else {
        EXPECT_TRUE(same_json(answer.body, expected)) << step.why << ": " << answer.body;
    }
}

}  // namespace dunlin::scenarios
