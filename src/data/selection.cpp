#include "data/selection.h"

#include "query/read_rows.h"

namespace dunlin::data {

namespace {

query::RunStatement run_with(engine::Session& session) {
    return [&session](const query::SqlText& text) -> Result<std::vector<Row>> {
        auto found = session.run(text.sql, text.parameters);
        if (!found) return std::unexpected(found.error());
        return std::move(found->rows);
    };
}

}  // namespace

Result<Selection> Selection::plan(const Table& table, const query::RestQuery& query,
                                  const query::ReadContext& context) {
    auto plan = query::plan_read(table, query, context);
    if (!plan) return std::unexpected(plan.error());
    return Selection(std::move(*plan));
}

Result<Rows> Selection::run(engine::Session& session, RowFormat format,
                            const std::vector<Row>& given) const {
    if (format == RowFormat::Json && !plan_.given && plan_.root.children.empty())
        return stream(session);
    const auto fetched = query::fetch_rows(plan_, given, run_with(session));
    if (!fetched) return std::unexpected(fetched.error());
    auto text = format == RowFormat::Csv ? query::print_csv(*fetched) : query::print_json(*fetched);
    if (!text) return std::unexpected(text.error());
    Rows rows;
    rows.count = fetched->rows.size();
    rows.json = format == RowFormat::JsonStripped ? query::strip_nulls(*text) : std::move(*text);
    return rows;
}

Result<Rows> Selection::stream(engine::Session& session) const {
    Rows rows;
    rows.json = "[";
    const auto done = session.stream(plan_.root.text.sql, plan_.root.text.parameters,
                                     [&](std::span<const ValueView> row) {
                                         if (rows.count++ > 0) rows.json += ",\n ";
                                         query::print_flat(plan_.root.fields, row, rows.json);
                                     });
    if (!done) return std::unexpected(done.error());
    rows.json.push_back(']');
    return rows;
}

Result<std::uint64_t> Selection::count(engine::Session& session,
                                       const std::vector<Row>& given) const {
    return query::count_rows(plan_, given, run_with(session));
}

}  // namespace dunlin::data
