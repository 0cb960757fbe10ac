#include "core/full_text_configuration.h"

#include <fmt/format.h>
#include <libstemmer.h>

#include <algorithm>
#include <map>
#include <memory>
#include <unordered_set>

#include "core/full_text_stop_words.h"
#include "core/functions/arguments.h"

namespace dunlin::full_text {

namespace {

constexpr std::string_view english = "english";

/// PostgreSQL's names are Snowball's. Two languages leave words in Latin letters to English.
constexpr Configuration configurations[] = {
    {"simple", "", ""},
    {english, english, english},
    {"arabic", "arabic", "arabic"},
    {"armenian", "armenian", "armenian"},
    {"basque", "basque", "basque"},
    {"catalan", "catalan", "catalan"},
    {"danish", "danish", "danish"},
    {"dutch", "dutch", "dutch"},
    {"finnish", "finnish", "finnish"},
    {"french", "french", "french"},
    {"german", "german", "german"},
    {"greek", "greek", "greek"},
    {"hindi", "hindi", english},
    {"hungarian", "hungarian", "hungarian"},
    {"indonesian", "indonesian", "indonesian"},
    {"irish", "irish", "irish"},
    {"italian", "italian", "italian"},
    {"lithuanian", "lithuanian", "lithuanian"},
    {"nepali", "nepali", "nepali"},
    {"norwegian", "norwegian", "norwegian"},
    {"portuguese", "portuguese", "portuguese"},
    {"romanian", "romanian", "romanian"},
    {"russian", "russian", english},
    {"serbian", "serbian", "serbian"},
    {"spanish", "spanish", "spanish"},
    {"swedish", "swedish", "swedish"},
    {"tamil", "tamil", "tamil"},
    {"turkish", "turkish", "turkish"},
    {"yiddish", "yiddish", "yiddish"},
};

/// Longer ones are no words of a language, and some algorithms are slow with them. PostgreSQL's
/// limit.
constexpr std::size_t stemmed_bytes_max = 1000;

struct StemmerDeleter {
    void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};

/// Of this thread, because a stemmer keeps its last word.
sb_stemmer* stemmer_of(std::string_view algorithm) {
    thread_local std::map<std::string, std::unique_ptr<sb_stemmer, StemmerDeleter>, std::less<>>
        kept;
    const auto found = kept.find(algorithm);
    if (found != kept.end()) return found->second.get();
    const std::string name(algorithm);
    auto& slot = kept[name];
    slot.reset(sb_stemmer_new(name.c_str(), "UTF_8"));
    return slot.get();
}

std::string stem(std::string_view algorithm, const std::string& word) {
    sb_stemmer* stemmer = stemmer_of(algorithm);
    const auto* symbols = reinterpret_cast<const sb_symbol*>(word.data());
    const sb_symbol* stemmed =
        stemmer == nullptr ? nullptr
                           : sb_stemmer_stem(stemmer, symbols, static_cast<int>(word.size()));
    if (stemmed == nullptr || sb_stemmer_length(stemmer) == 0) return word;
    return {reinterpret_cast<const char*>(stemmed),
            static_cast<std::size_t>(sb_stemmer_length(stemmer))};
}

using Words = std::unordered_set<std::string_view>;

Words words_of(std::string_view list) {
    Words words;
    while (!list.empty()) {
        const auto end = std::min(list.find(' '), list.size());
        if (end > 0) words.insert(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return words;
}

/// English is the one language that drops words.
bool is_stop_word(std::string_view algorithm, const std::string& word) {
    static const Words words = words_of(english_stop_words);  // made once, then only read
    return algorithm == english && words.contains(word);
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

Result<const Configuration*> find_configuration(std::string_view name) {
    std::string_view plain = name;
    constexpr std::string_view prefix = "pg_catalog.";
    if (plain.starts_with(prefix)) plain.remove_prefix(prefix.size());
    for (const Configuration& configuration : configurations) {
        if (configuration.name == plain) return &configuration;
    }
    return std::unexpected(
        sql_error("42704", fmt::format("text search configuration \"{}\" does not exist", name)));
}

std::string lexeme_of(const Configuration& configuration, const Token& token) {
    std::string word = functions::lower_text(token.text);
    const bool stemmed = token.kind != Token::Kind::Plain && !configuration.algorithm.empty();
    if (!stemmed || token.text.size() > stemmed_bytes_max) return word;
    const std::string_view algorithm =
        is_ascii(token.text) ? configuration.ascii_algorithm : configuration.algorithm;
    if (is_stop_word(algorithm, word)) return "";
    return stem(algorithm, word);
}

}  // namespace dunlin::full_text
