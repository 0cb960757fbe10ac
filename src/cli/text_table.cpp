#include "cli/text_table.h"

#include <algorithm>
#include <string_view>

namespace dunlin::cli {

namespace {

/// Characters of UTF-8, not bytes.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool is_control(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    // U+0080 to U+009F, in UTF-8, are commands to some terminals as well.
    const bool c1 = first == 0xc2 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xa0;
    return first < ' ' || first == 0x7f || c1;
}

std::string shown(std::string_view text) {
    std::string clean;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool control = is_control(text.substr(i));
        if (control && static_cast<unsigned char>(text[i]) == 0xc2) ++i;
        clean.push_back(control ? '?' : text[i]);
    }
    return clean;
}

}  // namespace

std::string text_table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    }
    std::string table;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += shown(row[i]);
            line.append(widths[i] - width_of(row[i]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        table += line + '\n';
    }
    return table;
}

}  // namespace dunlin::cli
