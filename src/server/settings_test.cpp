#include "server/settings.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace dunlin::server {

namespace fs = std::filesystem;

namespace {

/// A fresh project folder with the given dunlin.toml, removed at the end.
class ProjectFolder {
public:
    explicit ProjectFolder(const std::string& toml) {
        std::string pattern = (fs::temp_directory_path() / "dunlin-settings-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
        std::ofstream(path / "dunlin.toml") << toml;
    }
    ~ProjectFolder() { fs::remove_all(path); }
    fs::path path;
};

}  // namespace

TEST(Settings, RefusesWhatItDoesNotKnowAndSaysWhere) {
    struct Case {
        const char* why;
        const char* toml;
        const char* message;  // after the file name; "" when accepted
    };
    const Case cases[] = {
        {"empty", "", ""},
        {"all good", "[server]\nport = 8080\n[database]\nreaders = 4\n", ""},
        {"unknown key", "[server]\nprot = 8080\n", ":2:8: unknown key server.prot"},
        {"text for a number", "[server]\nport = \"x\"\n",
         ":2:8: server.port must be a whole number"},
        {"the data API",
         "[api]\nschemas = [\"public\", \"shop\"]\ntx_end = \"rollback\"\nplan = true\n"
         "openapi = \"disabled\"\nmax_rows = 1000\n",
         ""},
        {"not a list", "[api]\nschemas = \"public\"\n",
         ":2:11: api.schemas must be a list of texts"},
        {"an empty list", "[api]\nschemas = []\n", ":2:11: api.schemas must be a list of names"},
        {"no such end", "[api]\ntx_end = \"never\"\n",
         ":2:10: api.tx_end must be commit, commit-allow-override, rollback or "
         "rollback-allow-override"},
        {"no truth", "[api]\nplan = 1\n", ":2:8: api.plan must be true or false"},
        {"times of roles",
         "[limits]\nstatement_timeout = { anon = \"3s\", service_role = \"2min\" }\n", ""},
        {"no unit", "[limits]\nstatement_timeout = { anon = \"3\" }\n",
         ":2:30: limits.statement_timeout.anon must be a time such as \"500ms\", \"8s\" or "
         "\"2min\", at most an hour"},
        {"no role", "[limits]\nstatement_timeout = { nobody = \"3s\" }\n",
         ":2:32: unknown key limits.statement_timeout.nobody"},
        {"groups of tables",
         "[groups]\nbilling = [\"bills\", \"archive.bills\"]\n[live]\nadmin_roles = [\"owner\"]\n",
         ""},
        {"a group without tables", "[groups]\nbilling = []\n",
         ":2:11: groups.* must be a list of tables, under a name of letters, digits, _ and -"},
        {"a group that no list could name", "[groups]\n\"a,b\" = [\"bills\"]\n",
         ":2:9: groups.* must be a list of tables, under a name of letters, digits, _ and -"},
        {"a group that is no list", "[groups]\nbilling = \"bills\"\n",
         ":2:11: groups.billing must be a list of texts"},
        {"an empty role", "[live]\nadmin_roles = [\"\"]\n",
         ":2:15: live.admin_roles must be a list of roles"},
        {"bounds of live",
         "[server]\ndrain_seconds = 30\n[live]\nqueue_bytes_max = 262144\n"
         "memory_bytes_max = 2147483648\n",
         ""},
        {"a queue too small for a frame", "[live]\nqueue_bytes_max = 1024\n",
         ":2:19: live.queue_bytes_max must be from 65536 to 67108864"},
        {"out of range", "[server]\nport = 70000\n", ":2:8: server.port must be from 0 to 65535"},
    };
    for (const Case& c : cases) {
        const ProjectFolder project(c.toml);
        const auto settings = load_settings({.project = project.path});
        const std::string expected =
            *c.message == 0 ? "" : (project.path / "dunlin.toml").string() + c.message;
        EXPECT_EQ(settings ? "" : settings.error().message, expected) << c.why;
    }
}

TEST(Settings, TheCommandLineComesBeforeTheFile) {
    const ProjectFolder project("[server]\nport = 8080\nhost = \"127.0.0.2\"\n");
    const auto settings = load_settings({.project = project.path, .port = 9090});
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->port, 9090);
    EXPECT_EQ(settings->host, "127.0.0.2");
    EXPECT_EQ(settings->data, project.path / ".dunlin");
}

TEST(Settings, TakesTimesAndListsOver) {
    const ProjectFolder project(
        "[limits.statement_timeout]\nanon = \"500ms\"\nservice_role = \"2min\"\n"
        "[api]\nschemas = [\"app\", \"public\"]\n");
    const auto settings = load_settings({.project = project.path});
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->statement_timeouts.of(Role::Anon), std::chrono::milliseconds(500));
    EXPECT_EQ(settings->statement_timeouts.of(Role::Authenticated), std::chrono::seconds(8));
    EXPECT_EQ(settings->statement_timeouts.of(Role::ServiceRole), std::chrono::minutes(2));
    EXPECT_EQ(settings->rest.schemas, (std::vector<std::string>{"app", "public"}));
}

TEST(Settings, DevelopmentModeStaysOnLoopback) {
    const ProjectFolder project("");
    for (const char* host : {"0.0.0.0", "192.168.1.2", "::"}) {
        EXPECT_FALSE(load_settings({.project = project.path, .host = host, .development = true}))
            << host;
    }
    for (const char* host : {"127.0.0.1", "localhost", "::1"}) {
        EXPECT_TRUE(load_settings({.project = project.path, .host = host, .development = true}))
            << host;
    }
}

TEST(Settings, NamesProvidersOfSignIn) {
    ::setenv("DUNLIN_TEST_PROVIDER_SECRET", "from outside", 1);
    const ProjectFolder project(
        "[auth.external.clinic]\nenabled = true\nclient_id = \"web, phone\"\n"
        "client_secret = \"env(DUNLIN_TEST_PROVIDER_SECRET)\"\n"
        "issuer = \"https://id.example.org\"\ntrusted_hosts = [\"ID.example.org\"]\n"
        "[auth.external.apple]\nteam_id = \"T\"\nkey_file = \"apple.p8\"\n");
    const auto settings = load_settings({.project = project.path});
    ASSERT_TRUE(settings) << settings.error().message;
    const auto& clinic = settings->auth.external.at("clinic");
    EXPECT_TRUE(clinic.enabled);
    EXPECT_EQ(clinic.options.name, "clinic");
    EXPECT_EQ(clinic.options.client_ids, (std::vector<std::string>{"web", "phone"}));
    EXPECT_EQ(clinic.options.client_secret, "from outside");
    EXPECT_EQ(clinic.options.url, "https://id.example.org");
    EXPECT_EQ(clinic.trusted_hosts, std::vector<std::string>{"id.example.org"});
    const auto& apple = settings->auth.external.at("apple");
    EXPECT_FALSE(apple.enabled);
    EXPECT_EQ(apple.options.apple_key->team_id, "T");
    const ProjectFolder missing(
        "[auth.external.clinic]\nclient_secret = \"env(DUNLIN_TEST_NO_SUCH)\"\n");
    const auto refused = load_settings({.project = missing.path});
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().message.ends_with(
        "auth.external.*.client_secret must be a text, or \"env(NAME)\" with the name of an "
        "environment variable that is set"))
        << refused.error().message;
}

}  // namespace dunlin::server
