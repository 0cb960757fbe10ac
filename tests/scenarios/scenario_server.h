#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/application.h"

namespace dunlin::scenarios {

/// Who sends a request.
enum class Sender { Anon, Ann, Bob, Service, Nobody };

struct Answer {
    int status = 0;
    std::string headers;  // as received, lower-case names
    std::string body;

    std::string header(std::string_view name) const;
};

/// A whole server on a free port, over a fresh project with the given migration and dunlin.toml.
class ScenarioServer {
public:
    explicit ScenarioServer(std::string_view migration, std::string_view settings = {});
    ~ScenarioServer();

    /// A body without a Content-Type among the headers is JSON.
    Answer send(Sender sender, std::string_view method, std::string_view target,
                std::string_view body = {},
                const std::vector<std::pair<std::string, std::string>>& headers = {}) const;

    /// Writes `bytes` to a new connection and reads until the server closes it or `bytes_max`.
    std::string exchange(std::string_view bytes) const;

    /// The project's folder, with its database in it.
    const std::filesystem::path& folder() const { return folder_; }

private:
    std::filesystem::path folder_;
    std::unique_ptr<server::Application> application_;
    int port_ = 0;
};

/// A request and what must come back.
struct Exchange {
    const char* why;
    const char* method;
    const char* target;  // behind /rest/v1/
    std::vector<std::pair<std::string, std::string>> headers;
    const char* body;
    int status;
    /// JSON, or the exact text, or the error's code, or "" for an empty body.
    std::string expected;
    /// Headers that must have these values; "" for none of that name.
    std::vector<std::pair<std::string, std::string>> expected_headers{};
};

/// Sends and compares; a difference is a failure of the test.
void run(const ScenarioServer& server, const Exchange& exchange, Sender sender = Sender::Anon);

/// Equal as JSON; keys in any order.
bool same_json(std::string_view left, std::string_view right);

}  // namespace dunlin::scenarios
