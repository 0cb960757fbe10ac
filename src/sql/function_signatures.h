#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/expression.h"

/// PostgreSQL's functions with parameters of fixed types, and which of ours each is.
namespace dunlin::sql {

/// The type of a parameter or result: a kind, or an array of text.
struct SignatureType {
    // Not explicit: the table of signatures names kinds.
    constexpr SignatureType(TypeKind of) : kind(of) {}
    constexpr SignatureType(TypeKind of, bool is_array) : kind(of), array(is_array) {}

    Type type() const { return {.kind = kind, .array = array}; }

    TypeKind kind;
    bool array = false;
};

struct Signature {
    static constexpr std::size_t parameters_max = 6;

    struct Parameters {
        constexpr Parameters(std::initializer_list<SignatureType> types) : count(types.size()) {
            std::size_t i = 0;
            for (const SignatureType& type : types) list[i++] = type;
        }
        std::array<SignatureType, parameters_max> list{TypeKind::Text, TypeKind::Text,
                                                       TypeKind::Text, TypeKind::Text,
                                                       TypeKind::Text, TypeKind::Text};
        std::size_t count;
    };

    std::string_view name;      // as written, without a schema
    std::string_view function;  // ScalarFunction, or SQLite's own
    Parameters parameters;
    SignatureType result;
    std::size_t required = 99;  // arguments; more than parameters: all of them
    std::int64_t extra = -1;    // a last argument that ours has besides; -1 for none
};

/// Whether there is any of that name.
bool has_signature(std::string_view name);

/// The call of the one that fits best: one of the very types before others they convert to, then
/// the first. Nothing when none fits.
std::optional<Expression> call_by_signature(std::string_view name,
                                            const std::vector<Expression>& arguments);

}  // namespace dunlin::sql
