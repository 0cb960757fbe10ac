#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class TextEditTest : public SqlFixture {};

/// Expressions and what psql of PostgreSQL 15 prints for `select` of them, or the SQLSTATE.
struct Group {
    const char* why;
    std::vector<std::pair<const char*, const char*>> cases;
};

}  // namespace

TEST_F(TextEditTest, TextIsChangedAsByPostgreSQL) {
    const Group groups[] = {
        {"padding, repeating and turning by characters",
         {
             {"lpad('äb', 5)", "   äb"},
             {"lpad('abc', 6, 'xy')", "xyxabc"},
             {"lpad('abcdef', 3)", "abc"},
             {"rpad('abc', 6, 'xy')", "abcxyx"},
             {"rpad('abc', 2)", "ab"},
             {"lpad('a', 5, '')", "a"},
             {"lpad('a', -1)", ""},
             {"repeat('ab', 3)", "ababab"},
             {"repeat('ab', -1)", ""},
             {"repeat('', 5)", ""},
             {"reverse('äbc')", "cbä"},
             {"reverse('')", ""},
         }},
        {"single characters",
         {
             {"chr(228)", "ä"},
             {"ascii('ä')", "228"},
             {"ascii('')", "0"},
             {"ascii('abc')", "97"},
             {"chr(65)", "A"},
             {"chr(0)", "54000"},
             {"chr(1114112)", "54000"},
             {"chr(55296)", "54000"},
             {"to_hex(255)", "ff"},
             {"to_hex(-1)", "ffffffff"},
             {"to_hex(-1::bigint)", "ffffffffffffffff"},
             {"chr(-1)", "22023"},
         }},
        {"letters and words",
         {
             {"initcap('hello wORLD-foo bar2baz')", "Hello World-Foo Bar2baz"},
             {"initcap('äpfel und ÖL')", "Äpfel Und Öl"},
             {"translate('12345', '143', 'ax')", "a2x5"},
             {"translate('äbc', 'äc', 'x')", "xb"},
             {"overlay('Txxxxas' placing 'hom' from 2 for 4)", "Thomas"},
             {"overlay('abcdef' placing 'x' from 3)", "abxdef"},
             {"overlay('abc' placing 'x' from 0)", "22011"},
         }},
        {"trimming by characters, not bytes",
         {
             {"trim(both 'é' from 'éaè')", "aè"},
             {"ltrim('zzzytest', 'xyz')", "test"},
             {"btrim('xyxtrimyyx', 'xyz')", "trim"},
             {"rtrim('testxxzx', 'xyz')", "test"},
             {"trim('äaä', 'ä')", "a"},
         }},
        {"quoting and formatting",
         {
             {"quote_literal('it''s')", "'it''s'"},
             {"quote_literal(E'a\\\\b')", "E'a\\\\b'"},
             {"quote_nullable(null)", "NULL"},
             {"quote_literal(null)", ""},
             {"format('%s and %L', 'a', 'b''c')", "a and 'b''c'"},
             {"format('%I', 'A b')", "\"A b\""},
             {"format('%L', null)", "NULL"},
             {"format('%L', E'a\\\\b')", "E'a\\\\b'"},
             {"format('%s%%', 5)", "5%"},
         }},
        {"bytes",
         {
             {"encode('\\x00ff41'::bytea, 'hex')", "00ff41"},
             {"encode('hello'::bytea, 'base64')", "aGVsbG8="},
             {"encode(convert_to(repeat('x', 100), 'UTF8'), 'base64')",
              "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\neHh4eH"
              "h4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA=="},
             {"decode('aGVsbG8=', 'base64')", "\\x68656c6c6f"},
             {"decode('00FF', 'hex')", "\\x00ff"},
             {"decode('0', 'hex')", "22023"},
             {"decode('0g', 'hex')", "22023"},
             {"decode('a$', 'base64')", "22023"},
             {"decode('aGVsbG8', 'base64')", "22023"},
             {"decode('a=', 'base64')", "22023"},
             {"encode('\\x00ff415c'::bytea, 'escape')", "\\000\\377A\\\\"},
             {"decode('a\\\\b\\001', 'escape')", "\\x615c6201"},
             {"encode('a', 'rot13')", "22023"},
             {"sha256('abc')",
              "\\xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
             {"sha224('abc')", "\\x23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
             {"sha384('abc')",
              "\\xcb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc235"
              "8baeca134c825a7"},
             {"sha512('abc')",
              "\\xddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a83"
              "6ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
             {"encode(sha256('abc'::bytea), 'hex')",
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
             {"md5('abc'::bytea)", "900150983cd24fb0d6963f7d28e17f72"},
             {"length('\\x0001'::bytea)", "2"},
             {"octet_length('äb')", "3"},
             {"octet_length('\\x0001'::bytea)", "2"},
             {"convert_from('\\xc3a4', 'UTF8')", "ä"},
             {"convert_from('\\xff', 'UTF8')", "22021"},
             {"convert_to('ä', 'UTF8')", "\\xc3a4"},
         }},
        {"regexp_replace: the longest of the leftmost matches, once or everywhere",
         {
             {"regexp_replace('foobarbaz', 'b..', 'X')", "fooXbaz"},
             {"regexp_replace('foobarbaz', 'b..', 'X', 'g')", "fooXX"},
             {"regexp_replace('foobarbaz', 'b(..)', 'X\\1Y', 'g')", "fooXarYXazY"},
             {"regexp_replace('abc', 'B', 'x', 'i')", "axc"},
             {"regexp_replace('ABC abc', 'b', 'x', 'gi')", "AxC axc"},
             {"regexp_replace('abc', '(b)', '[\\&]')", "a[b]c"},
             {"regexp_replace('abc', 'b', '\\\\')", "a\\c"},
             {"regexp_replace('abc', 'b', 'x\\y\\0')", "ax\\y\\0c"},
             {"regexp_replace('abc', 'x*', '-', 'g')", "-a-b-c-"},
             {"regexp_replace('baaac', 'a*', '-', 'g')", "-b--c-"},
             {"regexp_replace('abab', 'a|ab', 'x', 'g')", "xx"},
             {"regexp_replace('+49 (0) 171-55', '[^0-9]', '', 'g')", "49017155"},
             {"regexp_replace('  a   b ', '\\s+', ' ', 'g')", " a b "},
             {"regexp_replace('äöü', 'ö', 'o')", "äoü"},
             {"regexp_replace('abc', '(x)?b', '[\\1]')", "a[]c"},
             {"regexp_replace('<a><b>', '<.+?>', 'x')", "x<b>"},
             {"regexp_replace('<a><b>', '<.+?>', 'x', 'g')", "xx"},
             {"regexp_replace('abc', 'b', null)", ""},
             {"regexp_replace('abc', 'b', 'x', 'z')", "22023"},
             {"regexp_replace('abc', '(', 'x')", "2201B"},
             {"regexp_replace('a.b.c', '\\.', '-', 'g')", "a-b-c"},
             {"regexp_replace('Hello World', '[A-Z]', '(\\&)', 'g')", "(H)ello (W)orld"},
             {"regexp_replace('aaa', '^a', 'b', 'g')", "baa"},
             {"regexp_replace('äaä', '', '-', 'g')", "-ä-a-ä-"},
             {"regexp_replace('x1y22', '([a-z])([0-9]+)', '\\2\\1', 'g')", "1x22y"},
         }},
        {"regexp_match and its kin",
         {
             {"regexp_match('foobarbequebaz', 'bar.*que')", "{barbeque}"},
             {"regexp_match('foobarbequebaz', '(bar)(beque)')", "{bar,beque}"},
             {"regexp_match('abc', 'd')", ""},
             {"regexp_match('abc', '(x)?b')", "{NULL}"},
             {"regexp_match('ABC', 'b', 'i')", "{B}"},
             {"regexp_match('abc', 'b', 'g')", "22023"},
             {"(regexp_match('a1b2', '([a-z])([0-9])'))[2]", "1"},
             {"regexp_split_to_array('hello world  x', '\\s+')", "{hello,world,x}"},
             {"regexp_split_to_array('abc', '')", "{a,b,c}"},
             {"regexp_split_to_array('a,b,', ',')", "{a,b,\"\"}"},
             {"regexp_split_to_array('', ',')", "{\"\"}"},
             {"regexp_split_to_array('the quick', '\\s*')", "{t,h,e,q,u,i,c,k}"},
             {"regexp_like('abc', 'B', 'i')", "t"},
             {"regexp_count('abcabc', 'b.')", "2"},
             {"substring('foobar' from 'o.b')", "oob"},
             {"substring('foobar' from 'o(.)b')", "o"},
             {"substring('foobar', 'x')", ""},
             {"regexp_match('ab', 'a|ab')", "{ab}"},
             {"regexp_match('xay', 'x.*?y')", "{xay}"},
         }},
    };
    for (const Group& group : groups) {
        for (const auto& [expression, expected] : group.cases) {
            EXPECT_EQ(value(expression), expected) << expression << ": " << group.why;
        }
    }
}

}  // namespace dunlin::sql
