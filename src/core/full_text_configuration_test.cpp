#include "core/full_text_configuration.h"

#include <gtest/gtest.h>
#include <libstemmer.h>

namespace dunlin::full_text {

TEST(FullTextConfiguration, LongWordsAreNotStemmed) {
    // What PostgreSQL 15 does; some algorithms take quadratic time.
    struct Case {
        const char* configuration;
        std::size_t words;  // "running", one behind the other
        std::size_t lexeme_bytes;
    };
    const Case cases[] = {{"english", 142, 990}, {"english", 143, 1001}, {"turkish", 200, 1400}};
    for (const Case& c : cases) {
        std::string word;
        for (std::size_t i = 0; i < c.words; ++i) word += "running";
        const auto configuration = find_configuration(c.configuration);
        ASSERT_TRUE(configuration);
        EXPECT_EQ(lexeme_of(**configuration, {.kind = Token::Kind::Word, .text = word}).size(),
                  c.lexeme_bytes)
            << c.configuration << c.words;
    }
}

TEST(FullTextConfiguration, EveryNameHasItsStemmer) {
    for (const char* name :
         {"arabic",  "armenian", "basque",     "catalan", "danish",    "dutch",      "english",
          "finnish", "french",   "german",     "greek",   "hindi",     "hungarian",  "indonesian",
          "irish",   "italian",  "lithuanian", "nepali",  "norwegian", "portuguese", "romanian",
          "russian", "serbian",  "spanish",    "swedish", "tamil",     "turkish",    "yiddish"}) {
        const auto configuration = find_configuration(name);
        ASSERT_TRUE(configuration) << name;
        EXPECT_EQ((*configuration)->algorithm, name);
        sb_stemmer* stemmer = sb_stemmer_new(name, "UTF_8");
        EXPECT_NE(stemmer, nullptr) << name;
        sb_stemmer_delete(stemmer);
    }
}

}  // namespace dunlin::full_text
