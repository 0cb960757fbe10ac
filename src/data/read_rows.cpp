#include "changes/change_log.h"
#include "core/limits.h"
#include "data/explain.h"
#include "data/tables.h"

namespace dunlin::data {

query::ReadContext Tables::read_context(Role role, query::RowSource source) const {
    const auto source_of = [this, role](const Table& table,
                                        std::string_view alias) -> Result<query::RelationSource> {
        const auto granted = rules_->require(table, Command::Select, role);
        if (!granted) return std::unexpected(granted.error());
        auto [relation, condition] = rules_->read_access(table, role, alias);
        return query::RelationSource{std::move(relation), std::move(condition)};
    };
    return {relationships_.at(role),
            source_of,
            source,
            limits::rows_per_request_max,
            settings_.aggregates,
            true,
            computed_.columns(role),
            computed_.relations(role)};
}

Result<Selection> Tables::select_written(Role role, const Table& table,
                                         const query::RestQuery& query) const {
    return Selection::plan(table, query, read_context(role, query::RowSource::Written));
}

Result<Selection> Tables::select_returned(Role role, const Table& table,
                                          const query::RestQuery& query) const {
    return Selection::plan(table, query, read_context(role, query::RowSource::Returned));
}

asio::awaitable<Result<Rows>> Tables::select(Identity identity, const Table& table,
                                             query::RestQuery query, ReadOptions options) {
    auto context = read_context(identity.role);
    context.rows_max = options.rows_max;
    context.total = options.count_total;
    const auto selection = Selection::plan(table, query, context);
    if (!selection) co_return std::unexpected(selection.error());

    Rows answer;
    engine::Work work = [&](engine::Session& session) -> Result<void> {
        if (options.plan != PlanForm::None) {
            auto plan = explain(session, selection->statement(), options.plan);
            if (!plan) return std::unexpected(plan.error());
            answer.json = std::move(*plan);
            return {};
        }
        auto rows = selection->run(session, options.format);
        if (!rows) return std::unexpected(rows.error());
        answer = std::move(*rows);
        if (options.position) {
            const auto at = changes::ChangeLog::position_of(session);
            if (!at) return std::unexpected(at.error());
            answer.position = *at;
        }
        if (!options.count_total) return {};
        auto total = selection->count(session);
        if (!total) return std::unexpected(total.error());
        answer.total = *total;
        return {};
    };
    auto done = co_await engine_.read(std::move(identity), std::move(work));
    if (!done) co_return std::unexpected(done.error());
    co_return answer;
}

}  // namespace dunlin::data
