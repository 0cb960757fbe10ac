#include "server/message_trimming.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "engine/sqlite/sqlite_engine.h"
#include "policy/access_rules.h"
#include "routines/unit.h"
#include "server/migrator.h"

namespace dunlin::server {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t hour_us = 3600LL * 1'000'000;
constexpr std::int64_t age_us = 72 * hour_us;

/// A database with the server's own tables.
class MessageTrimmingTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "dunlin-messages-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        auto engine = engine::open_sqlite({.file = folder_ / "test.db", .clock = &clock_});
        ASSERT_TRUE(engine) << engine.error().message;
        engine_ = std::move(*engine);
        const auto files = project_migrations(folder_);
        ASSERT_TRUE(files);
        auto migrated = migrate(*engine_, clock_, *files, MigrationMode::Apply);
        ASSERT_TRUE(migrated) << migrated.error().message;
        engine_->set_schema(migrated->schema);
        auto rules = policy::AccessRules::compile(migrated->schema, clock_);
        ASSERT_TRUE(rules) << rules.error().message;
        auto library = routines::Library::compile(*rules);
        ASSERT_TRUE(library) << library.error().message;
        library_ = std::move(*library);
    }
    void TearDown() override {
        engine_->stop();
        engine_.reset();
        fs::remove_all(folder_);
    }

    void in_transaction(const data::Owner::Work& work) {
        auto done = engine_->migrate([&](engine::Session& session) -> Result<void> {
            routines::Unit unit(*library_, session, Role::ServiceRole, routines::UnitKind::Write);
            data::OwnerSession owner(library_->schema(), unit, session);
            return work(owner);
        });
        ASSERT_TRUE(done) << done.error().message;
    }
    /// A message `age_h` hours old that expires in `left_h` hours, 0 for not by itself.
    void store(std::int64_t age_h, std::int64_t left_h = 0, std::size_t bytes = 2) {
        in_transaction([&](data::OwnerSession& session) {
            return session.insert(
                "realtime.messages",
                {{"topic", Value("a")},
                 {"extension", Value("broadcast")},
                 {"binary_payload", Value(Blob{std::string(bytes, 'x')})},
                 {"inserted_at", Value(now_us - age_h * hour_us)},
                 {"expires_at", left_h == 0 ? Value() : Value(now_us + left_h * hour_us)}});
        });
    }
    /// Whether there may be more.
    bool remove() {
        bool more = false;
        in_transaction([&](data::OwnerSession& session) -> Result<void> {
            auto removed = remove_old_messages(session, now_us, age_us);
            if (!removed) return std::unexpected(removed.error());
            more = *removed;
            return {};
        });
        return more;
    }
    /// The numbers of the messages that are left: "1 3".
    std::string left() {
        std::string out;
        in_transaction([&](data::OwnerSession& session) -> Result<void> {
            auto rows = session.run("select sequence from \"realtime.messages\" order by sequence");
            if (!rows) return std::unexpected(rows.error());
            for (const Row& row : *rows)
                out += (out.empty() ? "" : " ") + std::to_string(row[0].integer());
            return {};
        });
        return out;
    }

    static constexpr std::int64_t now_us = 1'900'000'000'000'000;
    SystemClock clock_;
    fs::path folder_;
    std::unique_ptr<engine::Engine> engine_;
    std::shared_ptr<const routines::Library> library_;
};

}  // namespace

TEST_F(MessageTrimmingTest, RemovesWhatIsOldOrPastItsTime) {
    store(73);
    store(71);
    store(0);
    store(1, -1);
    store(1, 1);
    store(100, 1);
    while (remove()) {
    }
    EXPECT_EQ(left(), "2 3 5") << "a time to live does not make a message live longer";
    store(0);
    EXPECT_EQ(left(), "2 3 5 7") << "numbers are not given again";
}

TEST_F(MessageTrimmingTest, RemovesInPortions) {
    for (int i = 0; i < 3; ++i) store(73, 0, 3'000'000);
    EXPECT_TRUE(remove());
    EXPECT_EQ(left(), "3") << "two of them fill the portion";
    EXPECT_TRUE(remove());
    EXPECT_EQ(left(), "");
    EXPECT_FALSE(remove());
}

}  // namespace dunlin::server
