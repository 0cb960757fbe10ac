#include "realtime/trial_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

namespace dunlin::realtime::trial {

namespace {

namespace json = boost::json;

Position position_in(const json::object& object, const char* name) {
    return *Position::parse(std::string(object.at(name).as_string()));
}

}  // namespace

void Line::send(const wire::Frame& frame) {
    const auto length = static_cast<unsigned char>((*frame)[1]);
    texts.push_back(frame->substr(length < 126 ? 2 : length == 126 ? 4 : 10));
}

bool Wanted::matches(const Row& row) const {
    if (filter.empty()) return true;
    const std::int64_t value = row[column].integer();
    return op == '=' ? value == number : op == '<' ? value < number : value > number;
}

Wanted Wanted::make(Random& random) {
    static const char* const tables[] = {"notes", "mine", "tasks", "tasks", "members"};
    Wanted made{.user = users[random.below(users.size())], .table = tables[random.below(5)]};
    const char* second = made.table == "notes" ? "room" : made.table == "tasks" ? "project" : "";
    switch (random.below(3)) {
        case 0:
            made.op = random.one_in(2) ? '<' : '>';
            made.number = 6;
            made.filter = made.op == '<' ? "id=lt.6" : "id=gt.6";
            break;
        case 1:
            if (*second == 0) break;
            made.column = 1;
            made.number = static_cast<std::int64_t>(random.below(3));
            made.filter = fmt::format("{}=eq.{}", second, made.number);
            break;
        default:
            break;
    }
    return made;
}

Client::Client(Wanted wanted, std::string device, const Database& database, Counts& counts)
    : wanted_(std::move(wanted)),
      device_(std::move(device)),
      database_(database),
      counts_(counts) {}

std::string Client::join(const std::optional<std::string>& position) {
    ++counts_.joins;
    joined_ = false;
    json::object binding{{"event", "*"}, {"schema", "public"}, {"table", wanted_.table}};
    if (!wanted_.filter.empty()) binding["filter"] = wanted_.filter;
    json::object config{{"postgres_changes", json::array{binding}}};
    asked_ = device_.empty() && state_.rows ? state_.position : std::nullopt;
    if (position) asked_ = Position::parse(*position).value();
    if (asked_) config["resume"] = json::object{{"position", asked_->to_string()}};
    return json::serialize(
        json::array{"1", "1", "realtime:a", "phx_join",
                    json::object{{"config", config}, {"access_token", wanted_.user}}});
}

std::string Client::heartbeat() {
    if (std::exchange(beating_, true)) return {};
    return R"([null,"2","phoenix","heartbeat",{}])";
}

void Client::receive(const std::string& text) {
    const auto message = json::parse(text).as_array();
    const auto& event = message[3].as_string();
    const auto& payload = message[4].as_object();
    if (message[2].as_string() == "phoenix") {
        beating_ = false;
        const Position sent = position_in(payload.at("response").as_object(), "position");
        if (!joined_) return;
        heard_ = std::max(heard_, sent);
        if (state_.position) state_.position = std::max(*state_.position, sent);
    } else if (event == "phx_reply") {
        if (payload.at("status").as_string() != "ok") complaint = "refused: " + text;
        if (complaint.empty()) receive_reply(payload.at("response").as_object());
    } else if (event == "postgres_changes") {
        receive_change(payload.at("data").as_object());
    } else if (event == "system" && payload.at("extension").as_string() == "resume") {
        const bool failed = payload.at("status").as_string() == "error";
        if (failed && !has_to_read_) ++counts_.late_resyncs;
        if (failed) forget_rows();
    } else if (event == "phx_error") {
        ++counts_.errors;
        joined_ = false;
    }
}

void Client::receive_reply(const json::object& response) {
    joined_ = true;
    const bool resumed = response.contains("resumed") && response.at("resumed").as_bool();
    const Position live = position_in(response, "position");
    if (asked_ || response.contains("resumed")) ++counts_.resumes;
    if (response.contains("resync")) ++counts_.resyncs;
    if (resumed) ++counts_.resumed;
    if (asked_ && resumed && live != *asked_) complaint = "resumed from elsewhere";
    heard_ = live;
    if (!resumed) {
        forget_rows();
        state_.position = live;
    }
}

/// Until it has read, it has nothing, whatever comes in between.
void Client::forget_rows() {
    state_.rows.reset();
    has_to_read_ = true;
}

/// Asked for once for each change. True when it is not in the rows yet.
bool Client::is_news(const json::object& data) {
    const bool is_moved = !data.contains("position");
    ++(is_moved ? counts_.moved : counts_.changes);
    const Position position = position_in(data, is_moved ? "commit" : "position");
    if (!device_.empty()) return true;  // It knows nothing of positions.
    const bool is_known = state_.position && position <= *state_.position;
    if (is_moved) return !is_known;
    if (position <= heard_) complaint = "told again: " + json::serialize(data);
    heard_ = position;
    if (!is_known) state_.position = position;
    return !is_known;
}

void Client::receive_change(const json::object& data) {
    if (!joined_) complaint = "a change before the join was answered";
    if (is_news(data) && state_.rows) apply(data);
}

void Client::apply(const json::object& data) {
    const std::string kind(data.at("type").as_string());
    auto& rows = *state_.rows;
    const auto old = data.find("old_record");
    const auto id_of = [](const json::value& row) { return row.at("id").as_int64(); };
    const bool was_there = old != data.end() ? rows.contains(id_of(old->value()))
                                             : rows.contains(id_of(data.at("record")));
    if (was_there == (kind == "INSERT")) ++counts_.repeated;
    if (old != data.end()) rows.erase(id_of(old->value()));
    if (kind == "DELETE") return;
    rows[id_of(data.at("record"))] = json::serialize(data.at("record"));
}

std::map<std::int64_t, std::string> Client::true_rows() const {
    static const std::map<std::string, std::vector<const char*>> names{
        {"notes", {"id", "room", "owner"}},
        {"mine", {"id", "owner", "size"}},
        {"tasks", {"id", "project", "size"}},
        {"members", {"id", "owner", "project"}}};
    std::map<std::int64_t, std::string> rows;
    for (const auto& [id, row] : database_.rows(wanted_.table)) {
        if (!wanted_.matches(row) || !database_.sees(wanted_.user, wanted_.table, row)) continue;
        json::object record;
        for (std::size_t i = 0; i < row.size(); ++i) {
            record[names.at(wanted_.table)[i]] =
                row[i].is_text() ? json::value(row[i].text()) : json::value(row[i].integer());
        }
        rows[id] = json::serialize(record);
    }
    return rows;
}

void Client::read() {
    ++counts_.reads;
    state_.rows = true_rows();
    state_.position = database_.end();
    has_to_read_ = false;
}

void Client::restore() {
    state_ = kept_;
    has_to_read_ = !state_.rows;
}

std::string Client::difference() const {
    std::string text;
    const auto truth = true_rows();
    const auto& rows = *state_.rows;
    for (const auto& [id, row] : truth) {
        const auto found = rows.find(id);
        if (found == rows.end())
            text += fmt::format("lacks {}; ", row);
        else if (found->second != row)
            text += fmt::format("{} instead of {}; ", found->second, row);
    }
    for (const auto& [id, row] : rows) {
        if (!truth.contains(id)) text += fmt::format("still has {}; ", row);
    }
    return text;
}

}  // namespace dunlin::realtime::trial
