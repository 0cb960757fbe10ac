#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "query/table_sql.h"

namespace dunlin::api {

enum class Return : std::uint8_t { Minimal, HeadersOnly, Representation };

/// The `Prefer` header (RFC 7240) as PostgREST reads it. Unknown preferences are ignored, as the
/// RFC asks; those honoured come back in `Preference-Applied`.
struct Preferences {
    std::optional<Return> returning{};
    std::optional<query::Resolution> resolution{};
    bool count = false;  // exact, planned and estimated are all answered exactly
    std::string count_kind{};
    bool missing_default = false;

    /// Fails with 0A000 for tx=rollback and max-affected: to ignore them would write what must not
    /// be.
    static Result<Preferences> parse(std::string_view header);

    /// For Preference-Applied; "" when nothing was honoured.
    std::string applied() const;
};

}  // namespace dunlin::api
