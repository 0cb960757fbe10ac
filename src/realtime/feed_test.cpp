#include "realtime/feed.h"

#include <gtest/gtest.h>

#include "realtime/feed_hub.h"
#include "realtime/test_support.h"

namespace dunlin::realtime {

namespace {

using test::column;

constexpr std::uint64_t epoch = 7;

/// notes (owner), tasks (members of project), log (everyone), secret (denied), other.things.
test::FakeRules make_rules() {
    test::FakeRules rules;
    const auto columns = [] {
        return std::vector{column("id", TypeKind::Int8), column("tag", TypeKind::Text),
                           column("text", TypeKind::Text)};
    };
    for (const char* name : {"log", "members", "notes", "secret", "tasks"})
        rules.add(test::table(name, columns()));
    Table things = test::table("things", columns());
    things.schema = "other";
    rules.add(std::move(things));
    rules.rules["notes"] = test::rule_of(policy::RowRule::Shape::Owner, 1);
    rules.rules["tasks"] = test::member_rule(1);
    rules.refused["secret"] = sql_error("42501", "permission denied for table secret");
    return rules;
}

Result<FeedView> view_of(const test::FakeRules& rules, const FeedRequest& request) {
    const std::vector<std::string> schemas = {"public"};
    return FeedView::resolve(rules, Role::Authenticated, schemas, request);
}

Row row(std::int64_t id, const char* tag) {
    return {Value(id), Value(tag), Value("t")};
}

Change insert(std::string table, std::uint64_t position, const char* tag) {
    return {.position = {epoch, position},
            .table = std::move(table),
            .kind = ChangeKind::Insert,
            .new_row = row(1, tag)};
}

ChangeBatch commit_of(Change change) {
    return std::make_shared<const std::vector<Change>>(std::vector{std::move(change)});
}

struct Sleeper final : FeedHub::Waiter {
    int woken = 0;
    void wake() override { ++woken; }
};

}  // namespace

TEST(Feed, TablesAreThoseThatARequestNames) {
    const auto rules = make_rules();
    struct Case {
        const char* why;
        FeedRequest request;
        std::string tables;  // or the SQLSTATE of the refusal, or "!" and a part of its message
    };
    const Case cases[] = {
        {"none: all that may be read", {}, "log members notes tasks "},
        {"a star", {.tables = {"*"}}, "log members notes tasks "},
        {"some", {.tables = {"notes", "other.things"}}, "notes other.things "},
        {"a schema", {.tables = {"other.*"}}, "other.things "},
        {"the same twice is once", {.tables = {"notes", "public.notes"}}, "notes "},
        {"a filter for the only one",
         {.tables = {"notes"}, .filters = {{"", "id=eq.1"}}},
         "notes "},
        {"a filter by name, with the schema said",
         {.tables = {"notes", "log"}, .filters = {{"public.notes", "id=eq.1"}}},
         "notes log "},
        {"not allowed by name", {.tables = {"secret"}}, "42501"},
        {"unknown", {.tables = {"nothing"}}, "!There is no such table."},
        {"a filter without a table",
         {.tables = {"notes", "log"}, .filters = {{"", "id=eq.1"}}},
         "!filter.TABLE"},
        {"a filter of a table not named",
         {.tables = {"notes"}, .filters = {{"log", "id=eq.1"}}},
         "!filter.log"},
        {"a filter on all", {.filters = {{"", "id=eq.1"}}}, "!filter needs one table"},
        {"a filter that is none",
         {.tables = {"notes"}, .filters = {{"", "id=is.5"}}},
         "!Error parsing"},
        {"an unknown column", {.tables = {"notes"}, .selects = {{"", {"x"}}}}, "!\"x\""},
        {"two meanings of one table",
         {.tables = {"public.*", "notes"}, .filters = {{"notes", "id=eq.1"}}},
         "!twice"},
    };
    for (const Case& c : cases) {
        const auto view = view_of(rules, c.request);
        std::string tables;
        if (view) {
            for (const auto& entry : view->entries()) tables += entry.table->storage_name() + " ";
            EXPECT_EQ(tables, c.tables) << c.why;
        } else if (c.tables.starts_with('!')) {
            EXPECT_NE(view.error().message.find(c.tables.substr(1)), std::string::npos)
                << c.why << ": " << view.error().message;
        } else {
            EXPECT_EQ(view.error().sqlstate, c.tables) << c.why;
        }
    }
}

TEST(Feed, AChangeIsPrintedAsItsReaderSeesIt) {
    const auto rules = make_rules();
    const auto view = view_of(rules, {.tables = {"notes", "log"}, .selects = {{"log", {"tag"}}}});
    ASSERT_TRUE(view);
    const auto ann = test::reader("ann");
    struct Case {
        const char* why;
        Change change;
        std::string json;
    };
    const Case cases[] = {
        {"hers", insert("notes", 5, "ann"),
         R"([{"position":"7-5","schema":"public","table":"notes","type":"INSERT",)"
         R"("record":{"id":1,"tag":"ann","text":"t"}})"},
        {"another's", insert("notes", 5, "bob"), "["},
        {"a table that is not followed", insert("tasks", 5, "p"), "["},
        {"selected columns and the key", insert("log", 6, "x"),
         R"([{"position":"7-6","schema":"public","table":"log","type":"INSERT",)"
         R"("record":{"id":1,"tag":"x"}})"},
        {"leaves: only the key of the old row",
         {.position = {epoch, 8},
          .table = "notes",
          .kind = ChangeKind::Update,
          .old_row = row(1, "ann"),
          .new_row = row(2, "bob")},
         R"([{"position":"7-8","schema":"public","table":"notes","type":"DELETE",)"
         R"("old_record":{"id":1}})"},
    };
    for (const Case& c : cases) {
        std::string json = "[";
        EXPECT_EQ(write_feed_change(*view, *ann, c.change, json), c.json != "[") << c.why;
        EXPECT_EQ(json, c.json) << c.why;
    }
}

TEST(Feed, RightsAreComparedByWhatTheRulesLookAt) {
    const auto rules = make_rules();
    const auto tasks = view_of(rules, {.tables = {"tasks"}});
    const auto notes = view_of(rules, {.tables = {"notes"}});
    ASSERT_TRUE(tasks && notes);
    const auto before = test::reader("ann", {Value("p1")});
    const auto equal = test::reader("ann", {Value("p1")});
    const auto after = test::reader("ann", {Value("p1"), Value("p2")});
    EXPECT_TRUE(tasks->same_rights(*before, *equal));
    EXPECT_FALSE(tasks->same_rights(*before, *after));
    EXPECT_TRUE(notes->same_rights(*before, *after)) << "its rule has no set";
    EXPECT_TRUE(tasks->may_change_rights(insert("members", 1, "x"), *before));
    EXPECT_FALSE(tasks->may_change_rights(insert("notes", 1, "x"), *before));
    EXPECT_FALSE(notes->may_change_rights(insert("members", 1, "x"), *before));
}

TEST(FeedHub, ACommitWakesWhomItConcerns) {
    const auto rules = make_rules();
    const auto notes = view_of(rules, {.tables = {"notes"}});
    const auto tasks = view_of(rules, {.tables = {"tasks"}});
    ASSERT_TRUE(notes && tasks);
    FeedHub hub({epoch, 4});
    Sleeper ann;
    Sleeper bob;
    Sleeper worker;
    hub.add(ann, *notes, test::reader("ann"));
    const auto bobs = hub.add(bob, *notes, test::reader("bob"));
    const auto workers = hub.add(worker, *tasks, test::reader("eve", {Value("p1")}));
    const auto woken = [&] {
        const std::string text =
            std::to_string(ann.woken) + std::to_string(bob.woken) + std::to_string(worker.woken);
        ann.woken = bob.woken = worker.woken = 0;
        return text;
    };
    hub.publish(commit_of(insert("notes", 5, "ann")));
    EXPECT_EQ(woken(), "100") << "the owner of the row";
    hub.publish(commit_of(insert("log", 6, "ann")));
    EXPECT_EQ(woken(), "000") << "nobody follows it";
    EXPECT_EQ(hub.position(), (Position{epoch, 6}));
    hub.publish(commit_of(insert("tasks", 7, "p2")));
    EXPECT_EQ(woken(), "000") << "not a member";
    hub.publish(commit_of(insert("members", 8, "p2")));
    EXPECT_EQ(woken(), "001") << "rights may have changed";
    hub.set_reader(workers, test::reader("eve", {Value("p1"), Value("p2")}));
    hub.publish(commit_of(insert("tasks", 9, "p2")));
    EXPECT_EQ(woken(), "001");
    hub.remove(bobs);
    hub.publish(commit_of(insert("notes", 10, "bob")));
    EXPECT_EQ(woken(), "000") << "gone";
    hub.change_rights({}, {"ann"});
    EXPECT_EQ(woken(), "100");
    EXPECT_EQ(hub.size(), 2u);
    hub.stop();
    EXPECT_EQ(woken(), "101");
    EXPECT_TRUE(hub.stopping());
}

}  // namespace dunlin::realtime
