// Any text has its words, any search is one or refused, and the two can be matched and ranked.
// The input is the kind of search, then the search and the text, separated by a newline.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
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
    static const auto call = find_scalar_function("pg_fts_match")->call;
    for (const std::string_view configuration : {"english", "simple"}) {
        const Value arguments[] = {text, search, Value(kind), Value(configuration)};
        (void)call(arguments, FunctionContext{});
    }
    return 0;
}
