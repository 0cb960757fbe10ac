#include "query/read_rows.h"

#include <fmt/format.h>

#include <cmath>
#include <unordered_map>

#include "core/codec.h"
#include "core/limits.h"

namespace dunlin::query {

namespace {

/// As json_each() reads it back: the same value, bytes as hexadecimal text.
void write_raw(const Value& value, std::string& out) {
    if (value.is_integer()) {
        fmt::format_to(std::back_inserter(out), "{}", value.integer());
    } else if (value.is_real()) {
        const double number = value.real();
        if (std::isinf(number))
            out += number < 0 ? "-9e999" : "9e999";
        else
            fmt::format_to(std::back_inserter(out), "{:.17g}", number);
    } else if (value.is_text()) {
        codec::write_json_string(value.text(), out);
    } else if (value.is_blob()) {
        out.push_back('"');
        for (const char byte : value.bytes()) {
            fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned char>(byte));
        }
        out.push_back('"');
    } else {
        out += "null";
    }
}

std::string raw_rows(const std::vector<Row>& rows) {
    std::string out = "[";
    for (const Row& row : rows) {
        out += out.size() > 1 ? ",[" : "[";
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) out.push_back(',');
            write_raw(row[i], out);
        }
        out.push_back(']');
    }
    return out + "]";
}

/// The distinct keys of all parents.
class KeySet {
public:
    /// The place of the row's key; no_key when a part of it is NULL and the key is not the row.
    std::size_t add(const Row& row, const ReadNode& node) {
        std::string text;
        for (const std::size_t column : node.parent_columns) {
            if (row[column].is_null() && !node.keyed_by_row) return FetchedRows::no_key;
            text += text.empty() ? "" : ",";
            write_raw(row[column], text);
        }
        if (node.keyed_by_row || node.parent_columns.size() > 1) text = "[" + text + "]";
        const auto [entry, is_new] = places_.try_emplace(std::move(text), places_.size());
        if (is_new) json_ += (json_.size() > 1 ? "," : "") + entry->first;
        return entry->second;
    }

    /// The place of a key that is there; it may not be where collations find more than is equal.
    std::size_t find(const Value& key) const {
        std::string text;
        write_raw(key, text);
        const auto found = places_.find(text);
        return found == places_.end() ? FetchedRows::no_key : found->second;
    }

    std::size_t size() const { return places_.size(); }
    Value json() const { return Value(json_ + "]"); }

private:
    std::unordered_map<std::string, std::size_t> places_;
    std::string json_ = "[";
};

/// A counting sort by the first column, the place of the key.
void sort_by_key(FetchedRows& fetched, std::size_t keys) {
    const auto key_of = [&](std::size_t row) {
        return static_cast<std::size_t>(fetched.rows[row][0].integer());
    };
    fetched.starts.assign(keys + 1, 0);
    for (std::size_t i = 0; i < fetched.rows.size(); ++i) ++fetched.starts[key_of(i) + 1];
    for (std::size_t key = 0; key < keys; ++key) fetched.starts[key + 1] += fetched.starts[key];
    auto next = fetched.starts;
    fetched.sorted.resize(fetched.rows.size());
    for (std::size_t i = 0; i < fetched.rows.size(); ++i) fetched.sorted[next[key_of(i)]++] = i;
}

/// Puts the place of its key into each row.
void place_keys(std::vector<Row>& rows, const KeySet& keys) {
    std::erase_if(rows, [&](Row& row) {
        const std::size_t place = keys.find(row[0]);
        if (place != FetchedRows::no_key) row[0] = Value(static_cast<std::int64_t>(place));
        return place == FetchedRows::no_key;
    });
}

Error too_many_rows() {
    return sql_error(
        "54000",
        fmt::format("an embedded relation gives more than {} rows", limits::embedded_rows_max), "",
        "Limit the rows of the request, or those of the relation.");
}

Result<void> fetch_children(FetchedRows& parent, const RunStatement& run);

Result<FetchedRows> fetch_child(const FetchedRows& parent, const ReadNode& node,
                                const RunStatement& run) {
    FetchedRows fetched{.node = &node};
    KeySet keys;
    fetched.key_of_parent.reserve(parent.rows.size());
    for (const Row& row : parent.rows) {
        fetched.key_of_parent.push_back(keys.add(row, node));
    }
    if (keys.size() > 0) {
        SqlText text = node.text;
        text.parameters.front() = keys.json();
        auto rows = run(text);
        if (!rows) return std::unexpected(rows.error());
        if (rows->size() > limits::embedded_rows_max) return std::unexpected(too_many_rows());
        fetched.rows = std::move(*rows);
        if (node.keyed_by_value) place_keys(fetched.rows, keys);
    }
    sort_by_key(fetched, keys.size());
    const auto children = fetch_children(fetched, run);
    if (!children) return std::unexpected(children.error());
    // It belongs to every parent without rows and has no children.
    if (node.when_empty) fetched.rows.push_back(*node.when_empty);
    return fetched;
}

Result<void> fetch_children(FetchedRows& parent, const RunStatement& run) {
    for (const ReadNode& node : parent.node->children) {
        auto child = fetch_child(parent, node, run);
        if (!child) return std::unexpected(child.error());
        parent.children.push_back(std::move(*child));
    }
    return {};
}

SqlText with_given(const SqlText& text, bool is_given, const std::vector<Row>& given) {
    SqlText filled = text;
    if (is_given) filled.parameters.front() = Value(raw_rows(given));
    return filled;
}

std::vector<Row> picked(const std::vector<Row>& given, const std::vector<std::size_t>& columns) {
    std::vector<Row> rows;
    rows.reserve(given.size());
    for (const Row& row : given) {
        Row& out = rows.emplace_back();
        out.reserve(columns.size());
        for (const std::size_t column : columns) out.push_back(row[column]);
    }
    return rows;
}

}  // namespace

Result<FetchedRows> fetch_rows(const ReadPlan& plan, const std::vector<Row>& given,
                               const RunStatement& run) {
    FetchedRows fetched{.node = &plan.root};
    if (plan.given_columns) {
        fetched.rows = picked(given, *plan.given_columns);
    } else {
        auto rows = run(with_given(plan.root.text, plan.given, given));
        if (!rows) return std::unexpected(rows.error());
        fetched.rows = std::move(*rows);
    }
    const auto children = fetch_children(fetched, run);
    if (!children) return std::unexpected(children.error());
    return fetched;
}

Result<std::uint64_t> count_rows(const ReadPlan& plan, const std::vector<Row>& given,
                                 const RunStatement& run) {
    const auto rows = run(with_given(plan.total, plan.given, given));
    if (!rows) return std::unexpected(rows.error());
    return static_cast<std::uint64_t>(rows->at(0).at(0).integer());
}

}  // namespace dunlin::query
