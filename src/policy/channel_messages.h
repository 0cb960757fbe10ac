#pragma once

#include "core/schema.h"
#include "sql/expression.h"

/// The table whose policies say who may use a private channel (docs/guide/private-channels.md).
namespace dunlin::policy {

/// Whether `table` is realtime.messages: its INSERT rule is also kept as a row rule.
bool is_channel_messages(const Table& table);

/// In a policy of realtime.messages, realtime.topic() is the column `topic` of the row that is
/// judged, also inside subqueries and the bodies of functions. Does nothing for other tables.
void put_topic_in_place(sql::Expression& expression, const Table& table);

}  // namespace dunlin::policy
