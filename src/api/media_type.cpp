#include "api/media_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

#include "http/ascii.h"

namespace dunlin::api {

namespace {

/// A media range of an Accept header (RFC 9110 section 12.5.1).
struct Range {
    std::string type{};
    std::vector<std::string_view> parameters{};
    double quality = 1;
};

std::string without_quotes(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.substr(1, text.size() - 2);
    return std::string(text);
}

/// Splits at `separator` outside of double quotes.
std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    bool quoted = false;
    std::size_t from = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] == '"') quoted = !quoted;
        if (i < text.size() && (quoted || text[i] != separator)) continue;
        parts.push_back(http::trim(text.substr(from, i - from)));
        from = i + 1;
    }
    return parts;
}

double quality_of(std::string_view text) {
    const std::string copy(text);  // strtod needs its end
    const double quality = std::strtod(copy.c_str(), nullptr);
    return quality >= 0 && quality <= 1 ? quality : 1;
}

std::vector<Range> parse_accept(std::string_view accept) {
    std::vector<Range> ranges;
    for (const std::string_view item : split(accept, ',')) {
        if (item.empty()) continue;
        Range range;
        for (const std::string_view part : split(item, ';')) {
            if (range.type.empty())
                range.type = part;
            else if (part.starts_with("q="))
                range.quality = quality_of(part.substr(2));
            else if (!part.empty())
                range.parameters.push_back(part);
        }
        ranges.push_back(std::move(range));
    }
    return ranges;
}

bool strips_nulls(const Range& range) {
    return std::ranges::find(range.parameters, "nulls=stripped") != range.parameters.end();
}

data::RowFormat json_format(const Range& range) {
    return strips_nulls(range) ? data::RowFormat::JsonStripped : data::RowFormat::Json;
}

std::string plan_options(std::string_view asked) {
    constexpr std::string_view known[] = {"analyze", "verbose", "settings", "buffers", "wal"};
    const auto given = split(asked, '|');
    std::string out;
    for (const std::string_view option : known) {
        if (std::ranges::find(given, option) == given.end()) continue;
        out += (out.empty() ? "" : "|") + std::string(option);
    }
    return out;
}

std::optional<Media> media_of(const Range& range);

std::optional<Media> plan_of(const Range& range, data::PlanForm plan) {
    Range rows{.type = "application/json"};
    std::string options;
    for (const std::string_view parameter : range.parameters) {
        if (parameter.starts_with("for=")) rows.type = without_quotes(parameter.substr(4));
        if (parameter.starts_with("options=")) {
            options = plan_options(without_quotes(parameter.substr(8)));
        }
    }
    const auto inner = split(rows.type, ';');
    const std::string type(inner.front());
    rows.parameters.assign(inner.begin() + 1, inner.end());
    rows.type = type;
    auto media = media_of(rows);
    if (!media || media->plan != data::PlanForm::None) return std::nullopt;
    media->plan = plan;
    media->plan_options = std::move(options);
    return media;
}

std::optional<Media> media_of(const Range& range) {
    const std::string_view type = range.type;
    if (type == "*/*" || type == "application/*" || type == "application/json") return Media{};
    if (type == "application/vnd.pgrst.array+json" || type == "application/vnd.pgrst.array") {
        return Media{.format = json_format(range)};
    }
    if (type == "application/vnd.pgrst.object+json" || type == "application/vnd.pgrst.object") {
        return Media{.shape = Shape::SingleObject, .format = json_format(range)};
    }
    if (type == "text/csv") return Media{.format = data::RowFormat::Csv};
    if (type == "application/vnd.pgrst.plan" || type == "application/vnd.pgrst.plan+text") {
        return plan_of(range, data::PlanForm::Text);
    }
    if (type == "application/vnd.pgrst.plan+json") return plan_of(range, data::PlanForm::Json);
    return std::nullopt;
}

Error none_available(const std::vector<Range>& ranges, Plans plans) {
    Error error{ErrorCode::NotAcceptable, "None of these media types are available: ", "PGRST107"};
    for (const Range& range : ranges) {
        if (&range != &ranges.front()) error.message += ", ";
        error.message += range.type;
        for (const std::string_view parameter : range.parameters) {
            error.message += fmt::format("; {}", parameter);
        }
        if (range.type == "application/geo+json") {
            error.details = "GeoJSON needs geometry columns, which this server does not have.";
        }
        if (range.type.starts_with("application/vnd.pgrst.plan") && plans == Plans::Refused) {
            error.details = "Plans are not shown unless the setting api.plan is true.";
        }
    }
    return error;
}

std::string rows_type(const Media& media) {
    const bool stripped = media.format == data::RowFormat::JsonStripped;
    if (media.format == data::RowFormat::Csv) return "text/csv";
    if (media.shape == Shape::SingleObject) {
        return fmt::format("application/vnd.pgrst.object+json{}",
                           stripped ? ";nulls=stripped" : "");
    }
    return stripped ? "application/vnd.pgrst.array+json;nulls=stripped" : "application/json";
}

}  // namespace

std::string Media::content_type() const {
    if (plan == data::PlanForm::None) return rows_type(*this) + "; charset=utf-8";
    return fmt::format("application/vnd.pgrst.plan+{}; for=\"{}\"{}{}; charset=utf-8",
                       plan == data::PlanForm::Json ? "json" : "text", rows_type(*this),
                       plan_options.empty() ? "" : "; options=", plan_options);
}

Result<Media> accepted_media(std::string_view accept, Plans plans) {
    const auto ranges = parse_accept(accept);
    if (ranges.empty()) return Media{};
    std::optional<Media> best;
    double quality = 0;
    for (const Range& range : ranges) {
        auto media = media_of(range);
        if (!media || range.quality <= quality) continue;
        if (media->plan != data::PlanForm::None && plans == Plans::Refused) continue;
        best = std::move(media);
        quality = range.quality;
    }
    if (best) return std::move(*best);
    return std::unexpected(none_available(ranges, plans));
}

Result<std::string_view> accepted_openapi(std::string_view accept) {
    const auto ranges = parse_accept(accept);
    if (ranges.empty()) return "application/openapi+json; charset=utf-8";
    for (const Range& range : ranges) {
        if (range.quality == 0) continue;
        if (range.type == "application/openapi+json" || range.type == "*/*" ||
            range.type == "application/*") {
            return "application/openapi+json; charset=utf-8";
        }
        if (range.type == "application/json") return "application/json; charset=utf-8";
    }
    return std::unexpected(none_available(ranges, Plans::Allowed));
}

}  // namespace dunlin::api
