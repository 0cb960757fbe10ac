#include "scenario_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <fstream>

#include "auth/project_keys.h"
#include "auth/token.h"
#include "io/log.h"

namespace dunlin::scenarios {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view ann_claims =
    R"({"role":"authenticated","sub":"11111111-1111-4111-8111-111111111111","exp":4000000000})";
constexpr std::string_view bob_claims =
    R"({"role":"authenticated","sub":"22222222-2222-4222-8222-222222222222","exp":4000000000})";

std::string authentication(Sender sender) {
    const auto keys = auth::development_keys();
    const auto both = [](std::string_view key, std::string_view bearer) {
        return fmt::format("apikey: {}\r\nAuthorization: Bearer {}\r\n", key, bearer);
    };
    switch (sender) {
        case Sender::Anon:
            return both(keys.anon_key, keys.anon_key);
        case Sender::Ann:
            return both(keys.anon_key, auth::sign_token(ann_claims, keys.secret));
        case Sender::Bob:
            return both(keys.anon_key, auth::sign_token(bob_claims, keys.secret));
        case Sender::Service:
            return both(keys.service_role_key, keys.service_role_key);
        case Sender::Nobody:
            return {};
    }
    return {};
}

Answer parse_answer(const std::string& text) {
    Answer answer;
    const auto end = text.find("\r\n\r\n");
    if (text.size() < 12 || end == text.npos) return answer;
    answer.status = std::stoi(text.substr(9, 3));
    answer.headers = text.substr(0, end);
    answer.body = text.substr(end + 4);
    return answer;
}

}  // namespace

std::string Answer::header(std::string_view name) const {
    std::string lower = headers;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto at = lower.find("\r\n" + std::string(name) + ":");
    if (at == lower.npos) return {};
    const auto from = at + name.size() + 3;
    auto value = headers.substr(from, headers.find("\r\n", from) - from);
    value.erase(0, value.find_first_not_of(' '));
    return value;
}

ScenarioServer::ScenarioServer(std::string_view migration, std::string_view settings_text) {
    log::set_level(log::Level::Warn);
    std::string pattern = (fs::temp_directory_path() / "dunlin-scenario-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    fs::create_directories(folder_ / "migrations");
    fs::create_directories(folder_ / "web");
    std::ofstream(folder_ / "migrations" / "0001_scenario.sql") << migration;
    std::ofstream(folder_ / "web" / "index.html") << "<!doctype html><title>scenario</title>";
    std::ofstream(folder_ / "dunlin.toml") << settings_text;
    auto settings = server::load_settings({.project = folder_, .port = 0, .development = true});
    EXPECT_TRUE(settings);
    settings->loops = 2;
    auto application = server::Application::open(std::move(*settings));
    if (!application)
        ADD_FAILURE() << application.error().message << " " << application.error().hint;
    application_ = std::move(application.value());
    application_->start();
    const std::string url = application_->url();
    port_ = std::stoi(url.substr(url.rfind(':') + 1));
}

ScenarioServer::~ScenarioServer() {
    application_->stop();
    application_.reset();
    fs::remove_all(folder_);
}

Answer ScenarioServer::send(Sender sender, std::string_view method, std::string_view target,
                            std::string_view body,
                            const std::vector<std::pair<std::string, std::string>>& headers) const {
    std::string request =
        fmt::format("{} {} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n", method, target);
    request += authentication(sender);
    for (const auto& [name, value] : headers) request += fmt::format("{}: {}\r\n", name, value);
    const bool typed = std::ranges::any_of(
        headers, [](const auto& header) { return header.first == "Content-Type"; });
    if (!body.empty() && !typed) request += "Content-Type: application/json\r\n";
    if (!body.empty()) request += fmt::format("Content-Length: {}\r\n", body.size());
    return parse_answer(exchange(request + "\r\n" + std::string(body)));
}

std::string ScenarioServer::exchange(std::string_view bytes) const {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{.sin_family = AF_INET,
                        .sin_port = htons(static_cast<std::uint16_t>(port_))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string received;
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) break;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        char buffer[16 * 1024];
        for (auto got = ::recv(socket, buffer, sizeof buffer, 0); got > 0;
             got = ::recv(socket, buffer, sizeof buffer, 0)) {
            received.append(buffer, static_cast<std::size_t>(got));
        }
    }
    ::close(socket);
    return received;
}

void run(const ScenarioServer& server, const Exchange& exchange, Sender sender) {
    const auto answer =
        server.send(sender, exchange.method, std::string("/rest/v1/") + exchange.target,
                    exchange.body, exchange.headers);
    const std::string& expected = exchange.expected;
    EXPECT_EQ(answer.status, exchange.status) << exchange.why << "\n" << answer.body;
    if (expected.starts_with('[') || expected.starts_with('{')) {
        EXPECT_TRUE(same_json(answer.body, expected)) << exchange.why << "\n" << answer.body;
    } else if (exchange.status >= 300 && !expected.empty()) {
        EXPECT_NE(answer.body.find("\"code\":\"" + expected + "\""), std::string::npos)
            << exchange.why << "\n"
            << answer.body;
    } else {
        EXPECT_EQ(answer.body, expected) << exchange.why;
    }
    for (const auto& [name, value] : exchange.expected_headers) {
        EXPECT_EQ(answer.header(name), value) << exchange.why << ": " << name;
    }
}

bool same_json(std::string_view left, std::string_view right) {
    boost::system::error_code left_failed, right_failed;
    const auto left_value = boost::json::parse(left, left_failed);
    const auto right_value = boost::json::parse(right, right_failed);
    return !left_failed && !right_failed && left_value == right_value;
}

}  // namespace dunlin::scenarios
