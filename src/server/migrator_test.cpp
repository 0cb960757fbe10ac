#include "server/migrator.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "engine/sqlite/sqlite_engine.h"
#include "sql/search_index.h"

namespace dunlin::server {

namespace fs = std::filesystem;

namespace {

class MigratorTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "dunlin-migrator-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        auto engine = engine::open_sqlite({.file = folder_ / "test.db", .clock = &clock_});
        ASSERT_TRUE(engine) << engine.error().message;
        engine_ = std::move(*engine);
    }
    void TearDown() override {
        engine_->stop();
        engine_.reset();
        fs::remove_all(folder_);
    }
    Result<MigrationReport> apply(const std::vector<std::pair<std::string, std::string>>& files,
                                  MigrationMode mode = MigrationMode::Apply) {
        fs::remove_all(folder_ / "migrations");
        fs::create_directories(folder_ / "migrations");
        for (const auto& [name, text] : files) std::ofstream(folder_ / "migrations" / name) << text;
        const auto read = read_migrations(folder_ / "migrations");
        if (!read) return std::unexpected(read.error());
        return migrate(*engine_, clock_, *read, mode);
    }

    SystemClock clock_;
    fs::path folder_;
    std::unique_ptr<engine::Engine> engine_;
};

constexpr const char* people = "create table people (id bigint primary key, name text not null);";
constexpr const char* pets =
    "create table pets (id bigint primary key, owner bigint references people);";

}  // namespace

TEST_F(MigratorTest, AppliesEachFileOnceAndInOrder) {
    const auto first = apply({{"0001_people.sql", people}});
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->applied, std::vector<std::string>{"0001_people.sql"});
    const auto second = apply({{"0001_people.sql", people}, {"0002_pets.sql", pets}});
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->applied, std::vector<std::string>{"0002_pets.sql"});
    EXPECT_NE(second->schema->find("public", "pets"), nullptr);
    EXPECT_NE(second->schema->find("public", "people"), nullptr) << "folded from the stored text";
}

TEST_F(MigratorTest, RefusesAHistoryThatChanged) {
    ASSERT_TRUE(apply({{"0001_people.sql", people}, {"0002_pets.sql", pets}}));
    struct Case {
        const char* why;
        std::vector<std::pair<std::string, std::string>> files;
        ErrorCode code;
    };
    const Case cases[] = {
        {"edited",
         {{"0001_people.sql", std::string(people) + " "}, {"0002_pets.sql", pets}},
         ErrorCode::Conflict},
        {"gone", {{"0001_people.sql", people}}, ErrorCode::Conflict},
        {"squeezed in",
         {{"0001_people.sql", people}, {"00015_x.sql", ""}, {"0002_pets.sql", pets}},
         ErrorCode::Conflict},
        {"no number", {{"people.sql", people}}, ErrorCode::InvalidInput},
        {"number twice", {{"0001_a.sql", people}, {"0001_b.sql", ""}}, ErrorCode::InvalidInput},
    };
    for (const Case& c : cases) {
        const auto report = apply(c.files);
        ASSERT_FALSE(report) << c.why;
        EXPECT_EQ(report.error().code, c.code) << c.why;
    }
}

TEST_F(MigratorTest, AFailingFileLeavesTheDatabaseAsItWas) {
    ASSERT_TRUE(apply({{"0001_people.sql", people}}));
    const auto failed = apply({{"0001_people.sql", people},
                               {"0002_bad.sql",
                                "insert into people values (1, 'Ann');\n"
                                "insert into people values (1, 'Bob');"}});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().sqlstate, "23505");
    auto read = engine_->read_now([](engine::Session& session) -> Result<void> {
        const auto rows = session.run({"select count(*) from people"});
        EXPECT_EQ(rows->rows[0][0], Value(std::int64_t{0}));
        return {};
    });
    EXPECT_TRUE(read);
}

TEST_F(MigratorTest, CheckChangesNothing) {
    const auto checked = apply({{"0001_people.sql", people}}, MigrationMode::Check);
    ASSERT_TRUE(checked);
    EXPECT_EQ(checked->pending, std::vector<std::string>{"0001_people.sql"});
    EXPECT_EQ(apply({{"0001_people.sql", people}})->applied.size(), 1u);
}

TEST_F(MigratorTest, ANewServersTablesAreMadeAfterThoseOfTheProject) {
    const auto write = [&](const char* name, const char* text) {
        fs::create_directories(folder_ / "migrations");
        std::ofstream(folder_ / "migrations" / name) << text;
    };
    write("0001_people.sql", people);
    auto before = project_migrations(folder_);
    ASSERT_TRUE(before);
    std::erase_if(*before, [](const auto& file) { return file.name.starts_with("realtime/"); });
    ASSERT_TRUE(migrate(*engine_, clock_, *before, MigrationMode::Apply))
        << "as an older server made it";
    write("0002_private.sql",
          "create policy p on realtime.messages for select using (realtime.topic() = 'a');");
    const auto files = project_migrations(folder_);
    ASSERT_TRUE(files);
    const auto now = migrate(*engine_, clock_, *files, MigrationMode::Apply);
    ASSERT_TRUE(now) << now.error().message;
    EXPECT_EQ(now->applied,
              (std::vector<std::string>{"realtime/0001_messages.sql", "0002_private.sql"}));
    const auto again = migrate(*engine_, clock_, *files, MigrationMode::Apply);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(again->applied.empty());
}

TEST_F(MigratorTest, SeedRunsOnceAndHoldsRowsOnly) {
    const auto report = apply({{"0001_people.sql", people}});
    ASSERT_TRUE(report);
    std::ofstream(folder_ / "seed.sql") << "create table extra (id int primary key);";
    EXPECT_FALSE(load_seed(*engine_, clock_, *report->schema, folder_ / "seed.sql"));
    std::ofstream(folder_ / "seed.sql") << "insert into people values (1, 'Ann');";
    EXPECT_EQ(load_seed(*engine_, clock_, *report->schema, folder_ / "seed.sql"), true);
    EXPECT_EQ(load_seed(*engine_, clock_, *report->schema, folder_ / "seed.sql"), false);
    EXPECT_TRUE(apply({{"0001_people.sql", people}})) << "the seed is not a migration";
}

TEST_F(MigratorTest, MakesFullTextIndexesThatAnEarlierServerOnlyNoted) {
    const std::pair<std::string, std::string> notes = {
        "0001_notes.sql",
        "create table notes (id bigint primary key, found tsvector);"
        "create index notes_found on notes using gin (found);"};
    const auto report = apply({notes});
    ASSERT_TRUE(report) << report.error().message;
    const SearchIndex& index = *report->schema->find("public", "notes")->indexes.at(0).search;
    ASSERT_TRUE(engine_->migrate([&](engine::Session& session) -> Result<void> {
        for (const std::string& sql : sql::search_drop_statements(index))
            EXPECT_TRUE(session.run({sql}));
        EXPECT_TRUE(session.run({"insert into notes values (1, '''cat'':1'), (2, '''dog'':1')"}));
        return {};
    }));
    ASSERT_TRUE(apply({notes}));
    ASSERT_TRUE(engine_->migrate([&](engine::Session& session) -> Result<void> {
        EXPECT_TRUE(session.run({"insert into notes values (3, '''cat'':1')"}));
        const auto found =
            session.run({"select rowid from \"_dunlin_search_notes_found_words\" "
                         "where \"_dunlin_search_notes_found_words\" match 'cat'"});
        EXPECT_EQ(found ? found->rows.size() : 0u, 2u) << "the old row and the new one";
        return {};
    }));
}

}  // namespace dunlin::server
