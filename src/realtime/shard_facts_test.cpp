#include "realtime/shard_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "realtime/shard_fixture.h"

namespace dunlin::realtime {

namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using Counts = std::map<std::string, std::uint64_t>;

constexpr std::int64_t start_us = 1'000'000'000'000;

/// An outlet whose reader is slow.
class SlowOutlet final : public Outlet {
public:
    std::size_t waiting = 0;
    void send(const wire::Frame& frame) override { waiting += frame->size(); }
    void close(std::uint16_t, std::string_view) override {}
    bool is_writable() const override { return true; }
    std::size_t queued_bytes() const override { return waiting; }
};

TEST_F(ShardTest, StatisticsSayWhatHappened) {
    const ClientId client = connect(ann);
    join(client, "notes:1", R"({"event":"*","table":"notes","filter":"room=eq.7"})", "ann");
    join(client, "notes:2", every_mine, "ann");
    shard.receive(client, join_text("", every_note));     // refused
    shard.receive(client, join_text("late", "", "bad"));  // refused

    const auto after_joins = shard.statistics();
    EXPECT_EQ(after_joins.clients, 1u);
    EXPECT_EQ(after_joins.channels, 2u);
    EXPECT_EQ(after_joins.subscriptions, 2u);
    EXPECT_EQ(after_joins.principals, 1u);
    EXPECT_EQ(after_joins.joins_ok, 2u);
    EXPECT_EQ(after_joins.joins_refused, 2u);
    EXPECT_EQ(after_joins.reader_loads, 1u);
    EXPECT_EQ(after_joins.changes, 0u);
    EXPECT_EQ(after_joins.latency_us.count(), 0u);

    clock.time_us += 3'000;
    Change seen{.position = {1, 5}, .table = "notes", .new_row = note(1, 7)};
    seen.commit_time_us = start_us;
    Change unseen{.position = {1, 6}, .table = "notes", .new_row = note(2, 8)};
    unseen.commit_time_us = start_us;
    commit({seen});
    shard.receive(client, R"([null,"9","realtime:x","phx_leave",{}])");  // a frame of no commit
    commit({unseen});

    const auto now = shard.statistics();
    EXPECT_EQ(now.changes, 2u);
    EXPECT_EQ(now.matches, 1u);
    EXPECT_EQ(now.candidates, 1u) << "the other room's change meets nobody";
    EXPECT_EQ(now.candidates_per_change.count(), 2u);
    EXPECT_EQ(now.candidates_per_change.count_up_to(0), 1u);
    EXPECT_EQ(now.latency_us.count(), 1u) << "only commits that concerned somebody";
    EXPECT_EQ(now.latency_us.sum(), 3'000u);
    EXPECT_EQ(now.delivered, (Position{1, 6}));
    EXPECT_EQ(now.held_batches, 0u);

    EXPECT_EQ(now.last_heartbeat_us, 0);
    shard.receive(client, R"([null,"9","phoenix","heartbeat",{}])");
    EXPECT_EQ(shard.statistics().last_heartbeat_us, clock.time_us);
    EXPECT_EQ(now.last_tick_us, 0);
    shard.tick();
    EXPECT_EQ(shard.statistics().last_tick_us, clock.time_us);
}

TEST_F(ShardTest, StatisticsSayHowFarBehindALoopIs) {
    const ClientId client = connect(ann);
    join(client, "t", every_task, "ann");
    host.asynchronous = true;
    Change membership{.position = {1, 1},
                      .table = "members",
                      .new_row = {Value(std::int64_t{1}), Value(std::int64_t{1})}};
    membership.commit_time_us = start_us;
    Change task{.position = {1, 2},
                .table = "tasks",
                .new_row = {Value(std::int64_t{1}), Value(std::int64_t{1})}};
    task.commit_time_us = start_us + 10;
    commit({membership});
    commit({task, task});

    const auto waiting = shard.statistics();
    EXPECT_EQ(waiting.held_batches, 2u);
    EXPECT_EQ(waiting.held_changes, 3u);
    EXPECT_EQ(waiting.oldest_held_us, start_us);
    EXPECT_EQ(waiting.delivered, Position{});
    host.failing = true;
    host.finish_loads();
    const auto now = shard.statistics();
    EXPECT_EQ(now.reader_failures, 1u);
    EXPECT_EQ(now.held_changes, 0u);
    EXPECT_EQ(now.oldest_held_us, 0);
    EXPECT_EQ(now.delivered, (Position{1, 2}));
}

TEST_F(ShardTest, DescribesItsChannels) {
    const ClientId first = connect(ann);
    const ClientId second = connect(bob);
    clock.time_us += 1'000;
    join(first, "appointments:patient:1", every_note + "," + every_mine, "ann");
    clock.time_us += 1'000;
    join(second, "appointments:patient:2", every_note, "bob");
    join(second, "availability", R"({"event":"*","table":"nope"})", "bob");
    insert("notes", note(1, 7));
    insert("notes", note(2, 7));

    const auto everything = shard.describe({.channels_max = 10, .tables_max = 10});
    EXPECT_EQ(everything.channels_found, 3u);
    EXPECT_EQ(everything.channels_by_prefix, (Counts{{"appointments", 2}, {"availability", 1}}));
    EXPECT_EQ(everything.channels_by_role, (Counts{{"authenticated", 3}}));
    EXPECT_THAT(everything.clients, IsEmpty());
    EXPECT_THAT(
        everything.tables,
        ElementsAre(Pair("notes",
                         TableActivity{.changes = 2, .candidates = 4, .matches = 4, .frames = 4})));
    ASSERT_EQ(everything.channels.size(), 3u);
    const ChannelDescription& channel = everything.channels[0];
    EXPECT_EQ(channel.topic, "appointments:patient:1");
    EXPECT_EQ(channel.user, "ann");
    EXPECT_EQ(channel.role, "authenticated");
    EXPECT_EQ(channel.bindings.size(), 2u);
    EXPECT_TRUE(channel.active);
    EXPECT_EQ(channel.created_us, start_us + 1'000);
    EXPECT_EQ(channel.joined_us, start_us + 1'000);
    EXPECT_EQ(channel.delivered, 2u);
    EXPECT_FALSE(everything.channels[2].active) << "its bindings mean nothing";

    const DescriptionRequest::Owner is_bob{.role = Role::Authenticated, .user_id = "bob"};
    const auto of_bob = shard.describe({.owner = is_bob, .channels_max = 1});
    EXPECT_EQ(of_bob.channels_found, 2u);
    ASSERT_EQ(of_bob.channels.size(), 1u) << "as many as were asked for";
    EXPECT_EQ(of_bob.channels[0].user, "bob");
    EXPECT_THAT(of_bob.tables, IsEmpty());
}

TEST_F(ShardTest, DescribesTheSlowestClients) {
    SlowOutlet slow;
    SlowOutlet slower;
    connect(ann);
    const ClientId one = shard.connect(slow, Version::V2, Identity{});
    const ClientId two = shard.connect(slower, Version::V2, Identity{});
    join(one, "a", every_note, "ann");
    join(two, "a", every_note, "bob");
    slow.waiting = 10;
    slower.waiting = 20;

    const auto both = shard.describe({.clients_max = 5});
    ASSERT_EQ(both.clients.size(), 2u) << "who waits for nothing is not slow";
    EXPECT_EQ(both.clients[0].user, "bob");
    EXPECT_EQ(both.clients[0].queued_bytes, 20u);
    EXPECT_EQ(both.clients[0].connected_us, start_us);
    EXPECT_EQ(shard.describe({.clients_max = 1}).clients.size(), 1u);
}

TEST(ShardFacts, OfSeveralLoopsAreSummed) {
    ShardStatistics one;
    one.channels = 2;
    one.held_changes = 3;
    one.oldest_held_us = 50;
    one.delivered = {1, 7};
    one.last_tick_us = 90;
    one.last_heartbeat_us = 10;
    one.latency_us.observe(700);
    ShardStatistics other;
    other.channels = 5;
    other.held_changes = 1;
    other.delivered = {1, 9};
    other.last_tick_us = 80;
    other.last_heartbeat_us = 30;
    other.latency_us.observe(2'000'000);
    ShardStatistics sum;
    sum.add(one);
    sum.add(other);
    EXPECT_EQ(sum.channels, 7u);
    EXPECT_EQ(sum.held_changes, 3u) << "the slowest";
    EXPECT_EQ(sum.oldest_held_us, 50) << "0 means nothing waits";
    EXPECT_EQ(sum.delivered, (Position{1, 7}));
    EXPECT_EQ(sum.last_tick_us, 80);
    EXPECT_EQ(sum.last_heartbeat_us, 30);
    EXPECT_EQ(sum.latency_us.count(), 2u);
    EXPECT_EQ(sum.latency_us.count_up_to(1), 1u) << "700 µs are up to 1,000";
    EXPECT_EQ(sum.latency_us.sum(), 2'000'700u);
}

TEST(ShardFacts, TheRoleIsTheApplicationsWhenItHasOne) {
    struct Case {
        const char* why;
        const char* claims;
        const char* expected;
    };
    const Case cases[] = {
        {"app_metadata", R"({"app_metadata":{"role":"dentist"}})", "dentist"},
        {"the user's own metadata proves nothing", R"({"user_metadata":{"role":"admin"}})",
         "authenticated"},
        {"no metadata", "{}", "authenticated"},
        {"not text", R"({"app_metadata":{"role":7}})", "authenticated"},
        {"not an object", R"({"app_metadata":[]})", "authenticated"},
        {"not JSON", "{", "authenticated"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(application_role({.role = Role::Authenticated, .claims = c.claims}), c.expected)
            << c.why;
    }
}

}  // namespace

}  // namespace dunlin::realtime
