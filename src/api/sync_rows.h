#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>

#include "core/identity.h"
#include "data/tables.h"
#include "realtime/feed.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// Rows of the tables of a view, printed as the feed prints records.
struct SyncRows {
    Position position{};  // of the snapshot they are of
    std::string json;
};

/// All rows at once, as one object of lists by "schema.table". Fails with 54000 over
/// limits::feed_snapshot_rows_max rows or limits::feed_answer_bytes_max bytes.
asio::awaitable<Result<SyncRows>> read_all_rows(data::Tables& tables, const Identity& identity,
                                                const realtime::FeedView& view);

/// A page of one table.
struct SyncPage {
    Position position{};
    std::string json = "[";  // a list of records, those that the filter lets pass
    std::size_t read = 0;    // rows that there were
    Row last_key{};          // the next page begins behind it
};

/// limits::feed_snapshot_page_rows rows, fewer on the last page.
asio::awaitable<Result<SyncPage>> read_page_of_rows(data::Tables& tables, Identity identity,
                                                    const realtime::FeedView::Entry& entry,
                                                    Row after);

}  // namespace dunlin::api
