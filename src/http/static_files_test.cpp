#include "http/static_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <fstream>

#include "http/request_target.h"

namespace dunlin::http {

namespace {

namespace fs = std::filesystem;

/// A folder with a site in `web/` and a secret beside it. Gone with the test.
class StaticFiles : public ::testing::Test {
protected:
    StaticFiles() {
        std::string pattern = (fs::temp_directory_path() / "dunlin-files-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        write("secret.txt", "secret");
        write("web/index.html", "home");
        write("web/.env", "hidden");
        write("web/.git/config", "hidden");
        write("web/docs/index.html", "docs");
        write("web/docs/a b.txt", "blank");
        write("web/empty/keep", "");
        fs::create_symlink(folder_ / "secret.txt", folder_ / "web/out.txt");
        fs::create_directory_symlink(folder_, folder_ / "web/up");
        fs::create_symlink("index.html", folder_ / "web/inside.html");
        fs::create_symlink(".env", folder_ / "web/env.txt");
        fs::create_symlink("loop", folder_ / "web/loop");
    }
    ~StaticFiles() override { fs::remove_all(folder_); }

    void write(const fs::path& path, const std::string& content) {
        fs::create_directories((folder_ / path).parent_path());
        std::ofstream(folder_ / path) << content;
    }

    Response send(Request request) {
        const Handler handler = static_files(folder_ / "web");
        asio::io_context context;
        Response response;
        asio::co_spawn(context, handler(request), [&](std::exception_ptr failure, Response given) {
            if (!failure) response = std::move(given);
        });
        context.run();
        return response;
    }

    /// GET of a path as it stands in a request line.
    Response get(std::string_view encoded_path, Fields headers = {}) {
        Request request{.method = Method::Get, .headers = std::move(headers)};
        EXPECT_TRUE(decode_percent(encoded_path, request.path, false)) << encoded_path;
        return send(std::move(request));
    }

    fs::path folder_;
};

std::string header(const Response& response, std::string_view name) {
    for (const auto& [known, value] : response.headers) {
        if (known == name) return value;
    }
    return "";
}

}  // namespace

TEST_F(StaticFiles, ServesWhatIsBelowTheFolderAndNothingElse) {
    struct Case {
        const char* why;
        std::string path;
        const char* body;  // nullptr: 404
    };
    const Case cases[] = {
        {"folder", "/", "home"},
        {"file", "/index.html", "home"},
        {"folder below", "/docs/", "docs"},
        {"folder without its slash", "/docs", "docs"},
        {"encoded name", "/docs/a%20b.txt", "blank"},
        {"slash twice", "//index.html", "home"},
        {"link inside", "/inside.html", "home"},
        {"missing", "/nothing", nullptr},
        {"there is no fallback to index.html", "/app/route", nullptr},
        {"folder without an index", "/empty/", nullptr},
        {"file as a folder", "/index.html/", nullptr},
        {"below a file", "/index.html/x", nullptr},
        {"climbs", "/../secret.txt", nullptr},
        {"climbs from below", "/docs/../../secret.txt", nullptr},
        {"climbs and comes back", "/docs/../index.html", nullptr},
        {"climbs, encoded", "/%2e%2e/secret.txt", nullptr},
        {"climbs, half encoded", "/.%2E/secret.txt", nullptr},
        {"climbs, slash encoded", "/..%2fsecret.txt", nullptr},
        {"climbs, encoded twice", "/%252e%252e/secret.txt", nullptr},
        {"climbs by backslash", "/..\\secret.txt", nullptr},
        {"climbs by backslash, encoded", "/docs%5c..%5c..%5csecret.txt", nullptr},
        {"dot segment", "/./index.html", nullptr},
        {"absolute", "//etc/passwd", nullptr},
        {"link to a file outside", "/out.txt", nullptr},
        {"link to a folder outside", "/up/secret.txt", nullptr},
        {"through the link and back in: what counts is where it ends", "/up/web/index.html",
         "home"},
        {"link that turns in a circle", "/loop", nullptr},
        {"hidden file", "/.env", nullptr},
        {"hidden file, encoded", "/%2eenv", nullptr},
        {"link to a hidden file", "/env.txt", nullptr},
        {"hidden folder", "/.git/config", nullptr},
        {"name that is too long", "/" + std::string(5000, 'a'), nullptr},
        {"path that is too long",
         [] {
             std::string path;
             for (int i = 0; i < 3000; ++i) path += "/a";
             return path;
         }(),
         nullptr},
    };
    for (const Case& c : cases) {
        const Response response = get(c.path);
        EXPECT_EQ(response.status, c.body == nullptr ? 404 : 200) << c.why;
        if (c.body != nullptr) EXPECT_EQ(response.body, c.body) << c.why;
        if (c.body == nullptr) EXPECT_EQ(response.body.find("secret"), std::string::npos) << c.why;
    }
    EXPECT_EQ(send({.path = std::string("/index.html\0.txt", 16)}).status, 404) << "NUL";
}

TEST_F(StaticFiles, OtherMethodsFindNothing) {
    EXPECT_EQ(send({.method = Method::Head, .path = "/"}).status, 200);
    for (const auto method : {Method::Post, Method::Put, Method::Delete, Method::Other}) {
        EXPECT_EQ(send({.method = method, .path = "/"}).status, 404) << method_name(method);
    }
}

TEST_F(StaticFiles, SaysTypeAndCaching) {
    constexpr const char* forever = "public, max-age=31536000, immutable";
    constexpr const char* a_minute = "public, max-age=60";
    struct Case {
        const char* why;
        const char* name;
        const char* type;
        const char* caching;
    };
    const Case cases[] = {
        {"pages change", "page.html", "text/html; charset=utf-8", "no-cache"},
        {"a page with a hash as well", "page-3f9a2c1b.html", "text/html; charset=utf-8",
         "no-cache"},
        {"plain script", "app.js", "text/javascript; charset=utf-8", a_minute},
        {"hash of Vite", "index-qTN6Cbj3.js", "text/javascript; charset=utf-8", forever},
        {"hash of Vite without a digit", "index-CXfgdCkt.css", "text/css; charset=utf-8", forever},
        {"hash in hexadecimal", "app.3f9a2c1b.js", "text/javascript; charset=utf-8", forever},
        {"a long word is no hash", "date-formatter.js", "text/javascript; charset=utf-8", a_minute},
        {"a date is no hash", "report-20260821.json", "application/json; charset=utf-8", a_minute},
        {"too short", "app-3f9a2c1.js", "text/javascript; charset=utf-8", a_minute},
        {"picture", "a.svg", "image/svg+xml", a_minute},
        {"capitals", "A.PNG", "image/png", a_minute},
        {"unknown", "a.xyz", "application/octet-stream", a_minute},
        {"no extension", "LICENSE", "application/octet-stream", a_minute},
    };
    for (const Case& c : cases) {
        write(fs::path("web") / c.name, "x");
        const Response response = get(std::string("/") + c.name);
        EXPECT_EQ(header(response, "Content-Type"), c.type) << c.why;
        EXPECT_EQ(header(response, "Cache-Control"), c.caching) << c.why;
        EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff") << c.why;
    }
}

TEST_F(StaticFiles, AnswersNotModifiedToItsOwnTag) {
    const std::string tag = header(get("/"), "ETag");
    // RFC 9110 section 8.8.3. Weak: one tag for the plain and the compressed form.
    ASSERT_TRUE(tag.starts_with("W/\"") && tag.ends_with('"')) << tag;
    EXPECT_EQ(tag.find_first_not_of("0123456789abcdef-", 3), tag.size() - 1) << tag;
    EXPECT_EQ(tag.find("--"), tag.npos) << tag;
    struct Case {
        const char* why;
        std::string given;
        int status;
    };
    const Case cases[] = {
        {"same", tag, 304},
        {"compared weakly (section 13.1.2)", tag.substr(2), 304},
        {"in a list", "\"other\", " + tag, 304},
        {"any", "*", 304},
        {"other", "\"other\"", 200},
        {"part of it", tag.substr(0, tag.size() - 2) + "\"", 200},
        {"nothing", "", 200},
    };
    for (const Case& c : cases) {
        const Response response = get("/", {{"If-None-Match", c.given}});
        EXPECT_EQ(response.status, c.status) << c.why;
        EXPECT_EQ(response.body, c.status == 304 ? "" : "home") << c.why;
        EXPECT_EQ(header(response, "ETag"), tag) << c.why;
        EXPECT_EQ(header(response, "Cache-Control"), "no-cache") << c.why;
    }
}

TEST_F(StaticFiles, AChangedFileHasAnotherTag) {
    const std::string before = header(get("/"), "ETag");
    fs::last_write_time(folder_ / "web/index.html",
                        fs::last_write_time(folder_ / "web/index.html") + std::chrono::seconds(1));
    EXPECT_NE(header(get("/"), "ETag"), before);
}

TEST(StaticFilesWithoutAFolder, FindsNothing) {
    const Handler handler = static_files("/nonexistent/web");
    asio::io_context context;
    int status = 0;
    const Request request{.path = "/"};
    asio::co_spawn(context, handler(request),
                   [&](std::exception_ptr, const Response& given) { status = given.status; });
    context.run();
    EXPECT_EQ(status, 404);
}

}  // namespace dunlin::http
