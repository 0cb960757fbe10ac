#include "cli/text_table.h"

#include <gtest/gtest.h>

namespace dunlin::cli {

TEST(TextTable, PutsRowsInColumnsAndShowsNoCommands) {
    struct Case {
        const char* why;
        std::vector<std::vector<std::string>> rows;
        const char* table;
    };
    const Case cases[] = {
        {"nothing", {}, ""},
        {"as wide as the longest",
         {{"ID", "NAME"}, {"1", "ann"}, {"200", "b"}},
         "ID   NAME\n1    ann\n200  b\n"},
        {"characters, not bytes", {{"Müller", "x"}, {"Muller", "y"}}, "Müller  x\nMuller  y\n"},
        {"nothing at the end of a line", {{"a", ""}, {"b", ""}}, "a\nb\n"},
        {"rows of different lengths", {{"a"}, {"bb", "c"}}, "a\nbb  c\n"},
        {"what somebody wrote for our terminal", {{"\x1b[2J\r\n", "x"}}, "?[2J??  x\n"},
        {"the same in one character of UTF-8",
         {{"\xc2\x9b"
           "2J",
           "x"}},
         "?2J  x\n"},
        {"a letter that begins alike", {{"\xc2\xb5m"}}, "\xc2\xb5m\n"},
    };
    for (const Case& c : cases) EXPECT_EQ(text_table(c.rows), c.table) << c.why;
}

}  // namespace dunlin::cli
