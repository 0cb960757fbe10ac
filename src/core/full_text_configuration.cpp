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

constexpr Configuration configurations[] = {
    {"simple", ""},
    {"english", "english"},
};

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
    if (stemmed == nullptr) return word;
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

/// English is the one configuration that drops words.
bool is_stop_word(const Configuration& configuration, const std::string& word) {
    static const Words english = words_of(english_stop_words);  // made once, then only read
    return !configuration.algorithm.empty() && english.contains(word);
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
    if (token.kind == Token::Kind::Plain || configuration.algorithm.empty()) return word;
    if (is_stop_word(configuration, word)) return "";
    return stem(configuration.algorithm, word);
}

}  // namespace dunlin::full_text
