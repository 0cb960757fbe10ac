#include "core/full_text_index.h"

#include <gtest/gtest.h>

namespace dunlin::full_text {

TEST(FullTextIndex, AsksForWhatEveryMatchHas) {
    struct Case {
        const char* why;
        const char* query;
        const char* expected;  // "" where the index is not asked
    };
    const Case cases[] = {
        {"a word", "'cat'", "\"cat\""},
        {"weights are not indexed", "'cat':AB", "\"cat\""},
        {"a beginning", "'ca':*", "\"ca\"*"},
        {"signs are one letter", "'it''s' & 'a b\"c'", "(\"it_s\" AND \"a_b_c\")"},
        {"letters beyond ASCII stay", "'größe'", "\"größe\""},
        {"alternatives", "'a' | 'b' & 'c'", "(\"a\" OR (\"b\" AND \"c\"))"},
        {"a phrase has its words", "'a' <-> 'b' <3> 'c'", "((\"a\" AND \"b\") AND \"c\")"},
        {"what is not wanted says nothing", "'a' & !'b'", "(\"a\")"},
        {"of an alternative neither", "'a' | !'b'", ""},
        {"nor beside others", "('a' | !'b') & 'c'", "(\"c\")"},
        {"a phrase with a negation", "!'a' <-> 'b'", "(\"b\")"},
        {"nothing but negations", "!'a' & !'b'", ""},
        {"a negation of one", "!!'a'", ""},
        {"no query", "", "\"\""},
        {"more beginnings than FTS5 should read", "'a':* & 'b':* & 'c':* & 'd':* & 'e':*",
         "(\"a\"* AND \"b\"* AND \"c\"* AND \"d\"*)"},
    };
    for (const Case& c : cases) {
        const auto query = read_query(c.query);
        ASSERT_TRUE(query) << c.why;
        EXPECT_EQ(index_query(*query).value_or(""), c.expected) << c.why;
        const std::string all = *c.expected == 0 ? "\"_\"" : c.expected;
        EXPECT_EQ(index_query_or_all(*query), all) << c.why;
    }
}

TEST(FullTextIndex, IsNotAskedDeeperThanItsParserGoes) {
    std::string query = "'x'";
    for (int i = 0; i < 100; ++i)
        query = "('a' " + std::string(i % 2 == 0 ? "& " : "| ") + query + ")";
    const auto parsed = read_query(query);
    ASSERT_TRUE(parsed);
    EXPECT_LT(index_query(*parsed).value_or("").size(), 200u);
}

TEST(FullTextIndex, DocumentsHoldEveryLexemeOnce) {
    const auto vector = read_vector("'a-b':1A,3 'größe':2 'it''s'");
    ASSERT_TRUE(vector);
    EXPECT_EQ(index_document(*vector), "_ a_b größe it_s");
    EXPECT_EQ(index_document({}), "_");
}

}  // namespace dunlin::full_text
