#include "auth/redirects.h"

#include <gtest/gtest.h>

namespace dunlin::auth {

TEST(Redirects, LeadToTheApplicationOnly) {
    Settings settings;
    settings.site_url = "https://app.example.org";
    settings.redirect_urls = {"https://*.preview.example.org/**",
                              "http://localhost:3000/**",
                              "clinic://signed-in",
                              "https://exact.example.org/back",
                              "https://one.example.org/*",
                              "https://two.example.org/a?c"};
    const std::string site = settings.site_url;
    struct Case {
        const char* why;
        std::string asked;
        std::string expected;
    };
    const Case cases[] = {
        {"nothing asked", "", site},
        {"the site itself", "https://app.example.org/welcome?a=b",
         "https://app.example.org/welcome?a=b"},
        {"hosts have no case", "https://APP.example.org/x", "https://APP.example.org/x"},
        {"a fragment is ours to set", "https://app.example.org/x#y", "https://app.example.org/x"},
        {"another port is another origin", "https://app.example.org:444/", site},
        {"another scheme", "http://app.example.org/", site},
        {"a longer host", "https://app.example.org.evil.net/", site},
        {"a user name that looks like the host", "https://app.example.org@evil.net/", site},
        {"a user name before our host", "https://x@app.example.org/", site},
        {"a backslash, which browsers take for a slash", "https://evil.net\\.app.example.org/",
         site},
        {"without scheme", "//evil.net/", site},
        {"a path", "/welcome", site},
        {"a line break", "https://app.example.org/\r\nSet-Cookie: a=b", site},
        {"script", "javascript://app.example.org/%0aalert(1)", site},
        {"beyond ASCII", "https://app.example.org/\xc3\xa4", site},
        {"a star is one label", "https://a.preview.example.org/x/y",
         "https://a.preview.example.org/x/y"},
        {"not two", "https://a.b.preview.example.org/", site},
        {"a path is no host", "https://evil.net/.preview.example.org/", site},
        {"a query is no host", "https://evil.net?.preview.example.org/", site},
        {"any path", "http://localhost:3000/a/b.html?c", "http://localhost:3000/a/b.html?c"},
        {"a path that leaves", "http://localhost:3000/a/../b", site},
        {"the same, hidden", "http://localhost:3000/a/%2E%2e/b", site},
        {"an application on a telephone", "clinic://signed-in", "clinic://signed-in"},
        {"the same elsewhere", "clinic://other", site},
        {"exactly", "https://exact.example.org/back", "https://exact.example.org/back"},
        {"not exactly", "https://exact.example.org/back/x", site},
        {"one part of a path", "https://one.example.org/abc", "https://one.example.org/abc"},
        {"not two parts", "https://one.example.org/abc/d", site},
        {"one character", "https://two.example.org/abc", "https://two.example.org/abc"},
        {"no character", "https://two.example.org/ac", site},
        {"too long", "https://app.example.org/" + std::string(5000, 'a'), site},
    };
    for (const Case& c : cases) EXPECT_EQ(redirect_target(settings, c.asked), c.expected) << c.why;
}

TEST(Redirects, PatternsAreMatchedWithoutGuessingForLong) {
    struct Case {
        const char* why;
        std::string pattern;
        std::string url;
        bool expected;
    };
    const std::string stars = "https://a.b/" + std::string(20, '*') + "x";
    std::string alternating = "https://a.b/";
    for (int i = 0; i < 20; ++i) alternating += "**a*";
    const Case cases[] = {
        {"two stars try again", "https://a.b/**/end", "https://a.b/end/x/end", true},
        {"a star after two", "https://a.b/**/*.html", "https://a.b/c/d/e.html", true},
        {"a star after two does not cross", "https://a.b/**/*.html", "https://a.b/c/d/e.htm",
         false},
        {"stars at the end take nothing", "https://a.b/c**", "https://a.b/c", true},
        {"a host that ends with stars", "https://a.b**", "https://a.b/c/d", true},
        {"no scheme", "a.b/**", "https://a.b/c", false},
        {"many stars", stars, "https://a.b/" + std::string(2000, 'y'), false},
        {"alternating stars", alternating + "z", "https://a.b/" + std::string(2000, 'a'), false},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(matches_redirect(c.pattern, c.url), c.expected) << c.why;
    }
}

TEST(Redirects, ParametersAreEncoded) {
    const QueryParameters parameters = {{"error", "a b&c"}, {"code", "1"}};
    EXPECT_EQ(with_query("https://a.b/c", parameters), "https://a.b/c?error=a%20b%26c&code=1");
    EXPECT_EQ(with_query("https://a.b/c?d#e", parameters),
              "https://a.b/c?d&error=a%20b%26c&code=1#e");
    EXPECT_EQ(with_fragment("https://a.b/c#old", parameters),
              "https://a.b/c#error=a%20b%26c&code=1");
}

}  // namespace dunlin::auth
