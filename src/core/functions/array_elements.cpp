#include "core/functions/array_elements.h"

#include "core/codec.h"

namespace dunlin::functions {

namespace {

/// Where the element that begins at `at` ends: at a comma or bracket outside of its own.
std::size_t end_of_element(std::string_view text, std::size_t at) {
    int depth = 0;
    bool quoted = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted && c == '\\') {
            ++at;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && depth == 0 && (c == ',' || c == ']' || c == '}')) {
            return at;
        } else if (!quoted) {
            depth += (c == '[' || c == '{') ? 1 : (c == ']' || c == '}') ? -1 : 0;
        }
    }
    return text.size();
}

}  // namespace

std::vector<std::string_view> split_array(std::string_view array) {
    std::vector<std::string_view> elements;
    if (array.size() <= 2) return elements;
    for (std::size_t at = 1; at < array.size();) {
        const std::size_t end = end_of_element(array, at);
        elements.push_back(array.substr(at, end - at));
        at = end + 1;
    }
    return elements;
}

std::string join_array(const std::vector<std::string>& elements) {
    std::string out = "[";
    for (const std::string& element : elements) {
        if (out.size() > 1) out.push_back(',');
        out += element;
    }
    return out + "]";
}

Result<Value> element_value(const Type& element, std::string_view json) {
    return codec::from_json_text(element, json);
}

std::string element_json(const Type& element, const Value& value) {
    std::string out;
    codec::write_json(element, value, out);
    return out;
}

}  // namespace dunlin::functions
