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

}  // namespace dunlin::server
