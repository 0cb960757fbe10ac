#include "api/preferences.h"

#include <charconv>
#include <utility>

#include "http/ascii.h"

namespace dunlin::api {

namespace {

template <typename T>
using Word = std::pair<std::string_view, T>;

using query::Missing;
using query::Resolution;

constexpr Word<Resolution> resolutions[] = {
    {"resolution=merge-duplicates", Resolution::MergeDuplicates},
    {"resolution=ignore-duplicates", Resolution::IgnoreDuplicates},
};
constexpr Word<Missing> missings[] = {
    {"missing=default", Missing::Default},
    {"missing=null", Missing::Null},
};
constexpr Word<Return> returns[] = {
    {"return=minimal", Return::Minimal},
    {"return=headers-only", Return::HeadersOnly},
    {"return=representation", Return::Representation},
};
constexpr Word<Count> counts[] = {
    {"count=exact", Count::Exact},
    {"count=planned", Count::Planned},
    {"count=estimated", Count::Estimated},
};
constexpr Word<Transaction> transactions[] = {
    {"tx=commit", Transaction::Commit},
    {"tx=rollback", Transaction::Rollback},
};
constexpr Word<Handling> handlings[] = {
    {"handling=lenient", Handling::Lenient},
    {"handling=strict", Handling::Strict},
};
constexpr Word<std::string_view> timezones[] = {
    {"timezone=UTC", "UTC"},
    {"timezone=Etc/UTC", "Etc/UTC"},
    {"timezone=GMT", "GMT"},
};

/// Whether `item` is one of the words; the first one given counts.
template <typename Words, typename T>
bool take(const Words& words, std::string_view item, std::optional<T>& into) {
    for (const auto& [text, value] : words) {
        if (text != item) continue;
        if (!into) into = T(value);
        return true;
    }
    return false;
}

bool take_affected_max(std::string_view item, std::optional<std::int64_t>& into) {
    constexpr std::string_view prefix = "max-affected=";
    if (!item.starts_with(prefix)) return false;
    const auto digits = item.substr(prefix.size());
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), number);
    if (failure != std::errc{} || end != digits.end()) return false;
    if (!into) into = number;
    return true;
}

bool take_position(std::string_view item, bool& into) {
    if (item == "position") into = true;
    return item == "position";
}

bool take_any(Preferences& p, std::string_view item) {
    return take(resolutions, item, p.resolution) || take(missings, item, p.missing) ||
           take(returns, item, p.returning) || take(counts, item, p.count) ||
           take(transactions, item, p.transaction) || take(handlings, item, p.handling) ||
           take(timezones, item, p.timezone) || take_affected_max(item, p.affected_max) ||
           take_position(item, p.position);
}

void append(std::string& list, std::string_view item) {
    if (!list.empty()) list += ", ";
    list += item;
}

template <typename Words, typename T>
void append_word(std::string& list, const Words& words, const std::optional<T>& value) {
    for (const auto& [text, candidate] : words) {
        if (value && T(candidate) == *value) append(list, text);
    }
}

}  // namespace

Result<Preferences> Preferences::parse(std::string_view header) {
    Preferences preferences;
    std::string unknown;
    while (!header.empty()) {
        const auto comma = header.find(',');
        const auto item = http::trim(header.substr(0, comma));
        if (!item.empty() && !take_any(preferences, item)) append(unknown, item);
        header = comma == header.npos ? "" : header.substr(comma + 1);
    }
    if (preferences.handling != Handling::Strict || unknown.empty()) return preferences;
    return std::unexpected(Error{ErrorCode::InvalidInput,
                                 "Invalid preferences given with handling=strict", "PGRST122",
                                 "Invalid preferences: " + unknown});
}

std::string Preferences::applied(Action action) const {
    const bool writes = action != Action::Read && action != Action::Call;
    std::string list;
    if (action == Action::Create) append_word(list, resolutions, resolution);
    if (action == Action::Create || action == Action::Update) append_word(list, missings, missing);
    if (writes) append_word(list, returns, returning);
    append_word(list, counts, count);
    append_word(list, transactions, transaction);
    append_word(list, handlings, handling);
    append_word(list, timezones, timezone);
    if (action == Action::Read && position) append(list, "position");
    const bool bounded =
        action == Action::Update || action == Action::Delete || action == Action::Call;
    if (bounded && handling == Handling::Strict && affected_max) {
        append(list, "max-affected=" + std::to_string(*affected_max));
    }
    return list;
}

std::optional<std::uint64_t> Preferences::strict_affected_max() const {
    if (handling != Handling::Strict || !affected_max) return std::nullopt;
    return *affected_max < 0 ? 0 : static_cast<std::uint64_t>(*affected_max);
}

}  // namespace dunlin::api
