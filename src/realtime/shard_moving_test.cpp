#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "realtime/shard_fixture.h"

namespace dunlin::realtime {

namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class ShardMovingTest : public ShardTest {
protected:
    static Row task(std::int64_t id, std::int64_t project) { return {Value(id), Value(project)}; }
    static Value number(std::int64_t of) { return Value(of); }
    static std::string shown(int id, int project) {
        return R"(INSERT tasks {"id":)" + std::to_string(id) + R"(,"project":)" +
               std::to_string(project) + "} x1";
    }
    static std::string gone(int id) {
        return R"(DELETE tasks {"id":)" + std::to_string(id) + "} x1";
    }
    /// A membership row, which is what the rights depend on; everybody's rights are `projects`.
    void grant(std::vector<Value> projects, std::vector<Change> more = {}) {
        host.projects["ann"] = std::move(projects);
        std::vector<Change> changes{{.position = {1, ++last},
                                     .table = "members",
                                     .kind = ChangeKind::Insert,
                                     .new_row = task(1, 7)}};
        for (Change& change : more) {
            change.position = {1, ++last};
            changes.push_back(std::move(change));
        }
        commit(std::move(changes));
    }
    void change(ChangeKind kind, Row old_row, Row new_row) {
        commit({{.position = {1, ++last},
                 .table = "tasks",
                 .kind = kind,
                 .old_row = std::move(old_row),
                 .new_row = std::move(new_row)}});
    }
    std::uint64_t last = 0;
};

TEST_F(ShardMovingTest, RowsComeAndGoWithAMembership) {
    host.projects["ann"] = {number(1)};
    host.table_rows["tasks"] = {task(1, 1), task(2, 2), task(3, 2), task(4, 3)};
    const ClientId client = connect(ann);
    join(client, "a", every_task, "ann");
    join(client, "b", R"({"event":"*","schema":"public","table":"tasks","filter":"id=gt.2"})",
         "ann");
    join(client, "c", R"({"event":"DELETE","schema":"public","table":"tasks"})", "ann");
    ann.take();
    grant({number(1), number(2)});
    EXPECT_THAT(ann.take(), IsEmpty()) << "the commit waits for the rows";
    host.stored_at = {1, 1};
    host.finish_reads();
    EXPECT_THAT(summary(ann.take()), UnorderedElementsAre(shown(2, 2), shown(3, 2), shown(3, 2)));
    EXPECT_EQ(host.rows_read, 2) << "only those of the project that was granted are read";
    host.stored_at = {1, 2};
    grant({number(2)});
    host.finish_reads();
    EXPECT_THAT(summary(ann.take()), UnorderedElementsAre(gone(1), gone(1)));
    grant({number(2)});
    EXPECT_THAT(host.reads, IsEmpty()) << "a membership of somebody else";
}

TEST_F(ShardMovingTest, TheRowsAreThoseBeforeTheCommitsThatWait) {
    host.projects["ann"] = {number(1)};
    const ClientId client = connect(ann);
    join(client, "a", every_task, "ann");
    ann.take();
    // Before: 5 and 6 in project 2, 8 in project 1. Then the grant, with a change of 5 in the same
    // commit; 6 goes, 7 comes, 8 goes over to project 3: all before the rows are read.
    grant({number(2)}, {{.table = "tasks",
                         .kind = ChangeKind::Update,
                         .old_row = task(5, 2),
                         .new_row = task(5, 2)}});
    change(ChangeKind::Delete, task(6, 2), {});
    change(ChangeKind::Insert, {}, task(7, 2));
    change(ChangeKind::Update, task(8, 1), task(8, 3));
    host.table_rows["tasks"] = {task(5, 2), task(7, 2), task(8, 3)};
    host.stored_at = {1, 5};
    host.finish_reads();
    auto told = summary(ann.take());
    ASSERT_EQ(told.size(), 6U);
    const std::vector<std::string> moved(told.begin(), told.begin() + 3);
    EXPECT_THAT(moved, UnorderedElementsAre(shown(5, 2), shown(6, 2), gone(8)));
    told.erase(told.begin(), told.begin() + 3);
    EXPECT_THAT(told, ElementsAre(R"(UPDATE tasks {"id":5,"project":2} x1)", gone(6), shown(7, 2)));
}

TEST_F(ShardMovingTest, WaitsForTheCommitsThatTheRowsAreOf) {
    host.projects["ann"] = {number(1)};
    const ClientId client = connect(ann);
    join(client, "a", every_task, "ann");
    ann.take();
    grant({number(2)});
    host.table_rows["tasks"] = {task(7, 2)};
    host.stored_at = {1, 2};
    host.finish_reads();
    EXPECT_THAT(ann.take(), IsEmpty()) << "row 7 is of a commit that is still on its way";
    change(ChangeKind::Insert, {}, task(7, 2));
    EXPECT_THAT(summary(ann.take()), ElementsAre(shown(7, 2))) << "once";
}

TEST_F(ShardMovingTest, AreNoChangesOfTheLog) {
    host.projects["ann"] = {number(1)};
    host.table_rows["tasks"] = {task(2, 2)};
    const ClientId client = connect(ann);
    join(client, "a", every_task, "ann");
    change(ChangeKind::Insert, {}, task(1, 1));
    ann.take();
    host.stored_at = {1, 3};
    grant({number(1), number(2)}, {{.table = "tasks", .new_row = task(3, 3)}});
    host.finish_reads();
    const auto texts = ann.take();
    ASSERT_EQ(summary(texts), std::vector{shown(2, 2)});
    EXPECT_THAT(texts[0], Not(HasSubstr(R"("position")")))
        << "a client would take it for the change before, which it has";
    EXPECT_THAT(texts[0], HasSubstr(R"("commit":"1-3")"))
        << "who has read the rows before the grant needs it, who has read them after it does not";
}

TEST_F(ShardMovingTest, SeveralCommitsAtOnceHaveToBeReadAgain) {
    host.projects["ann"] = {number(1)};
    const ClientId client = connect(ann);
    join(client, "a", every_task, "ann");
    ann.take();
    grant({number(1), number(2)});
    grant({number(2)});
    host.stored_at = {1, 2};
    host.finish_reads();
    host.finish_reads();
    EXPECT_THAT(summary(ann.take()), ElementsAre(HasSubstr("system error resync: what you may")));
}

TEST_F(ShardMovingTest, RightsThatChangeBackMeanwhileHoldUpNobody) {
    host.projects["ann"] = {number(1)};
    const ClientId client = connect(ann);
    join(client, "a", every_task, "ann");
    ann.take();
    grant({number(2)});
    grant({number(1)});
    join(client, "b", every_task, "ann");  // Her rights are loaded for it, once more.
    host.stored_at = {1, 2};
    host.finish_reads();
    change(ChangeKind::Insert, {}, task(9, 1));
    EXPECT_THAT(summary(ann.take()), testing::Contains(shown(9, 1)).Times(2));
}

TEST_F(ShardMovingTest, TooManyRowsHaveToBeReadAgain) {
    host.projects["ann"] = {number(1)};
    host.too_many = true;
    const ClientId client = connect(ann);
    join(client, "a", every_task, "ann");
    ann.take();
    grant({number(2)});
    host.finish_reads();
    EXPECT_THAT(summary(ann.take()), ElementsAre(HasSubstr("system error resync: what you may")));
    change(ChangeKind::Insert, {}, task(9, 2));
    EXPECT_THAT(summary(ann.take()), ElementsAre(shown(9, 2)));
}

TEST_F(ShardMovingTest, RightsThatChangedAndBackHaveToBeLookedAtAgain) {
    host.projects["ann"] = {number(1)};
    const ClientId client = connect(ann);
    join(client, "a", every_task, "ann");
    join(client, "b", every_note, "ann");
    ann.take();
    host.asynchronous = true;
    grant({number(2)});
    grant({number(1)});
    host.finish_loads();
    host.finish_reads();
    host.finish_loads();
    EXPECT_THAT(summary(ann.take()),
                ElementsAre("system error resync: what you may read has changed and back"))
        << "rows read between the two are not those of now; notes have no such rule";
    grant({number(1)});
    host.finish_loads();
    EXPECT_THAT(ann.take(), IsEmpty()) << "once";
}

}  // namespace

}  // namespace dunlin::realtime
