#pragma once

#include <cstdint>
#include <string>

#include "core/change.h"
#include "core/schema.h"
#include "realtime/binding.h"

namespace dunlin::realtime {

/// "INSERT", "UPDATE", "DELETE".
std::string_view kind_name(ChangeKind kind);

/// ISO 8601 with milliseconds, "2026-08-21T10:11:12.345Z".
std::string format_timestamp(std::int64_t time_us);

/// The `data` of a postgres_changes message: `change` as someone sees it to whom it is a `seen_as`,
/// of the commit whose last change is at `commit`. `projection` null gives every column.
/// `old_record` is the primary key only. Over limits::change_payload_bytes_max, fields over 64
/// bytes are left out and `errors` says so.
std::string change_json(const Table& table, const Projection* projection, const Change& change,
                        ChangeKind seen_as, Position commit);

}  // namespace dunlin::realtime
