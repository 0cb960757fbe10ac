#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class SearchExpressionTest : public SqlFixture {};

/// Expressions and what psql of PostgreSQL 15 prints for `select` of them, or the SQLSTATE.
struct Group {
    const char* why;
    std::vector<std::pair<const char*, const char*>> cases;
};

}  // namespace

TEST_F(SearchExpressionTest, TextSearchIsThatOfPostgreSQL) {
    const Group groups[] = {
        {"vectors are read and printed",
         {
             {"$$fat:2,4A cat:3b 'it''s':1 rat x\\'y fat:4C$$::tsvector",
              "'cat':3B 'fat':2,4A 'it''s':1 'rat' 'x''y'"},
             {"'b ab a abc'::tsvector", "'a' 'ab' 'abc' 'b'"},
             {"'a:3,1,2,1A'::tsvector", "'a':1A,2,3"},
             {"'a:99999'::tsvector", "'a':16383"},
             {"$$a\\\\b 'c\\\\d'$$::tsvector", "'a\\\\b' 'c\\\\d'"},
             {"''::tsvector", ""},
             {"'a:0'::tsvector", "42601"},
             {"'a:'::tsvector", "42601"},
             {"'a:1x'::tsvector", "42601"},
             {"'a:1,'::tsvector", "42601"},
             {"'a:1b:2'::tsvector", "42601"},
             {"$$'abc$$::tsvector", "42601"},
         }},
        {"queries are read and printed",
         {
             {"'fat<->rat'::tsquery", "'fat' <-> 'rat'"},
             {"'fat <-> rat & cat | !dog'::tsquery", "'fat' <-> 'rat' & 'cat' | !'dog'"},
             {"'fat <3> (rat <-> cat)'::tsquery", "'fat' <3> ( 'rat' <-> 'cat' )"},
             {"'!(a & b) | (c|d) & e'::tsquery", "!( 'a' & 'b' ) | ( 'c' | 'd' ) & 'e'"},
             {"'!!a & !(!b)'::tsquery", "!!'a' & !!'b'"},
             {"'a:AB* & b:*'::tsquery", "'a':*AB & 'b':*"},
             {"$$'it''s' & \"q\" & b\\'c$$::tsquery", "'it''s' & '\"q\"' & 'b''c'"},
             {"'a <0> b'::tsquery", "'a' <0> 'b'"},
             {"'a & (b & c)'::tsquery", "'a' & 'b' & 'c'"},
             {"'a | b <-> c & !d <-> e'::tsquery", "'a' | 'b' <-> 'c' & !'d' <-> 'e'"},
             {"''::tsquery", ""},
             {"'a b'::tsquery", "42601"},
             {"'a &'::tsquery", "42601"},
             {"'()'::tsquery", "42601"},
             {"'(a'::tsquery", "42601"},
             {"'a:x'::tsquery", "42601"},
             {"'a <-1> b'::tsquery", "42601"},
             {"'a <20000> b'::tsquery", "22023"},
             {"'a < b'::tsquery", "42601"},
             {"':a'::tsquery", "42601"},
         }},
        {"text becomes a vector",
         {
             {"to_tsvector('english', 'The Fat Rats ate the cats')",
              "'ate':4 'cat':6 'fat':2 'rat':3"},
             {"to_tsvector('simple', 'The Fat Rats ate the cats')",
              "'ate':4 'cats':6 'fat':2 'rats':3 'the':1,5"},
             {"to_tsvector('pg_catalog.english', 'running runs ran')", "'ran':3 'run':1,2"},
             {"to_tsvector('english', '')", ""},
             {"to_tsvector('english', null)", ""},
             {"to_tsvector('english', 'foo-bar-baz and mother-in-law''s e-mail')",
              "'bar':3 'baz':4 'e':12 'e-mail':11 'foo':2 'foo-bar-baz':1 'law':9 'mail':13 "
              "'mother':7 'mother-in-law':6"},
             {"to_tsvector('english', 'see http://example.com:80/a/b?c=d#e or mail "
              "me.you@x-y.org')",
              "'/a/b?c=d#e':4 'example.com:80':3 'example.com:80/a/b?c=d#e':2 'mail':6 "
              "'me.you@x-y.org':7 'see':1"},
             {"to_tsvector('english', '/usr/local/lib and/or 24/7 main.c v1.2.3 1.2.3 -12.5e3 +4 "
              "10km')",
              "'+4':8 '-12.5e3':7 '/usr/local/lib':1 '1.2.3':6 '10km':9 '24/7':3 'and/or':2 "
              "'main.c':4 'v1.2.3':5"},
             {"to_tsvector('english', 'Don''t <b class=\"x\">panic</b> &amp; <script>no</script> "
              "carry on')",
              "'carri':4 'panic':3"},
             {"to_tsvector('english', 'Größe naïve ΑΒΓ Привет-мир 日本語')",
              "'größe':1 'naïv':2 'αβγ':3 'мир':6 'привет':5 'привет-мир':4 '日本語':7"},
             {"to_tsvector('klingon', 'x')", "42704"},
             {"to_tsvector('english', '{\"a\": \"The fat rats\", \"b\": [1, \"cats\", {\"c\": "
              "\"dogs\"}]}'::jsonb)",
              "'cat':5 'dog':7 'fat':2 'rat':3"},
             {"to_tsvector('simple', '[\"a b\", \"\", \"c\"]'::json)", "'a':1 'b':2 'c':4"},
         }},
        {"languages have PostgreSQL's names and Snowball's stems",
         {
             {"to_tsvector('german', 'Häuser Straßen')", "'haus':1 'strass':2"},
             {"to_tsvector('pg_catalog.french', 'chevaux mangeaient')", "'cheval':1 'mang':2"},
             {"to_tsquery('spanish', 'perros & gatos')", "'perr' & 'gat'"},
             {"to_tsvector('greek', 'ούσ')", "'ούσ':1"},
             {"to_tsvector('yiddish', 'גע')", "'גע':1"},
             // Words in Latin letters are English there.
             {"to_tsvector('russian', 'The running котами бежала mother-in-law кот-running')",
              "'law':8 'mother':6 'mother-in-law':5 'run':2,11 'бежа':4 'кот':3,10 "
              "'кот-running':9"},
             // Unlike in PostgreSQL, which has lists of stop words for more than English.
             {"to_tsvector('german', 'Die Häuser')", "'die':1 'haus':2"},
             {"to_tsquery('porter', 'a')", "42704"},
         }},
        {"text becomes a query",
         {
             {"to_tsquery('english', 'the & fat')", "'fat'"},
             {"to_tsquery('english', 'fat <-> the <-> rats')", "'fat' <2> 'rat'"},
             {"to_tsquery('english', 'the')", ""},
             {"to_tsquery('english', 'foo-bar')", "'foo-bar' <-> 'foo' <-> 'bar'"},
             {"to_tsquery('english', '!the & cats')", "'cat'"},
             {"to_tsquery('english', $$'the fat rats' | x$$)", "'fat' <-> 'rat' | 'x'"},
             {"to_tsquery('english', 'supercal:*')", "'superc':*"},
             {"to_tsquery('english', 'foo-bar:*A')", "'foo-bar':*A <-> 'foo':*A <-> 'bar':*A"},
             {"to_tsquery('english', 'fat rats')", "42601"},
             {"to_tsquery('english', '(the <-> a) <-> cat')", "'cat'"},
             {"to_tsquery('english', 'cat <-> (the <-> dog)')", "'cat' <2> 'dog'"},
             {"to_tsquery('english', 'cat <2> the <3> dog')", "'cat' <5> 'dog'"},
             {"to_tsquery('english', 'cat <-> (the | dog)')", "'cat' <-> 'dog'"},
             {"to_tsquery('english', 'cat <-> the & dog')", "'cat' & 'dog'"},
             {"to_tsquery('english', '(the <-> cat) <-> (a <-> dog)')", "'cat' <2> 'dog'"},
             {"plainto_tsquery('english', 'the fat & rats:A foo-bar')",
              "'fat' & 'rat' & 'foo-bar' & 'foo' & 'bar'"},
             {"plainto_tsquery('english', '')", ""},
             {"phraseto_tsquery('english', 'the cat is on the mat')", "'cat' <4> 'mat'"},
             {"phraseto_tsquery('english', 'foo-bar x')", "'foo-bar' <-> 'foo' <-> 'bar' <-> 'x'"},
             {"websearch_to_tsquery('english', 'the \"fat rats\" -cat or dog')",
              "'fat' <-> 'rat' & !'cat' | 'dog'"},
             {"websearch_to_tsquery('english', '\"unclosed quote')", "'unclos' <-> 'quot'"},
             {"websearch_to_tsquery('english', 'a or or b')", "'b'"},
             {"websearch_to_tsquery('english', '-\"sad cat\" -- x')",
              "!( 'sad' <-> 'cat' ) & !!'x'"},
             {"websearch_to_tsquery('english', 'foo-bar or -baz (x) & | y:*')",
              "'foo-bar' <-> 'foo' <-> 'bar' | !'baz' & 'x' & 'y'"},
             {"websearch_to_tsquery('english', 'or cat or')", "'cat'"},
             {"websearch_to_tsquery('english', 'cat OR dog orange or-bit or')",
              "'cat' | 'dog' & 'orang' & 'or-bit' <2> 'bit'"},
             {"websearch_to_tsquery('english', 'cat\"dog\"bird -\"the\"')",
              "'cat' & 'dog' & 'bird'"},
             {"websearch_to_tsquery('english', '')", ""},
             {"websearch_to_tsquery('english', 'cat <-> dog !bird')", "'cat' & 'dog' & 'bird'"},
         }},
        {"matching",
         {
             {"to_tsvector('english', 'The fat cats sat on the mat') @@ to_tsquery('english', 'cat "
              "& mat')",
              "t"},
             {"to_tsvector('english', 'The fat cats sat on the mat') @@ to_tsquery('english', 'cat "
              "& dog')",
              "f"},
             {"to_tsvector('english', 'The fat cats sat on the mat') @@ to_tsquery('english', 'cat "
              "| dog')",
              "t"},
             {"to_tsvector('english', 'The fat cats sat on the mat') @@ to_tsquery('english', "
              "'!dog')",
              "t"},
             {"to_tsvector('english', 'The fat cats sat on the mat') @@ to_tsquery('english', 'fat "
              "<-> cat')",
              "t"},
             {"to_tsvector('english', 'The fat cats sat on the mat') @@ to_tsquery('english', 'cat "
              "<-> fat')",
              "f"},
             {"to_tsvector('english', 'The fat cats sat on the mat') @@ to_tsquery('english', 'sat "
              "<3> mat')",
              "t"},
             {"to_tsvector('english', 'The fat cats sat on the mat') @@ to_tsquery('english', 'sat "
              "<-> the <-> mat')",
              "f"},
             {"to_tsvector('english', 'The fat cats sat on the mat') @@ "
              "phraseto_tsquery('english', 'sat on the mat')",
              "t"},
             {"to_tsvector('english', 'The fat cats sat on the mat') @@ to_tsquery('english', "
              "'ma:*')",
              "t"},
             {"to_tsvector('english', 'The fat cats sat on the mat') @@ to_tsquery('english', "
              "'the')",
              "f"},
             {"'a:1 b:2 c:3'::tsvector @@ 'a <-> !c'::tsquery", "t"},
             {"'a:1 b:2 c:3'::tsvector @@ 'a <-> !b'::tsquery", "f"},
             {"'a:1 b:2 c:3'::tsvector @@ '!a <-> b'::tsquery", "f"},
             {"'a:1 b:2 c:3'::tsvector @@ '!a <-> !x'::tsquery", "t"},
             {"'a:1 b:2 c:3'::tsvector @@ 'a <-> (b <-> c)'::tsquery", "t"},
             {"'a:1 b:2 c:3'::tsvector @@ '(a <-> b) <-> c'::tsquery", "t"},
             {"'a:1 b:2 c:3'::tsvector @@ 'a <-> (b | c)'::tsquery", "t"},
             {"'a:1 b:2 c:3'::tsvector @@ 'a <2> (b | c)'::tsquery", "t"},
             {"'a:1 b:2 c:3'::tsvector @@ 'a <-> (x | c)'::tsquery", "f"},
             {"'a:1 b:2 c:3'::tsvector @@ '(a & x) <-> b'::tsquery", "f"},
             {"'a:1 b:2 c:3'::tsvector @@ '(a | b) <-> c'::tsquery", "t"},
             {"'a:1 b:2'::tsvector @@ 'a <0> b'::tsquery", "f"},
             {"'a:1 b:1'::tsvector @@ 'a <0> b'::tsquery", "t"},
             {"'a b'::tsvector @@ 'a <-> b'::tsquery", "f"},
             {"'a:1A b:2'::tsvector @@ 'a:A'::tsquery", "t"},
             {"'a:1A b:2'::tsvector @@ 'b:A'::tsquery", "f"},
             {"'a:1A b:2'::tsvector @@ 'b:ABD & a:*A'::tsquery", "t"},
             {"'a b'::tsvector @@ 'a:A'::tsquery", "t"},
             {"'a'::tsquery @@ 'a b'::tsvector", "t"},
             {"'The cats'::text @@ to_tsquery('english', 'cat')", "t"},
             {"'a b'::tsvector @@ ''::tsquery", "f"},
         }},
        {"put together",
         {
             {"'a:1 b:2A'::tsvector || 'c:1 b:3'::tsvector", "'a':1 'b':2A,5 'c':3"},
             {"setweight('a:1 b:2A,3B'::tsvector, 'C')", "'a':1C 'b':2C,3C"},
             {"setweight(to_tsvector('english', 'fat cat'), 'A') || "
              "setweight(to_tsvector('english', 'a fat dog'), 'B')",
              "'cat':2A 'dog':5B 'fat':1A,4B"},
             {"strip('a:1 b:2A'::tsvector)", "'a' 'b'"},
             {"length('a:1 b:2A'::tsvector)", "2"},
             {"'a'::tsquery && 'b | c'::tsquery", "'a' & ( 'b' | 'c' )"},
             {"'a'::tsquery || 'b & c'::tsquery", "'a' | 'b' & 'c'"},
             {"'a'::tsquery <-> 'b'::tsquery", "'a' <-> 'b'"},
             {"'a:1'::tsvector = 'a:01'::tsvector", "t"},
         }},
        {"ranking",
         {
             {"ts_rank('a:1 b:2 c:3'::tsvector, 'a'::tsquery)", "0.06079271"},
             {"ts_rank('a:1,5,9 b:2 c:3'::tsvector, 'a'::tsquery)", "0.082745634"},
             {"ts_rank('a:1 b:2 c:3'::tsvector, 'a & b'::tsquery)", "0.09910322"},
             {"ts_rank('a:1 b:20 c:3'::tsvector, 'a & b'::tsquery)", "0.0021586192"},
             {"ts_rank('a:1A b:2 c:3B'::tsvector, 'a | c'::tsquery)", "0.42554897"},
             {"ts_rank('a:1A b:2 c:3B'::tsvector, 'a & b & c'::tsquery)", "0.7924405"},
             {"ts_rank('a:1A b:2 c:3B'::tsvector, 'x'::tsquery)", "0"},
             {"ts_rank('a b c'::tsvector, 'a & b'::tsquery)", "1e-16"},
             {"ts_rank('{0.5,0.5,0.5,0.5}', 'a:1A b:2 c:3B'::tsvector, 'a | c'::tsquery)",
              "0.30396354"},
             {"ts_rank('a:1,3 b:2 c:3'::tsvector, 'a | b'::tsquery, 1)", "0.029454745"},
             {"ts_rank('a:1,3 b:2 c:3'::tsvector, 'a | b'::tsquery, 58)", "0.0028415606"},
             {"ts_rank('ab:1,3 ac:2 c:3'::tsvector, 'a:* & c'::tsquery)", "0.09910322"},
             {"ts_rank(to_tsvector('english', 'The fat cats sat on the mat'), "
              "to_tsquery('english', 'cat & mat'))",
              "0.09524299"},
         }},
    };
    for (const Group& group : groups) {
        for (const auto& [expression, expected] : group.cases)
            EXPECT_EQ(value(expression), expected) << group.why << ": " << expression;
    }
}

}  // namespace dunlin::sql
