#include "plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "http_client.h"
#include "user_token.h"
#include "websocket.h"

namespace dunlin::bench {

namespace {

/// Of ten messages to teams and persons, one is for a person alone.
constexpr std::uint64_t team_messages_in_ten = 9;

template <class Choice>
Choice choose(const Arguments& arguments, const std::string& name, const std::string& fallback,
              const std::map<std::string, Choice>& choices) {
    const auto found = choices.find(arguments.text(name, fallback));
    if (found == choices.end()) fail(fmt::format("unknown --{}", name));
    return found->second;
}

/// Percent-encoded for a query (RFC 3986 section 2.1).
std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-';
        out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

/// Kind 3 of the client: lengths, then the parts (docs/protocol/realtime.md).
std::string broadcast_push(std::string_view topic, std::string_view payload) {
    constexpr std::string_view join_ref = "1", event = "m";
    constexpr char kind = 3, is_json = 1, none = 0;
    std::string push{kind,
                     static_cast<char>(join_ref.size()),
                     none,
                     static_cast<char>(topic.size()),
                     static_cast<char>(event.size()),
                     none,
                     is_json};
    return push.append(join_ref).append(topic).append(event).append(payload);
}

}  // namespace

Plan::Plan(const Arguments& arguments)
    : way_(choose<Way>(arguments, "way", "changes",
                       {{"changes", Way::Changes},
                        {"feed", Way::Feed},
                        {"broadcast", Way::Broadcast},
                        {"relay", Way::Relay},
                        {"redis", Way::Redis}})),
      audience_(choose<Audience>(arguments, "audience", "everybody",
                                 {{"everybody", Audience::Everybody},
                                  {"nobody", Audience::Nobody},
                                  {"own", Audience::Own},
                                  {"mixed", Audience::Mixed},
                                  {"teams", Audience::Teams},
                                  {"groups", Audience::Groups}})),
      port_(static_cast<std::uint16_t>(arguments.number("port", 0))),
      receivers_(static_cast<std::size_t>(arguments.number("receivers", 1000))),
      lanes_(static_cast<std::size_t>(arguments.number("lanes", 1))),
      group_(static_cast<std::size_t>(arguments.number("group", 6))),
      payload_bytes_(static_cast<std::size_t>(arguments.number("payload-bytes", 200))),
      has_tokens_(audience_ == Audience::Teams || arguments.number("tokens", 0) != 0),
      key_(arguments.text("key", "")),
      table_(arguments.text("table", audience_ == Audience::Teams ? "documents" : "events")) {}

bool Plan::has_sender() const {
    return way_ != Way::Changes && way_ != Way::Feed && audience_ != Audience::Groups;
}

std::string Plan::opening(std::size_t receiver, std::string_view position) const {
    if (way_ == Way::Redis) return receiver == receivers_ ? "" : "SUBSCRIBE bench\r\n";
    if (way_ == Way::Relay) return upgrade_request("/");
    if (way_ != Way::Feed)
        return upgrade_request("/realtime/v1/websocket?vsn=2.0.0&apikey=" + key_);
    std::string target = "/sync/v1/changes?stream=true&tables=" + table_;
    if (const std::string text = filter(receiver); !text.empty())
        target += "&filter=" + encoded(text);
    if (position == "snapshot") {
        target += "&snapshot=true";
    } else if (!position.empty()) {
        target += "&since=" + encoded(position);
    }
    return RequestTemplate{.path = target, .key = key_, .token = token(receiver)}.with(0);
}

std::string Plan::join(std::size_t receiver, std::string_view position) const {
    if (way_ != Way::Changes && way_ != Way::Broadcast) return "";
    std::string bindings;
    if (way_ == Way::Changes) {
        const std::string text = filter(receiver);
        bindings = fmt::format(R"({{"event":"INSERT","schema":"public","table":"{}"{}}})", table_,
                               text.empty() ? "" : fmt::format(R"(,"filter":"{}")", text));
    }
    const std::string resume =
        position.empty() ? "" : fmt::format(R"(,"resume":{{"position":"{}"}})", position);
    const std::string own = token(receiver);
    return fmt::format(
        R"(["1","1","{}","phx_join",{{"config":{{"broadcast":{{"ack":false,"self":{}}},)"
        R"("presence":{{"key":"","enabled":false}},"postgres_changes":[{}],"private":false{}}}{}}}])",
        topic(receiver), audience_ == Audience::Groups, bindings, resume,
        own.empty() ? "" : fmt::format(R"(,"access_token":"{}")", own));
}

std::string Plan::filter(std::size_t receiver) const {
    const std::size_t lane = receiver % lanes_;
    if (audience_ == Audience::Nobody) return fmt::format("kind=eq.nobody-{}", receiver);
    if (audience_ == Audience::Own) return fmt::format("kind=eq.{}", lane);
    if (audience_ != Audience::Mixed) return "";
    switch (receiver / lanes_ % 3) {
        case 0:
            return fmt::format("kind=eq.{},payload=neq.{}", lane, receiver);
        case 1:
            return fmt::format("kind=in.({},never-{})", lane, receiver);
        default:
            return fmt::format("rank=gte.{},rank=lt.{},payload=neq.{}", lane, lane + 1, receiver);
    }
}

std::string Plan::topic(std::size_t receiver) const {
    if (audience_ != Audience::Groups) return "realtime:bench";
    return fmt::format("realtime:group-{}", receiver / group_);
}

std::string Plan::token(std::size_t receiver) const {
    return has_tokens_ ? user_token(receiver) : "";
}

std::vector<std::uint32_t> Plan::lanes_of(std::size_t receiver) const {
    const auto lane = [](std::size_t number) { return static_cast<std::uint32_t>(number); };
    switch (audience_) {
        case Audience::Everybody:
            return {0};
        case Audience::Nobody:
            return {};
        case Audience::Own:
        case Audience::Mixed:
            return {lane(receiver % lanes_)};
        case Audience::Teams:
            return {lane(receiver % lanes_), lane(lanes_ + receiver)};
        case Audience::Groups:
            break;
    }
    std::vector<std::uint32_t> lanes;
    const std::size_t first = receiver / group_ * group_;
    for (std::size_t i = first; i < std::min(first + group_, receivers_); ++i)
        lanes.push_back(lane(i));
    return lanes;
}

std::size_t Plan::lane_count() const {
    if (audience_ == Audience::Groups) return receivers_;
    return audience_ == Audience::Teams ? lanes_ + receivers_ : lanes_;
}

std::vector<std::size_t> Plan::listeners() const {
    std::vector<std::size_t> counts(lane_count());
    for (std::size_t i = 0; i < receivers_; ++i) {
        for (const std::uint32_t lane : lanes_of(i)) ++counts[lane];
    }
    return counts;
}

std::uint32_t Plan::lane(std::uint64_t n) const {
    if (audience_ == Audience::Groups) return static_cast<std::uint32_t>(n % receivers_);
    if (audience_ != Audience::Teams) return static_cast<std::uint32_t>(n % lanes_);
    const std::uint64_t round = n / 10;
    if (n % 10 == team_messages_in_ten)
        return static_cast<std::uint32_t>(lanes_ + round % receivers_);
    return static_cast<std::uint32_t>((round * team_messages_in_ten + n % 10) % lanes_);
}

std::string Plan::payload(const Stamp& stamp) const {
    std::string text = stamp_text(stamp);
    text.resize(std::max(payload_bytes_, text.size()), 'x');
    return text;
}

std::string Plan::row(const Stamp& stamp) const {
    const std::string text = payload(stamp);
    if (table_ == "numbers")
        return fmt::format(R"({{"id":{},"payload":"{}"}})", stamp.number, text);
    if (audience_ != Audience::Teams)
        return fmt::format(R"({{"kind":"{}","rank":{},"payload":"{}"}})", stamp.lane, stamp.lane,
                           text);
    const bool is_team = stamp.lane < lanes_;
    return fmt::format(R"({{"team_id":{},"owner_id":{},"payload":"{}"}})",
                       is_team ? std::to_string(stamp.lane) : "null",
                       is_team ? "null" : '"' + user_id(stamp.lane - lanes_) + '"', text);
}

std::string Plan::insert(std::string_view rows) const {
    return post_request("/rest/v1/" + table_, key_, rows);
}

std::size_t Plan::sender(std::uint64_t n) const {
    return audience_ == Audience::Groups ? n % receivers_ : receivers_;
}

std::string Plan::message(std::size_t sender, const Stamp& stamp) const {
    const std::string text = payload(stamp);
    if (way_ == Way::Redis)
        return fmt::format("*3\r\n$7\r\nPUBLISH\r\n$5\r\nbench\r\n${}\r\n{}\r\n", text.size(),
                           text);
    if (way_ == Way::Relay) return text_frame(text, Masking::Masked);
    return masked_frame(binary_opcode,
                        broadcast_push(topic(sender), fmt::format(R"({{"text":"{}"}})", text)));
}

std::string Plan::memberships() const {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < receivers_; ++i) {
        rows.push_back(
            fmt::format(R"({{"team_id":{},"user_id":"{}"}})", lanes_of(i).front(), user_id(i)));
    }
    return fmt::format("[{}]", fmt::join(rows, ","));
}

}  // namespace dunlin::bench
