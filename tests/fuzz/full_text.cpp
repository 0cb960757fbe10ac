// Any text has its words, any search is one or refused, the two can be matched and ranked, and an
// index can be asked for them.
// The input is the kind of search, then the search and the text, separated by a newline.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>

#include "core/functions.h"

using namespace dunlin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    constexpr std::string_view kinds[] = {"plain", "phrase", "web", "tsquery"};
    const std::string_view kind = kinds[data[0] % std::size(kinds)];
    const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::size_t end = std::min(input.find('\n'), input.size());
    const Value search(input.substr(0, end));
    const Value text(input.substr(std::min(end + 1, input.size())));
    const auto call = [](std::string_view name, std::span<const Value> arguments) {
        return find_scalar_function(name)->call(arguments, FunctionContext{});
    };
    for (const std::string_view configuration : {"english", "simple", "russian"}) {
        const Value arguments[] = {text, search, Value(kind), Value(configuration)};
        (void)call("pg_fts_match", arguments);
        const Value searched[] = {Value(kind), Value(configuration), search};
        const auto query = call("pg_to_tsquery", searched);
        if (query) (void)call("pg_search_query", std::span(&*query, 1));
        const Value words[] = {Value(configuration), text};
        const auto vector = call("pg_to_tsvector", words);
        if (vector) (void)call("pg_search_document", std::span(&*vector, 1));
    }
    return 0;
}
