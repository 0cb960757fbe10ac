#pragma once

#include <re2/re2.h>

#include <string_view>

#include "core/result.h"

/// PostgreSQL's regular expressions by RE2: in time linear to the text, without back references and
/// look-around.
namespace dunlin::functions {

enum class LetterCase : std::uint8_t { Sensitive, Insensitive };

/// Which of several matches at a place is taken.
enum class Preference : std::uint8_t {
    Any,  // only whether there is one counts
    /// PostgreSQL's: the longest, or the shortest where every quantifier is a lazy one. Fails with
    /// 0A000 for expressions with quantifiers of both kinds, and with lazy ones beside `|`, whose
    /// matches RE2 would choose in another way.
    PostgreSql,
};

/// Compiled once for each thread that asks again. Fails with 2201B for what is no expression.
Result<const RE2*> regular_expression(std::string_view pattern, LetterCase letter_case,
                                      Preference preference);

}  // namespace dunlin::functions
