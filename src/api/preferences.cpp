#include "api/preferences.h"

#include <utility>

#include "http/ascii.h"

namespace dunlin::api {

namespace {

constexpr std::pair<std::string_view, Return> returns[] = {
    {"minimal", Return::Minimal},
    {"headers-only", Return::HeadersOnly},
    {"representation", Return::Representation},
};

void apply(Preferences& preferences, std::string_view name, std::string_view value) {
    if (name == "return") {
        for (const auto& [text, kind] : returns) {
            if (text == value) preferences.returning = kind;
        }
    } else if (name == "resolution") {
        if (value == "merge-duplicates")
            preferences.resolution = query::Resolution::MergeDuplicates;
        if (value == "ignore-duplicates")
            preferences.resolution = query::Resolution::IgnoreDuplicates;
    } else if (name == "count") {
        if (value != "exact" && value != "planned" && value != "estimated") return;
        preferences.count = true;
        preferences.count_kind = value;
    } else if (name == "missing") {
        preferences.missing_default = value == "default";
    }
}

void append(std::string& list, std::string_view item) {
    if (!list.empty()) list += ", ";
    list += item;
}

}  // namespace

Result<Preferences> Preferences::parse(std::string_view header) {
    Preferences preferences;
    while (!header.empty()) {
        const auto comma = header.find(',');
        const auto item = http::trim(header.substr(0, comma));
        const auto equals = item.find('=');
        if (item == "tx=rollback" || item.starts_with("max-affected=")) {
            return std::unexpected(
                sql_error("0A000", "Prefer: " + std::string(item) + " is not supported"));
        }
        if (equals != item.npos)
            apply(preferences, item.substr(0, equals), item.substr(equals + 1));
        header = comma == header.npos ? "" : header.substr(comma + 1);
    }
    return preferences;
}

std::string Preferences::applied() const {
    std::string list;
    if (resolution) {
        append(list, *resolution == query::Resolution::MergeDuplicates
                         ? "resolution=merge-duplicates"
                         : "resolution=ignore-duplicates");
    }
    if (missing_default) append(list, "missing=default");
    if (returning) {
        for (const auto& [text, kind] : returns) {
            if (kind == *returning) append(list, "return=" + std::string(text));
        }
    }
    if (count) append(list, "count=" + count_kind);
    return list;
}

}  // namespace dunlin::api
