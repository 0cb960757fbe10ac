#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

/// The body of a write or a call: rows of names and JSON texts, numbers with all their digits.
namespace dunlin::query {

/// One object of a body. Of members with the same name the last counts.
struct BodyObject {
    std::vector<std::pair<std::string, std::string>> members{};  // name, text of a JSON value

    /// nullptr when there is no such member.
    const std::string* find(std::string_view name) const;
};

struct Body {
    std::vector<BodyObject> objects{};
};

/// Whether it is JSON, nested at most limits::body_depth_max deep.
bool is_json(std::string_view text);

/// One object, or an array of objects. Fails with PGRST102 for what is no JSON, nested deeper than
/// limits::body_depth_max or no object; with LimitExceeded over limits::body_values_max.
Result<Body> parse_json_body(std::string_view text);

/// RFC 4180 with a header line; the word NULL is null, everything else a text. Fails with PGRST102
/// when the lines have different numbers of fields.
Result<Body> parse_csv_body(std::string_view text);

/// One object of texts: the fields of a form.
Body form_body(const std::vector<std::pair<std::string, std::string>>& fields);

/// PGRST102
Error invalid_body(std::string message);

}  // namespace dunlin::query
