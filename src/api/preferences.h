#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "query/row_values.h"
#include "query/table_sql.h"

namespace dunlin::api {

enum class Return : std::uint8_t { Minimal, HeadersOnly, Representation };
enum class Count : std::uint8_t { Exact, Planned, Estimated };
enum class Handling : std::uint8_t { Lenient, Strict };
enum class Transaction : std::uint8_t { Commit, Rollback };

/// What a request does, as far as it decides which preferences are honoured.
enum class Action : std::uint8_t { Read, Create, Update, Put, Delete, Call };

/// The `Prefer` header (RFC 7240) as PostgREST reads it: of a preference given twice the first
/// counts. Unknown ones are ignored, as the RFC asks, unless handling=strict.
struct Preferences {
    std::optional<query::Resolution> resolution{};
    std::optional<query::Missing> missing{};
    std::optional<Return> returning{};
    std::optional<Count> count{};
    std::optional<Transaction> transaction{};
    std::optional<Handling> handling{};
    std::optional<std::string> timezone{};  // UTC only: it is what times are printed in
    std::optional<std::int64_t> affected_max{};
    bool position = false;  // of the snapshot read, as Dunlin-Position: our own

    /// Fails with PGRST122 for an unknown preference under handling=strict.
    static Result<Preferences> parse(std::string_view header);

    /// For Preference-Applied: what `action` honours; "" when that is nothing.
    std::string applied(Action action) const;

    /// The bound on affected rows, which only handling=strict makes one.
    std::optional<std::uint64_t> strict_affected_max() const;
};

}  // namespace dunlin::api
