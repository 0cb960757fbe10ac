#include "auth/mail_templates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>

#include "auth/auth_fixture.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

using testing::HasSubstr;
using testing::Not;

constexpr MailKind every_kind[] = {MailKind::Confirmation, MailKind::Invite,
                                   MailKind::MagicLink,    MailKind::Recovery,
                                   MailKind::EmailChange,  MailKind::Reauthentication};

MailValues some_values() {
    return {
        .site_url = "https://clinic.example",
        .confirmation_url = "https://clinic.example/auth/v1/verify?token=t&type=signup",
        .token = "123456",
        .token_hash = "pkce_ab",
        .redirect_to = "https://clinic.example/home",
        .email = "ann@example.com",
        .new_email = "ann@b.example",
        .sending_to = "ann@b.example",
        .data =
            json::parse(R"({"name":"Ann <b>","age":7,"of":{"ward":"A"},"none":null})").as_object()};
}

std::string rendered(std::string_view text, Escaping escaping = Escaping::None) {
    const auto parsed = MailTemplate::parse(MailKind::EmailChange, "x.html", text);
    return parsed ? parsed->render(some_values(), escaping) : parsed.error().message;
}

void write(const TemporaryFolder& folder, const std::string& name, std::string_view text) {
    std::ofstream(folder.path() / name, std::ios::binary) << text;
}

}  // namespace

TEST(MailTemplate, PutsValuesInTheirPlaces) {
    struct Case {
        const char* why;
        const char* text;
        const char* expected;
    };
    const Case cases[] = {
        {"none", "Hello", "Hello"},
        {"empty", "", ""},
        {"text", "{{ .Email }}", "ann@example.com"},
        {"without blanks", "a{{.Token}}b", "a123456b"},
        {"many blanks", "{{\n  .Token\t}}", "123456"},
        {"several", "{{ .SiteURL }} {{ .TokenHash }} {{ .RedirectTo }} {{ .SendingTo }}",
         "https://clinic.example pkce_ab https://clinic.example/home ann@b.example"},
        {"metadata", "{{ .Data.name }}", "Ann <b>"},
        {"nested metadata", "{{ .Data.of.ward }}", "A"},
        {"number", "{{ .Data.age }}", "7"},
        {"object", "{{ .Data.of }}", "{\"ward\":\"A\"}"},
        {"null", "[{{ .Data.none }}]", "[]"},
        {"missing", "[{{ .Data.title }}{{ .Data.name.first }}]", "[]"},
        {"braces of CSS", "a { b } }}", "a { b } }}"},
    };
    for (const Case& c : cases) EXPECT_EQ(rendered(c.text), c.expected) << c.why;
}

TEST(MailTemplate, ValuesCannotBreakOut) {
    EXPECT_EQ(rendered("<p>{{ .Data.name }}</p>", Escaping::Html), "<p>Ann &lt;b&gt;</p>");
    EXPECT_EQ(rendered("<a href=\"{{ .ConfirmationURL }}\">", Escaping::Html),
              "<a href=\"https://clinic.example/auth/v1/verify?token=t&amp;type=signup\">");
    MailValues hostile;
    hostile.data["name"] = "{{ .Token }}\" onclick='x'\r\nBcc: eve@evil.example";
    hostile.token = "123456";
    const auto parsed = MailTemplate::parse(MailKind::Invite, "x", "{{ .Data.name }}").value();
    EXPECT_EQ(parsed.render(hostile, Escaping::Html),
              "{{ .Token }}&quot; onclick=&#39;x&#39;\r\nBcc: eve@evil.example")
        << "a value is no template";
    EXPECT_EQ(parsed.render(hostile, Escaping::OneLine),
              "{{ .Token }}\" onclick='x'  Bcc: eve@evil.example");
}

TEST(MailTemplate, WhatIsNotSupportedIsRefusedAtItsLine) {
    struct Case {
        const char* why;
        const char* text;
        const char* expected;
    };
    const char* only = "only placeholders like {{ .Email }} and {{ .Data.name }} are supported";
    const Case cases[] = {
        {"misspelt", "a\nb {{ .Tokn }}",
         "x.html:2: there is no placeholder .Tokn; perhaps you meant .Token"},
        {"unknown", "{{ .Xyzzy }}",
         "x.html:1: there is no placeholder .Xyzzy; there are .ConfirmationURL, .Data, .Email, "
         ".NewEmail, .RedirectTo, .SendingTo, .SiteURL, .Token, .TokenHash"},
        {"lower case", "{{ .token }}",
         "x.html:1: there is no placeholder .token; perhaps you meant .Token"},
        {"without dot", "{{ Email }}", only},
        {"condition", "\n\n{{ if .Data.name }}", only},
        {"pipe", "{{ .Email | printf }}", only},
        {"trimming", "{{- .Email -}}", only},
        {"comment", "{{/* x */}}", only},
        {"empty", "{{ }}", only},
        {"not closed", "a\n{{ .Email", "x.html:2: {{ is not closed by }}"},
        {"all metadata", "{{ .Data }}",
         "x.html:1: name a key of the metadata, as in {{ .Data.name }}"},
        {"part of a text", "{{ .Email.domain }}", "x.html:1: .Email is a text and has no parts"},
    };
    for (const Case& c : cases) EXPECT_THAT(rendered(c.text), HasSubstr(c.expected)) << c.why;
    EXPECT_THAT(rendered("\n\n{{ if .Data.name }}"), HasSubstr("x.html:3: "));
    const auto parse = [](MailKind kind, std::string_view text) {
        const auto parsed = MailTemplate::parse(kind, "x", text);
        return parsed ? "" : parsed.error().message;
    };
    EXPECT_EQ(parse(MailKind::Reauthentication, "{{ .ConfirmationURL }}"),
              "x:1: messages of kind reauthentication have no .ConfirmationURL");
    EXPECT_EQ(parse(MailKind::Recovery, "{{ .NewEmail }}"),
              "x:1: messages of kind recovery have no .NewEmail");
    EXPECT_EQ(parse(MailKind::Recovery, "{{ .ConfirmationURL }}"), "");
}

TEST(MailTemplates, TheServersOwnWordsSayWhatIsNeeded) {
    const MailTemplates templates;
    for (const MailKind kind : every_kind) {
        const MailContent content = templates.render(kind, some_values());
        EXPECT_NE(content.subject, "") << mail_kind_name(kind);
        EXPECT_THAT(content.text, HasSubstr("123456")) << mail_kind_name(kind);
        EXPECT_THAT(content.html, HasSubstr("123456")) << mail_kind_name(kind);
        EXPECT_THAT(content.subject + content.text + content.html, Not(HasSubstr("{{")));
        if (kind == MailKind::Reauthentication) continue;
        EXPECT_THAT(content.text, HasSubstr("verify?token=t&type=signup")) << mail_kind_name(kind);
        EXPECT_THAT(content.html, HasSubstr("verify?token=t&amp;type=signup\""))
            << mail_kind_name(kind);
    }
    EXPECT_THAT(templates.render(MailKind::EmailChange, some_values()).text,
                HasSubstr("from ann@example.com to ann@b.example"));
}

TEST(MailTemplates, AProjectHasItsOwnWords) {
    const TemporaryFolder folder;
    write(folder, "magic_link.html", "<p>{{ .Data.name }}: {{ .Token }}</p>");
    write(folder, "magic_link.subject.txt", "Code {{ .Token }} for {{ .Data.name }}\r\n");
    write(folder, "invite.txt", "Come to {{ .SiteURL }}\n");
    write(folder, ".gitkeep", "");
    const auto templates = MailTemplates::load(folder.path());
    ASSERT_TRUE(templates) << templates.error().message;
    const MailContent link = templates->render(MailKind::MagicLink, some_values());
    EXPECT_EQ(link.html, "<p>Ann &lt;b&gt;: 123456</p>");
    EXPECT_EQ(link.subject, "Code 123456 for Ann <b>");
    EXPECT_THAT(link.text, HasSubstr("To sign in, open this link"));
    EXPECT_EQ(templates->render(MailKind::Invite, some_values()).text,
              "Come to https://clinic.example\n");
    EXPECT_TRUE(MailTemplates::load(folder.path() / "missing")) << "the server's own";
}

TEST(MailTemplates, MistakesInAProjectAreFoundAtStart) {
    struct Case {
        const char* why;
        const char* name;
        std::string text;
        const char* expected;
    };
    const Case cases[] = {
        {"placeholder", "recovery.html", "<p>\n{{ .Confirmation }}</p>",
         "/recovery.html:2: there is no placeholder .Confirmation; perhaps you meant "
         ".ConfirmationURL"},
        {"name", "magiclink.html", "",
         "/magiclink.html: no message has this name; perhaps you meant magic_link.html"},
        {"other file", "README", "", "/README: no message has this name; there are "},
        {"two lines", "invite.subject.txt", "a\nb", "/invite.subject.txt: a subject is one line"},
        {"empty subject", "invite.subject.txt", "\n", "/invite.subject.txt: the subject is empty"},
        {"huge", "invite.html", std::string((1 << 20) + 1, 'x'),
         "/invite.html: larger than 1048576 bytes"},
    };
    for (const Case& c : cases) {
        const TemporaryFolder folder;
        write(folder, c.name, c.text);
        const auto templates = MailTemplates::load(folder.path());
        ASSERT_FALSE(templates) << c.why;
        EXPECT_THAT(templates.error().message, HasSubstr(c.expected)) << c.why;
    }
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.path() / "invite.html");
    EXPECT_THAT(MailTemplates::load(folder.path()).error().message, HasSubstr("cannot read "));
}

}  // namespace dunlin::auth
