#include <fmt/format.h>

#include "core/codec.h"
#include "core/limits.h"
#include "data/explain.h"
#include "data/tables.h"

namespace dunlin::data {

namespace {

/// Writes rows as a JSON array while the engine finds them.
class RowsWriter {
public:
    explicit RowsWriter(const std::vector<query::OutputColumn>& columns) : columns_(columns) {
        for (const auto& column : columns) {
            std::string key = keys_.empty() ? "{" : ",";
            codec::write_json_string(column.name, key);
            keys_.push_back(key + ":");
        }
    }

    void add(std::span<const ValueView> row) {
        if (count_++ > 0) json_ += ",\n ";
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            json_ += keys_[i];
            codec::write_json(columns_[i].type, row[i], json_);
        }
        json_ += columns_.empty() ? "{}" : "}";
    }

    Rows take() { return {.json = std::move(json_) + "]", .count = count_}; }

private:
    const std::vector<query::OutputColumn>& columns_;
    std::vector<std::string> keys_;  // each with what stands before it
    std::string json_ = "[";
    std::uint64_t count_ = 0;
};

}  // namespace

asio::awaitable<Result<Rows>> Tables::select(Identity identity, const Table& table,
                                             query::RestQuery query, ReadOptions options) {
    const auto access = conditions(table, Command::Select, identity.role, Reads::Rows);
    if (!access) co_return std::unexpected(access.error());
    const auto rows = query::select_sql(table, query, *access, options.rows_max);
    if (!rows) co_return std::unexpected(rows.error());
    Result<query::SqlText> total = query::SqlText{};
    if (options.count_total) total = query::count_sql(table, query, *access);
    if (!total) co_return std::unexpected(total.error());

    Rows answer;
    engine::Work work = [&](engine::Session& session) -> Result<void> {
        if (options.plan != PlanForm::None) {
            auto plan = explain(session, *rows, options.plan);
            if (!plan) return std::unexpected(plan.error());
            answer.json = std::move(*plan);
            return {};
        }
        RowsWriter writer(rows->columns);
        auto found = session.stream({rows->sql, rows->parameters},
                                    [&](std::span<const ValueView> row) { writer.add(row); });
        if (!found) return found;
        answer = writer.take();
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
