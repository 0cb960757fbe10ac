#include "policy/channel_messages.h"

#include "sql/expression_shift.h"

namespace dunlin::policy {

bool is_channel_messages(const Table& table) {
    return table.schema == "realtime" && table.name == "messages";
}

void put_topic_in_place(sql::Expression& expression, const Table& table) {
    using Kind = sql::Expression::Kind;
    const auto topic = is_channel_messages(table) ? table.find_column("topic") : std::nullopt;
    if (!topic) return;
    sql::rewrite(expression, [&](sql::Expression& e, int levels) {
        if (e.kind != Kind::Call || e.name != "realtime_topic") return;
        e = {.kind = Kind::Column,
             .type = table.columns[*topic].type,
             .name = "topic",
             .depth = levels,
             .column = *topic};
    });
}

}  // namespace dunlin::policy
