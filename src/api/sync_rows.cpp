#include "api/sync_rows.h"

#include <utility>
#include <vector>

#include "core/codec.h"
#include "core/limits.h"
#include "realtime/record_json.h"

namespace dunlin::api {

namespace {

Row copy_of(std::span<const ValueView> values) {
    Row row;
    row.reserve(values.size());
    for (const ValueView& value : values) row.push_back(value.value());
    return row;
}

/// Appends the record to a list if the filter lets it pass.
void append_row(const realtime::FeedView::Entry& entry, std::span<const ValueView> columns,
                std::string& list) {
    if (entry.filter != nullptr && !entry.filter->matches(copy_of(columns))) return;
    if (list.back() != '[') list += ',';
    realtime::write_record(*entry.table, entry.columns, columns, list);
}

Error too_many_rows() {
    return sql_error("54000", "these are too many rows for one answer", "",
                     "Ask for a stream: stream=true sends the rows in pages.");
}

}  // namespace

asio::awaitable<Result<SyncRows>> read_all_rows(data::Tables& tables, const Identity& identity,
                                                const realtime::FeedView& view) {
    const auto& entries = view.entries();
    std::vector<data::PageRequest> pages;
    for (const auto& entry : entries)
        pages.push_back({.table = entry.table, .rows_max = limits::feed_snapshot_rows_max + 1});
    std::vector<std::string> lists(entries.size(), "[");
    std::size_t rows = 0;
    std::size_t bytes = 0;
    const auto fits = [&] {
        return rows <= limits::feed_snapshot_rows_max && bytes <= limits::feed_answer_bytes_max;
    };
    // What does not fit any more is not kept, so that memory is bounded.
    const data::TakePageRow take = [&](std::size_t page, std::span<const ValueView> columns,
                                       std::span<const ValueView>) {
        ++rows;
        if (!fits()) return;
        const std::size_t before = lists[page].size();
        append_row(entries[page], columns, lists[page]);
        bytes += lists[page].size() - before;
    };
    const auto position = co_await tables.read_pages(identity, std::move(pages), take);
    if (!position && position.error().sqlstate == "54000")
        co_return std::unexpected(too_many_rows());
    if (!position) co_return std::unexpected(position.error());
    if (!fits()) co_return std::unexpected(too_many_rows());
    SyncRows all{.position = *position, .json = "{"};
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (i > 0) all.json += ',';
        codec::write_json_string(entries[i].table->schema + "." + entries[i].table->name, all.json);
        all.json += ':';
        all.json += lists[i];
        all.json += ']';
    }
    all.json += '}';
    co_return all;
}

asio::awaitable<Result<SyncPage>> read_page_of_rows(data::Tables& tables, Identity identity,
                                                    const realtime::FeedView::Entry& entry,
                                                    Row after) {
    SyncPage page;
    const data::TakePageRow take = [&](std::size_t, std::span<const ValueView> columns,
                                       std::span<const ValueView> key) {
        append_row(entry, columns, page.json);
        if (++page.read == limits::feed_snapshot_page_rows) page.last_key = copy_of(key);
    };
    std::vector<data::PageRequest> pages;
    pages.push_back({.table = entry.table,
                     .after = std::move(after),
                     .rows_max = limits::feed_snapshot_page_rows});
    const auto position = co_await tables.read_pages(std::move(identity), std::move(pages), take);
    if (!position) co_return std::unexpected(position.error());
    page.position = *position;
    page.json += ']';
    co_return page;
}

}  // namespace dunlin::api
