#include "auth/password_hash.h"

#include <gtest/gtest.h>

#include "auth/secret_text.h"

namespace dunlin::auth {

namespace {

const std::string bcrypt = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const std::string bcrypt_of_72 = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";

// Of "password" with 64 MiB, from the tests of the reference implementation of Argon2.
const std::string foreign_argon2id =
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

std::string with(std::string text, std::string_view from, std::string_view to) {
    return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST(PasswordHash, IsArgon2idWithASaltOfItsOwn) {
    const auto hash = hash_password("trombone");
    ASSERT_TRUE(hash);
    EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *hash;
    EXPECT_NE(*hash, *hash_password("trombone"));
    EXPECT_TRUE(verify_password("trombone", *hash));
    EXPECT_FALSE(verify_password("Trombone", *hash));
    EXPECT_FALSE(verify_password("", *hash));
    EXPECT_FALSE(verify_password(std::string("trombone\0", 9), *hash)) << "a NUL is a character";
    EXPECT_FALSE(needs_rehash(*hash));
    EXPECT_FALSE(needs_rehash(hash_of_nobody)) << "or unknown users would take another time";
    EXPECT_TRUE(is_password_hash(hash_of_nobody));
}

TEST(PasswordHash, VerifiesWhatOthersMade) {
    struct Case {
        const char* why;
        std::string password, stored;
        bool same;
    };
    const Case cases[] = {
        {"bcrypt 2b", "U*U", bcrypt, true},
        {"bcrypt 2a", "U*U", with(bcrypt, "2b", "2a"), true},
        {"bcrypt 2y, of PHP", "U*U", with(bcrypt, "2b", "2y"), true},
        {"bcrypt of another password", "U*u", bcrypt, false},
        {"bcrypt, a NUL does not end the password", std::string("U*U\0", 4), bcrypt, false},
        {"bcrypt of 72 bytes", std::string(72, 'x'), bcrypt_of_72, true},
        {"bcrypt, a byte more is another password", std::string(73, 'x'), bcrypt_of_72, false},
        {"bcrypt, a byte less", std::string(71, 'x'), bcrypt_of_72, false},
        {"bcrypt with other digits", "U*U", with(bcrypt, "OeW", "OeX"), false},
        {"argon2id of another maker", "password", foreign_argon2id, true},
        {"argon2id of four lanes", "password",
         "$argon2id$v=19$m=65536,t=1,p=4$c29tZXNhbHRzb21lc2FsdA$"
         "z0z532WG3Ej2Lcmtcn3WAdfL6IfQYwUi7vPTkoozU40",
         true},
        {"argon2id of another password", "Password", foreign_argon2id, false},
        {"argon2id with other parameters", "password", with(foreign_argon2id, "t=2", "t=1"), false},
    };
    for (const Case& c : cases) {
        EXPECT_TRUE(is_password_hash(c.stored)) << c.why;
        EXPECT_TRUE(needs_rehash(c.stored)) << c.why;
        EXPECT_EQ(verify_password(c.password, c.stored), c.same) << c.why;
    }
}

TEST(PasswordHash, RefusesOtherFormsAndWorkWithoutEnd) {
    struct Case {
        const char* why;
        std::string stored;
    };
    const Case cases[] = {
        {"empty", ""},
        {"plain text", "password"},
        {"bcrypt of a broken version", with(bcrypt, "2b", "2x")},
        {"bcrypt without a version", with(bcrypt, "2b", "20")},
        {"bcrypt that takes hours", with(bcrypt, "$05$", "$31$")},
        {"bcrypt that takes seconds", with(bcrypt, "$05$", "$15$")},
        {"bcrypt under its least cost", with(bcrypt, "$05$", "$03$")},
        {"bcrypt with a cost that is no number", with(bcrypt, "$05$", "$+5$")},
        {"bcrypt cut", bcrypt.substr(0, 59)},
        {"bcrypt with more", bcrypt + "A"},
        {"bcrypt with a character outside its alphabet", with(bcrypt, "OeW", "Oe:")},
        {"DES, which crypt would take", "abJnggxhB/yWI"},
        {"SHA-512 crypt", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJu"},
        {"what crypt says on failure", "*0"},
        {"argon2i", with(foreign_argon2id, "argon2id", "argon2i")},
        {"argon2id of an old version", with(foreign_argon2id, "v=19", "v=16")},
        {"argon2id of 4 GiB", with(foreign_argon2id, "m=65536", "m=4194304")},
        {"argon2id of many passes", with(foreign_argon2id, "t=2", "t=1000")},
        {"argon2id whose product is over 64 bits",
         with(foreign_argon2id, "t=2", "t=18446744073709551615")},
        {"argon2id of many lanes", with(foreign_argon2id, "p=1", "p=1000")},
        {"argon2id with a sign", with(foreign_argon2id, "m=65536", "m=-1")},
        {"argon2id without parameters", "$argon2id$v=19$"},
        {"argon2id and a NUL", foreign_argon2id + std::string(1, '\0')},
        {"huge", foreign_argon2id + std::string(100'000, 'A')},
    };
    for (const Case& c : cases) {
        EXPECT_FALSE(is_password_hash(c.stored)) << c.why;
        EXPECT_FALSE(verify_password("password", c.stored)) << c.why;
        EXPECT_FALSE(verify_password("", c.stored)) << c.why;
        EXPECT_TRUE(needs_rehash(c.stored)) << c.why;
    }
    // Of the right form and refused by the library.
    for (const char* damaged : {"$argon2id$v=19$m=0,t=0,p=0$$", "$argon2id$v=19$m=64,t=1,p=1$A$A",
                                "$argon2id$v=19$m=64,t=1,p=1$"}) {
        EXPECT_FALSE(verify_password("password", damaged)) << damaged;
    }
}

TEST(SecretText, TakesTheTextAway) {
    std::string password = "short";
    const char* place = password.data();
    SecretText secret(std::move(password));
    EXPECT_EQ(std::string_view(place, 5), std::string_view("\0\0\0\0\0", 5));
    const SecretText moved(std::move(secret));
    EXPECT_EQ(moved.view(), "short");
    EXPECT_EQ(SecretText("").view(), "");
}

}  // namespace dunlin::auth
