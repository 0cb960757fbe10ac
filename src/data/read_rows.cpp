#include <fmt/format.h>

#include "core/codec.h"
#include "core/limits.h"
#include "data/tables.h"

namespace dunlin::data {

namespace {

std::string rows_json(const std::vector<query::OutputColumn>& columns,
                      const std::vector<Row>& rows) {
    std::vector<std::string> keys;
    for (const auto& column : columns) {
        std::string key;
        codec::write_json_string(column.name, key);
        keys.push_back(key + ":");
    }
    std::string out = "[";
    for (const Row& row : rows) {
        if (out.size() > 1) out += ",\n ";
        out.push_back('{');
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (i > 0) out.push_back(',');
            out += keys[i];
            codec::write_json(columns[i].type, row[i], out);
        }
        out.push_back('}');
    }
    out.push_back(']');
    return out;
}

}  // namespace

asio::awaitable<Result<Rows>> Tables::select(Identity identity, const Table& table,
                                             query::RestQuery query, ReadOptions options) {
    const auto access = conditions(table, Command::Select, identity.role);
    const auto rows = query::select_sql(table, query, access, limits::rows_per_request_max);
    if (!rows) co_return std::unexpected(rows.error());
    Result<query::SqlText> total = query::SqlText{};
    if (options.count_total) total = query::count_sql(table, query, access);
    if (!total) co_return std::unexpected(total.error());

    Rows answer;
    engine::Work work = [&](engine::Session& session) -> Result<void> {
        auto found = session.run({rows->sql, rows->parameters});
        if (!found) return std::unexpected(found.error());
        answer.count = found->rows.size();
        answer.json = rows_json(rows->columns, found->rows);
        if (!options.count_total) return {};
        auto counted = session.run({total->sql, total->parameters});
        if (!counted) return std::unexpected(counted.error());
        answer.total = static_cast<std::uint64_t>(counted->rows.at(0).at(0).integer());
        return {};
    };
    auto done = co_await engine_.read(std::move(identity), std::move(work));
    if (!done) co_return std::unexpected(done.error());
    co_return answer;
}

}  // namespace dunlin::data
