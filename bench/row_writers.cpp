#include "row_writers.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace dunlin::bench {

namespace {

constexpr int created_status = 201;
constexpr int ok_status = 200;
constexpr int answer_timeout_ms = 30'000;
constexpr std::uint64_t rows_per_request = 1000;

/// True when the answer on `socket` is complete.
bool take(const Descriptor& socket, AnswerReader& answers) {
    std::array<char, 16 * 1024> buffer;
    const ssize_t count = recv(socket.value(), buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EAGAIN) return false;
    if (count <= 0) fail("the server closed a writer's connection");
    return answers.feed({buffer.data(), static_cast<std::size_t>(count)});
}

void expect_status(const AnswerReader& answers, int status) {
    if (answers.status() != status) fail("refused: " + answers.answer());
}

}  // namespace

RowWriters::RowWriters(const Plan& plan, Poller& poller, std::size_t connections)
    : plan_(plan), writers_(connections) {
    for (std::size_t i = 0; i < connections; ++i) {
        writers_[i].socket = connect_to(plan.port(), first_number + i);
        poller.add(writers_[i].socket, first_number + i, EPOLLIN);
    }
}

void RowWriters::write(const Stamp& stamp) {
    Writer& writer = writers_[stamp.lane % writers_.size()];
    writer.requests.push_back({stamp.due_us, plan_.insert(plan_.row(stamp))});
    ++unanswered_;
    if (writer.requests.size() == 1) send_all(writer.socket, writer.requests.front().text);
}

void RowWriters::receive(std::uint64_t number) {
    Writer& writer = writers_[number - first_number];
    if (!take(writer.socket, writer.answers)) return;
    expect_status(writer.answers, created_status);
    latency_.add(now_ns() / 1000 - writer.requests.front().due_us);
    writer.requests.pop_front();
    --unanswered_;
    if (!writer.requests.empty()) send_all(writer.socket, writer.requests.front().text);
}

Histogram RowWriters::take_latency() {
    return std::exchange(latency_, Histogram());
}

std::string fetch(std::uint16_t port, std::string_view request, int status) {
    const Descriptor socket = connect_to(port, RowWriters::first_number);
    send_all(socket, request);
    Poller poller;
    poller.add(socket, 0, EPOLLIN);
    AnswerReader answers;
    while (!take(socket, answers)) {
        if (poller.wait(answer_timeout_ms).empty()) fail("no answer in time");
    }
    expect_status(answers, status);
    return answers.answer();
}

void fill(const Plan& plan, std::uint64_t count) {
    for (std::uint64_t first = 0; first < count; first += rows_per_request) {
        std::string rows = "[";
        for (std::uint64_t i = first; i < std::min(first + rows_per_request, count); ++i) {
            if (i > first) rows += ',';
            rows += plan.row({.lane = 0, .number = i, .due_us = now_ns() / 1000});
        }
        fetch(plan.port(), plan.insert(rows + "]"), created_status);
    }
}

void enrol(const Plan& plan) {
    if (!plan.has_teams()) return;
    fetch(plan.port(), post_request("/rest/v1/memberships", plan.key(), plan.memberships()),
          created_status);
}

std::string present_position(const Plan& plan) {
    constexpr std::string_view name = "Dunlin-Position: ";
    const RequestTemplate request{
        .path = "/rest/v1/" + plan.table() + "?limit=0", .key = plan.key(), .prefer = "position"};
    const std::string answer = fetch(plan.port(), request.with(0), ok_status);
    const std::size_t at = answer.find(name);
    if (at == std::string::npos) fail("an answer without a position: " + answer);
    const std::size_t start = at + name.size();
    return answer.substr(start, answer.find("\r\n", start) - start);
}

}  // namespace dunlin::bench
