#include "engine/sqlite/functions.h"

#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

#include "core/codec.h"
#include "engine/sqlite/statement.h"

namespace dunlin::engine::sqlite {

namespace {

constexpr int any_count = -1;

/// Orders two stored texts of a type whose values are not ordered by their bytes.
template <TypeKind kind>
int collate(void*, int left_size, const void* left, int right_size, const void* right) noexcept {
    const std::string_view left_text{static_cast<const char*>(left),
                                     static_cast<std::size_t>(left_size)};
    const std::string_view right_text{static_cast<const char*>(right),
                                      static_cast<std::size_t>(right_size)};
    try {
        return codec::compare_stored_texts({.kind = kind}, left_text, right_text);
    } catch (const std::exception&) {  // Out of memory; must not pass through SQLite's C frames.
        return left_text.compare(right_text);
    }
}

struct Collation {
    const char* name;  // of collation_name(), and what jsonb is ordered by
    int (*compare)(void*, int, const void*, int, const void*) noexcept;
};

constexpr Collation collations[] = {
    {"pg_citext", &collate<TypeKind::Citext>},     {"pg_inet", &collate<TypeKind::Inet>},
    {"pg_interval", &collate<TypeKind::Interval>}, {"pg_numeric", &collate<TypeKind::Numeric>},
    {"pg_range", &collate<TypeKind::NumRange>},    {"pg_jsonb", &collate<TypeKind::Jsonb>},
};

void give(sqlite3_context* context, const Value& value) {
    if (value.is_integer()) {
        sqlite3_result_int64(context, value.integer());
    } else if (value.is_real()) {
        sqlite3_result_double(context, value.real());
    } else if (value.is_text()) {
        sqlite3_result_text64(context, value.text().data(), value.text().size(), SQLITE_TRANSIENT,
                              SQLITE_UTF8);
    } else if (value.is_blob()) {
        sqlite3_result_blob64(context, value.bytes().data(), value.bytes().size(),
                              SQLITE_TRANSIENT);
    } else {
        sqlite3_result_null(context);
    }
}

}  // namespace

Result<void> Functions::install(sqlite3* database) {
    for (const ScalarFunction& function : scalar_functions()) {
        entries_.push_back(std::make_unique<Entry>(this, &function));
        const std::string name(function.name);
        const int flags =
            SQLITE_UTF8 | SQLITE_INNOCUOUS | (function.stable ? SQLITE_DETERMINISTIC : 0);
        const bool one_count = function.arguments_min == function.arguments_max;
        const int code = sqlite3_create_function_v2(
            database, name.c_str(), one_count ? function.arguments_min : any_count, flags,
            entries_.back().get(), &Functions::call, nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) {
            return std::unexpected(Error{ErrorCode::Internal, "cannot register function " + name});
        }
    }
    for (const Collation& collation : collations) {
        if (sqlite3_create_collation_v2(database, collation.name, SQLITE_UTF8, nullptr,
                                        collation.compare, nullptr) != SQLITE_OK) {
            return std::unexpected(Error{
                ErrorCode::Internal, fmt::format("cannot register collation {}", collation.name)});
        }
    }
    return {};
}

void Functions::call(sqlite3_context* context, int count, sqlite3_value** values) noexcept {
    const auto& entry = *static_cast<const Entry*>(sqlite3_user_data(context));
    Functions& self = *entry.owner;
    const ScalarFunction& function = *entry.function;
    const bool too_many = function.arguments_max >= 0 && count > function.arguments_max;
    if (count < function.arguments_min || too_many) {
        self.refuse(context,
                    sql_error("42883", fmt::format("function {} does not take {} arguments",
                                                   function.name, count)));
        return;
    }
    try {
        self.arguments_.clear();
        for (int i = 0; i < count; ++i) self.arguments_.push_back(value_of(values[i]));
        auto result = function.call(self.arguments_, self.context_);
        if (!result) return self.refuse(context, std::move(result.error()));
        give(context, *result);
    } catch (const std::exception&) {  // Must not pass through SQLite's C frames.
        sqlite3_result_error_nomem(context);
    }
}

void Functions::refuse(sqlite3_context* context, Error error) {
    sqlite3_result_error(context, error.message.c_str(), -1);
    error_ = std::move(error);
}

}  // namespace dunlin::engine::sqlite
