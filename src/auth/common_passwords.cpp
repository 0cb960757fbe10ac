#include "auth/common_passwords.h"

#include <algorithm>
#include <string>

namespace dunlin::auth {

namespace {

// Runs of digits and of keys, the word itself in some languages, what installations come with,
// names and teams. Lower case and in the order of their bytes.
constexpr std::string_view common_passwords[] = {
    "000000",     "00000000",      "0000000000",   "010203",      "0987654321",   "101010",
    "102030",     "10203040",      "111111",       "1111111",     "11111111",     "111111111",
    "1111111111", "112233",        "11223344",     "1122334455",  "112358",       "121212",
    "123123",     "123123123",     "123321",       "123321123",   "123456",       "1234567",
    "12345678",   "123456789",     "1234567890",   "12345678910", "123456a",      "123456q",
    "1234abcd",   "123654",        "123654789",    "123abc",      "123qwe",       "131313",
    "147258",     "147258369",     "147852",       "159357",      "159753",       "1q2w3e",
    "1q2w3e4r",   "1q2w3e4r5t",    "1qaz2wsx",     "1qazxsw2",    "222222",       "22222222",
    "258456",     "333333",        "33333333",     "420420",      "444444",       "44444444",
    "456789",     "555555",        "55555555",     "654321",      "666666",       "66666666",
    "696969",     "741852963",     "7654321",      "777777",      "7777777",      "77777777",
    "789456",     "789456123",     "87654321",     "888888",      "88888888",     "987654321",
    "999999",     "99999999",      "a123456",      "a12345678",   "a123456789",   "a1b2c3",
    "a1b2c3d4",   "aa123456",      "aaaaaa",       "aaaaaaaa",    "abc123",       "abc1234",
    "abc12345",   "abcabc",        "abcd1234",     "abcdef",      "abcdefg",      "abcdefgh",
    "access",     "access123",     "admin1",       "admin12",     "admin123",     "admin1234",
    "adminadmin", "administrator", "andrew",       "apple123",    "arsenal",      "asdf1234",
    "asdfasdf",   "asdfgh",        "asdfghjkl",    "ashley",      "autumn",       "azerty",
    "azerty123",  "azertyuiop",    "bailey",       "barcelona",   "baseball",     "basketball",
    "batman",     "bayern",        "buster",       "changeme",    "changeme1",    "changeme123",
    "charlie",    "cheese",        "chelsea",      "chocolate",   "clinic",       "clinic1",
    "clinic123",  "computer",      "contrasena",   "cookie",      "cowboy",       "daniel",
    "default",    "doctor",        "doctor123",    "dragon",      "dragon1",      "dragon123",
    "ferrari",    "flower",        "football",     "football1",   "freedom",      "fussball",
    "geheim",     "geheim1",       "geheim123",    "george",      "ginger",       "google",
    "guest123",   "hallo123",      "hallo1234",    "hannah",      "harley",       "hello123",
    "hockey",     "hospital",      "hunter",       "hunter2",     "ichliebedich", "iloveu",
    "iloveyou",   "iloveyou1",     "internet",     "jessica",     "jordan",       "jordan23",
    "kennwort",   "kennwort1",     "killer",       "letmein",     "letmein1",     "letmein123",
    "liverpool",  "login123",      "lovely",       "loveme",      "maggie",       "master",
    "master123",  "matrix",        "matthew",      "mercedes",    "michael",      "michael1",
    "monkey",     "monkey123",     "motdepasse",   "mustang",     "nicole",       "ninja123",
    "p@ssw0rd",   "p@ssword",      "pa55word",     "parola",      "pass123",      "pass1234",
    "pass12345",  "passw0rd",      "password",     "password!",   "password1",    "password1!",
    "password12", "password123",   "password1234", "passwort",    "passwort1",    "passwort123",
    "pepper",     "phoenix",       "pokemon",      "porsche",     "praxis",       "praxis1",
    "praxis123",  "princess",      "princess1",    "q1w2e3",      "q1w2e3r4",     "qazwsx",
    "qazwsxedc",  "qwe123",        "qweasd",       "qweasdzxc",   "qwerty",       "qwerty1",
    "qwerty12",   "qwerty123",     "qwerty1234",   "qwertyuiop",  "qwertz",       "qwertz123",
    "qwertzuiop", "ranger",        "robert",       "root123",     "rootroot",     "samsung",
    "schatz",     "secret",        "secret1",      "secret123",   "senha123",     "server123",
    "shadow",     "shadow1",       "soccer",       "sommer2024",  "sommer2025",   "sommer2026",
    "spiderman",  "starwars",      "summer",       "summer2024",  "summer2025",   "summer2026",
    "sunshine",   "supabase",      "superman",     "temp1234",    "temporary",    "test123",
    "test1234",   "tester",        "testing",      "testing123",  "testtest",     "thomas",
    "tigger",     "toor123",       "trustno1",     "user123",     "user1234",     "wachtwoord",
    "welcome",    "welcome1",      "welcome12",    "welcome123",  "welcome1234",  "whatever",
    "winter2024", "winter2025",    "winter2026",   "zaq12wsx",    "zxcvbn",       "zxcvbnm",
};
static_assert(std::ranges::is_sorted(common_passwords));

}  // namespace

bool is_common_password(std::string_view password) {
    std::string lowered(password);
    for (char& c : lowered) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 32);
    }
    return std::ranges::binary_search(common_passwords, std::string_view(lowered));
}

}  // namespace dunlin::auth
