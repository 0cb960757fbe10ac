#pragma once

#include <cstdint>
#include <optional>

#include "api/call.h"
#include "data/write_options.h"
#include "http/message.h"

/// From the outcome of a call to its answer.
namespace dunlin::api {

/// PostgREST answers a refused right with 401 to somebody who has not signed in, 403 to others.
http::Response refusal(const Call& call, Error error);

/// Rows in the form that was asked for; takes their text, which may be large, out of `rows`. Fails
/// with PGRST116 when one object was asked for and there are more or less.
Result<http::Response> rows_answer(const Call& call, data::Rows& rows, int status);

/// The refusal of an offset beyond `total` rows. RFC 9110 section 15.5.17: with Content-Range.
http::Response past_the_end(const Error& error, std::optional<std::uint64_t> total);

/// Adds Content-Profile, when the schema was chosen.
void add_profile(const Call& call, http::Response& response);

/// A plan that was asked for instead of rows.
bool wants_plan(const Call& call);
http::Response plan_answer(const Call& call, const data::Rows& plan);

/// Adds Preference-Applied, when something was honoured.
void add_preferences(const Call& call, Action action, http::Response& response);

/// The answers to a finished write, with rows when they were asked for, else without a body. Take
/// the text of the rows out of `result`.
http::Response insert_answer(const Call& call, const std::string& table, data::WriteResult& result);
http::Response put_answer(const Call& call, data::WriteResult& result);
http::Response change_answer(const Call& call, Action action, data::WriteResult& result);

}  // namespace dunlin::api
