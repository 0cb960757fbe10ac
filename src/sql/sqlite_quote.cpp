#include <fmt/format.h>

#include <cmath>

#include "sql/sqlite_text.h"

namespace dunlin::sql {

std::string quote_identifier(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) {
        if (c == '"') out.push_back('"');
        out.push_back(c);
    }
    return out + "\"";
}

std::string quote_literal(const Value& value) {
    if (value.is_null()) return "null";
    if (value.is_integer()) return fmt::format("{}", value.integer());
    if (value.is_real()) {
        if (!std::isfinite(value.real()))
            return std::isnan(value.real()) ? "null" : value.real() > 0 ? "9e999" : "-9e999";
        std::string text = fmt::format("{}", value.real());
        return text.find_first_of(".e") == text.npos ? text + ".0" : text;
    }
    std::string out = value.is_blob() ? "x'" : "'";
    for (const char c : value.is_blob() ? value.bytes() : value.text()) {
        if (value.is_blob())
            out += fmt::format("{:02x}", static_cast<unsigned char>(c));
        else if (c == '\'')
            out += "''";
        else
            out.push_back(c);
    }
    return out + "'";
}

}  // namespace dunlin::sql
