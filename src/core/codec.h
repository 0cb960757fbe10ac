#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/type.h"
#include "core/value.h"
#include "core/value_view.h"

/// Between stored values and PostgreSQL's text and JSON. The stored form of each type is in
/// docs/formats/values.md. Pure; thread-safe.
namespace dunlin::codec {

/// Reads PostgreSQL's input text of `type` and normalises it (a uuid becomes lower case with
/// dashes, a timestamptz microseconds UTC, a jsonb its canonical text, text[] a JSON array, ...).
/// Fails with the SQLSTATE and text PostgreSQL uses: 22P02 `invalid input syntax for type uuid:
/// "x"`, 22003 out of range, 22001 too long for varchar(n), 22007 / 22008 for dates and times.
Result<Value> parse_text(const Type& type, std::string_view text);

/// Reads a JSON value as PostgREST (json_populate_recordset) would: numbers, strings, booleans and
/// null for scalars, any JSON for json and jsonb, arrays (or "{...}" text) for arrays.
Result<Value> from_json(const Type& type, const boost::json::value& json);

/// As above from the text of one JSON value, which keeps every digit of a number. `json` must be
/// valid.
Result<Value> from_json_text(const Type& type, std::string_view json);

/// Appends the value as PostgreSQL's to_json() prints it, e.g. `"2026-08-21T10:11:12.345+00:00"`
/// for a timestamptz, `12.50` for a numeric, `null` for NULL.
void write_json(const Type& type, ValueView value, std::string& out);

/// PostgreSQL's output text: `2026-08-21 10:11:12.345+00`, `t`, `{a,b}`, `\x00ff`. NULL is "".
std::string to_text(const Type& type, const Value& value);

/// Appends `text` as a JSON string literal with quotes.
void write_json_string(std::string_view text, std::string& out);

/// Orders two values of `type` as PostgreSQL does: negative, zero, positive. Neither is NULL.
int compare(const Type& type, const Value& left, const Value& right);

/// The same of two stored texts of a scalar type; a total order also on texts that are no values.
int compare_stored_texts(const Type& type, std::string_view left, std::string_view right);

}  // namespace dunlin::codec
