#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "auth/signing_keys.h"
#include "http/message.h"
#include "policy/access_rules.h"
#include "server/database.h"
#include "server/migrator.h"
#include "server/sign_in.h"

namespace dunlin::server {

namespace fs = std::filesystem;
namespace asio = boost::asio;

namespace {

class TestClock final : public Clock {
public:
    std::int64_t now_us() const override { return now_s * 1'000'000; }
    std::int64_t now_s = 1'800'000'000;
};

/// Sign-in of an empty project with GitHub, which nothing is asked of before somebody comes back.
class ExternalSignIn : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "dunlin-external-XXXXXX").string();
        settings_.project = settings_.data = ::mkdtemp(pattern.data());
        settings_.auth.url = "https://api.example.org";
        settings_.auth.site_url = "https://app.example.org";
        settings_.auth.external["github"] = {.enabled = true,
                                             .options = {.name = "github", .client_ids = {"ours"}}};
        settings_.auth.sign_ups = settings_.auth.anonymous = true;
        settings_.auth.session_s_max = session_s_max;
        auto opened = Database::open(settings_, clock_);
        ASSERT_TRUE(opened) << opened.error().message;
        database_ = std::move(*opened);
        const auto files = project_migrations(settings_.project);
        ASSERT_TRUE(files) << files.error().message;
        const auto report = migrate(*database_.engine, clock_, *files, MigrationMode::Apply);
        ASSERT_TRUE(report) << report.error().message;
        database_.engine->set_schema(report->schema);
        auto rules = policy::AccessRules::compile(report->schema, clock_);
        ASSERT_TRUE(rules) << rules.error().message;
        auto library = routines::Library::compile(*rules);
        ASSERT_TRUE(library) << library.error().message;
        const std::string secret = "a-secret-of-at-least-thirty-two-characters";
        auto keys = auth::SigningKeys::load(settings_.data / "signing_keys.json", secret, clock_);
        ASSERT_TRUE(keys) << keys.error().message;
        keys_ = std::move(*keys);
        auto sign_in = SignIn::open(settings_, *database_.engine, *library, clock_, *keys_, secret);
        ASSERT_TRUE(sign_in) << sign_in.error().message;
        sign_in_ = std::move(*sign_in);
    }
    void TearDown() override {
        if (sign_in_) sign_in_->stop();
        database_.engine->stop();
        sign_in_.reset();
        database_ = {};
        fs::remove_all(settings_.project);
    }

    template <typename T>
    static T await(asio::awaitable<T> coroutine) {
        asio::io_context loop;
        auto result = asio::co_spawn(loop, std::move(coroutine), asio::use_future);
        loop.run();
        return result.get();
    }
    static void await(asio::awaitable<void> coroutine) {
        asio::io_context loop;
        auto result = asio::co_spawn(loop, std::move(coroutine), asio::use_future);
        loop.run();
        result.get();
    }

    static std::string parameter(std::string_view url, std::string_view name) {
        const std::string_view query = url.substr(url.find('?') + 1);
        for (auto& [key, value] : http::parse_query(query.substr(0, query.find('#')))) {
            if (key == name) return value;
        }
        return "";
    }

    static constexpr std::int64_t session_s_max = 86'400;

    TestClock clock_;
    Settings settings_;
    Database database_;
    std::unique_ptr<auth::SigningKeys> keys_;
    std::unique_ptr<SignIn> sign_in_;
};

}  // namespace

TEST_F(ExternalSignIn, EndsASessionWhoseTimeIsOver) {
    const auto signed_up = await(sign_in_->accounts().sign_up_anonymously({}, {}));
    ASSERT_TRUE(signed_up) << signed_up.error().message;
    const auto reasons = [&] {
        std::vector<std::string> found;
        EXPECT_TRUE(
            sign_in_->context().owner.read_now([&](data::OwnerSession& session) -> Result<void> {
                auto rows = session.run("select reason from \"auth.ended_sessions\"");
                if (!rows) return std::unexpected(rows.error());
                for (const Row& row : *rows) found.push_back(row[0].text());
                return {};
            }));
        return found;
    };
    clock_.now_s += session_s_max - 1;
    await(sign_in_->forget_old());
    EXPECT_TRUE(reasons().empty()) << "a second is left";
    clock_.now_s += 1;
    await(sign_in_->forget_old());
    EXPECT_EQ(reasons(), std::vector<std::string>{"session expired"});
}

TEST_F(ExternalSignIn, IsOverAfterTenMinutes) {
    struct Case {
        const char* why;
        std::int64_t seconds;
        const char* error_code;
    };
    const Case cases[] = {
        {"at the last second the state is good, and only the code is missing", 600,
         "bad_oauth_callback"},
        {"a second later it is not", 601, "flow_state_expired"},
    };
    for (const Case& c : cases) {
        auto& external = sign_in_->external();
        const auto departure = await(external.begin({.provider = "github"}, {}));
        ASSERT_TRUE(departure) << departure.error().message;
        EXPECT_EQ(parameter(departure->url, "redirect_uri"),
                  "https://api.example.org/auth/v1/callback");
        clock_.now_s += c.seconds;
        const std::string url = await(external.finish(
            {.state = parameter(departure->url, "state"), .cookie = departure->cookie}, {}));
        EXPECT_EQ(parameter(url, "error_code"), c.error_code) << c.why;
        EXPECT_TRUE(url.starts_with("https://app.example.org?")) << url;
    }
}

TEST_F(ExternalSignIn, StoresNothingThatOpensAnything) {
    const auto departure = await(sign_in_->external().begin({.provider = "github"}, {}));
    ASSERT_TRUE(departure) << departure.error().message;
    const std::string state = parameter(departure->url, "state");
    const std::string challenge = parameter(departure->url, "code_challenge");
    std::string stored;
    const auto read = sign_in_->context().owner.read_now([&](data::OwnerSession& session) {
        auto rows = session.run("select * from \"auth.flow_state\"");
        if (!rows) return Result<void>(std::unexpected(rows.error()));
        for (const Value& value : rows->front()) {
            if (value.is_text()) stored += value.text() + "\n";
        }
        return Result<void>();
    });
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_GT(stored.size(), 64U);
    for (const std::string& secret : {state, challenge, departure->cookie}) {
        EXPECT_FALSE(stored.contains(secret)) << secret;
    }
}

}  // namespace dunlin::server
