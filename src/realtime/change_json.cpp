#include "realtime/change_json.h"

#include <fmt/format.h>

#include <chrono>

#include "core/codec.h"
#include "core/limits.h"
#include "realtime/record_json.h"

namespace dunlin::realtime {

namespace {

/// What upstream keeps of a row that is too large.
constexpr std::size_t small_field_bytes_max = 64;

void write_columns(const Table& table, const Projection& columns, std::string& out) {
    out += '[';
    for (const std::size_t index : columns) {
        const Column& column = table.columns[index];
        if (out.back() != '[') out += ',';
        out += R"({"name":)";
        codec::write_json_string(column.name, out);
        out += R"(,"type":)";
        codec::write_json_string(pg_type_name(column.type), out);
        out += '}';
    }
    out += ']';
}

std::string build(const Table& table, const Projection& columns, const Change& change,
                  ChangeKind seen_as, Position commit, std::size_t field_bytes_max,
                  std::string_view errors) {
    std::string out = R"({"schema":)";
    codec::write_json_string(table.schema, out);
    out += R"(,"table":)";
    codec::write_json_string(table.name, out);
    out += R"(,"type":")";
    out += kind_name(seen_as);
    out += R"(","commit_timestamp":")";
    out += format_timestamp(change.commit_time_us);
    if (change.position != Position()) {
        out += R"(","position":")";
        out += change.position.to_string();
    }
    out += R"(","commit":")";
    out += commit.to_string();
    out += R"(","columns":)";
    write_columns(table, columns, out);
    if (seen_as != ChangeKind::Delete) {
        out += R"(,"record":)";
        write_record(table, columns, change.new_row, field_bytes_max, out);
    }
    if (seen_as != ChangeKind::Insert) {
        out += R"(,"old_record":)";
        write_record(table, key_in(table, columns), change.old_row, field_bytes_max, out);
    }
    out += R"(,"errors":)";
    out += errors;
    out += '}';
    return out;
}

}  // namespace

std::string_view kind_name(ChangeKind kind) {
    switch (kind) {
        case ChangeKind::Insert:
            return "INSERT";
        case ChangeKind::Update:
            return "UPDATE";
        case ChangeKind::Delete:
            return "DELETE";
    }
    return "";
}

std::string format_timestamp(std::int64_t time_us) {
    using namespace std::chrono;
    const sys_time<microseconds> time{microseconds(time_us)};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss<milliseconds> clock(floor<milliseconds>(time - day));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

std::string change_json(const Table& table, const Projection* projection, const Change& change,
                        ChangeKind seen_as, Position commit) {
    const Projection columns = projection != nullptr ? *projection : every_column(table);
    std::string whole = build(table, columns, change, seen_as, commit, SIZE_MAX, "null");
    if (whole.size() <= limits::change_payload_bytes_max) return whole;
    return build(table, columns, change, seen_as, commit, small_field_bytes_max,
                 R"(["Error 413: Payload Too Large"])");
}

}  // namespace dunlin::realtime
