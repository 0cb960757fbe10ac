#include "auth/totp.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <qrencode.h>

#include <algorithm>
#include <sstream>

#include "auth/base32.h"
#include "auth/qr_code.h"

namespace dunlin::auth {

namespace {

const std::string rfc_secret = encode_base32("12345678901234567890");

}  // namespace

TEST(Base32, HasOneSpellingForEachText) {
    struct Case {
        const char* bytes;
        const char* text;
    };
    // RFC 4648 section 10, without the padding.
    const Case cases[] = {{"", ""},
                          {"f", "MY"},
                          {"fo", "MZXQ"},
                          {"foo", "MZXW6"},
                          {"foob", "MZXW6YQ"},
                          {"fooba", "MZXW6YTB"},
                          {"foobar", "MZXW6YTBOI"}};
    for (const Case& c : cases) {
        EXPECT_EQ(encode_base32(c.bytes), c.text);
        EXPECT_EQ(decode_base32(c.text), c.bytes);
    }
    for (const char* bad : {"M", "MZX", "MZXW6Y", "MY======", "my", "M1", "MZ", "M Y"}) {
        EXPECT_FALSE(decode_base32(bad)) << bad;
    }
}

TEST(Totp, MakesTheCodesOfTheRfc) {
    struct Case {
        std::int64_t now_s;
        const char* code;
    };
    // RFC 6238 appendix B, the last six of its eight digits.
    const Case cases[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                          {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    for (const Case& c : cases) {
        EXPECT_EQ(totp_code(rfc_secret, c.now_s / 30), c.code);
        EXPECT_EQ(verify_totp(rfc_secret, c.code, c.now_s), c.now_s / 30);
    }
    EXPECT_EQ(totp_code("no base32", 1), "");
}

TEST(Totp, TakesTheStepBeforeAndTheStepAfter) {
    const std::int64_t now_s = 1'800'000'015;
    const std::int64_t now = now_s / 30;
    const auto code = [](std::int64_t step) { return totp_code(rfc_secret, step); };
    struct Case {
        const char* why;
        std::string secret, code;
        std::optional<std::int64_t> step;
    };
    const Case cases[] = {
        {"now", rfc_secret, code(now), now},
        {"the clock of the phone is behind", rfc_secret, code(now - 1), now - 1},
        {"the clock of the phone is ahead", rfc_secret, code(now + 1), now + 1},
        {"too old", rfc_secret, code(now - 2), {}},
        {"too new", rfc_secret, code(now + 2), {}},
        {"empty", rfc_secret, "", {}},
        {"cut", rfc_secret, code(now).substr(0, 5), {}},
        {"longer", rfc_secret, code(now) + "0", {}},
        {"with a space", rfc_secret, code(now).insert(3, " "), {}},
        {"another secret", encode_base32("another secret of 20"), code(now), {}},
        {"a damaged secret", "no base32", "", {}},
        {"a damaged secret and a code", "no base32", code(now), {}},
    };
    for (const Case& c : cases) EXPECT_EQ(verify_totp(c.secret, c.code, now_s), c.step) << c.why;
    EXPECT_EQ(verify_totp(rfc_secret, totp_code(rfc_secret, 0), 0), 0)
        << "no step before the first";
}

TEST(Totp, SecretsAreNewAndLong) {
    EXPECT_EQ(decode_base32(new_totp_secret())->size(), 20u);
    EXPECT_NE(new_totp_secret(), new_totp_secret());
}

TEST(Totp, TheUriSurvivesAnyName) {
    EXPECT_EQ(totp_uri("Praxis Müller & Co", "ann@example.org", "ABC"),
              "otpauth://totp/Praxis%20M%C3%BCller%20%26%20Co:ann%40example.org?algorithm=SHA1&"
              "digits=6&issuer=Praxis%20M%C3%BCller%20%26%20Co&period=30&secret=ABC");
    EXPECT_EQ(totp_uri("a:b", "c?secret=d#e/f", "ABC"),
              "otpauth://totp/a%3Ab:c%3Fsecret%3Dd%23e%2Ff?algorithm=SHA1&digits=6&issuer=a%3Ab&"
              "period=30&secret=ABC");
}

TEST(QrCode, ThePathHasExactlyTheDarkModules) {
    const std::string text = totp_uri("Clinic", "ann@example.org", rfc_secret);
    const auto svg = qr_code_svg(text);
    ASSERT_TRUE(svg);
    EXPECT_TRUE(svg->starts_with("<svg ") && svg->ends_with("</svg>"));
    EXPECT_EQ(svg->find_first_of("#%\"\n"), svg->npos) << "they would end or change a data URL";

    QRcode* code = QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M);
    ASSERT_NE(code, nullptr);
    const int width = code->width;
    std::string expected(static_cast<std::size_t>(width * width), '.');
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if ((code->data[i] & 1) != 0) expected[i] = '#';
    }
    QRcode_free(code);
    EXPECT_TRUE(svg->contains(fmt::format("viewBox='0 0 {0} {0}'", width + 8)));

    std::string drawn(expected.size(), '.');
    const std::string start = "<path fill='black' d='";
    std::istringstream path(svg->substr(svg->find(start) + start.size()));
    char letter = 0;
    int x = 0, y = 0, length = 0;
    while (path >> letter && letter == 'M') {
        path >> x >> y >> letter >> length;
        path.ignore(100, 'z');
        for (int i = 0; i < length; ++i) {
            drawn.at(static_cast<std::size_t>((y - 4) * width + x - 4 + i)) = '#';
        }
    }
    EXPECT_EQ(drawn, expected);
}

TEST(QrCode, RefusesWhatDoesNotFit) {
    EXPECT_TRUE(qr_code_svg(std::string(2331, 'a')));
    EXPECT_EQ(qr_code_svg(std::string(2332, 'a')).error().code, ErrorCode::TooLarge);
    EXPECT_EQ(qr_code_svg("").error().code, ErrorCode::InvalidInput);
    EXPECT_EQ(qr_code_svg(std::string(3, '\0')).error().code, ErrorCode::InvalidInput);
}

}  // namespace dunlin::auth
