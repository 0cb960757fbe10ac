#include "sql/function_signatures.h"

#include <algorithm>

#include "sql/coerce.h"

namespace dunlin::sql {

namespace {

using enum TypeKind;

constexpr SignatureType text_array{Text, true};

/// Of several that arguments convert to, PostgreSQL's preferred types come first.
const Signature signatures[] = {
    // Who asks, ids
    {"auth.uid", "auth_uid", {}, Uuid},
    {"auth.role", "auth_role", {}, Text},
    {"auth.jwt", "auth_jwt", {}, Jsonb},
    {"auth.email", "auth_email", {}, Text},
    {"realtime.topic", "realtime_topic", {}, Text},
    {"gen_random_uuid", "gen_random_uuid", {}, Uuid},
    {"uuid_generate_v4", "gen_random_uuid", {}, Uuid},
    {"gen_random_bytes", "gen_random_bytes", {Int4}, Bytea},
    // Time
    {"crypt", "pg_crypt", {Text, Text}, Text},
    {"gen_salt", "pg_gen_salt", {Text, Int4}, Text, 1},
    {"now", "pg_now", {}, TimestampTz},
    {"transaction_timestamp", "pg_now", {}, TimestampTz},
    {"statement_timestamp", "pg_now", {}, TimestampTz},
    {"clock_timestamp", "pg_now", {}, TimestampTz},
    {"age", "pg_age", {TimestampTz, TimestampTz}, Interval},
    {"age", "pg_age", {Timestamp, Timestamp}, Interval},
    {"age", "pg_age", {TimestampTz}, Interval},
    {"age", "pg_age", {Timestamp}, Interval},
    {"date_trunc", "pg_date_trunc", {Text, TimestampTz}, TimestampTz},
    {"date_trunc", "pg_date_trunc", {Text, Timestamp}, Timestamp},
    {"date_part", "pg_date_part", {Text, TimestampTz}, Float8},
    {"date_part", "pg_date_part_time", {Text, Time}, Float8},
    {"date_part", "pg_date_part_interval", {Text, Interval}, Float8},
    {"extract", "pg_extract", {Text, TimestampTz}, Numeric},
    {"extract", "pg_extract_time", {Text, Time}, Numeric},
    {"extract", "pg_extract_interval", {Text, Interval}, Numeric},
    {"make_date", "pg_make_date", {Int4, Int4, Int4}, Date},
    {"make_time", "pg_make_time", {Int4, Int4, Float8}, Time},
    {"make_timestamp", "pg_make_timestamp", {Int4, Int4, Int4, Int4, Int4, Float8}, Timestamp},
    {"make_timestamptz", "pg_make_timestamp", {Int4, Int4, Int4, Int4, Int4, Float8}, TimestampTz},
    {"to_date", "pg_to_date", {Text, Text}, Date},
    {"to_timestamp", "pg_to_timestamp", {Text, Text}, TimestampTz},
    {"to_timestamp", "pg_instant_of_seconds", {Float8}, TimestampTz},
    {"to_char", "pg_to_char_timestamptz", {TimestampTz, Text}, Text},
    {"to_char", "pg_to_char_timestamp", {Timestamp, Text}, Text},
    {"to_char", "pg_to_char_numeric", {Int8, Text}, Text},
    {"to_char", "pg_to_char_numeric", {Numeric, Text}, Text},
    {"to_char", "pg_to_char_float4", {Float4, Text}, Text},
    {"to_char", "pg_to_char_float8", {Float8, Text}, Text},
    // Text
    {"lower", "pg_lower", {Text}, Text},
    {"upper", "pg_upper", {Text}, Text},
    {"initcap", "pg_initcap", {Text}, Text},
    {"length", "pg_length", {Text}, Int4},
    {"length", "pg_byte_count", {Bytea}, Int4},
    {"char_length", "pg_length", {Text}, Int4},
    {"character_length", "pg_length", {Text}, Int4},
    {"octet_length", "pg_byte_count", {Text}, Int4},
    {"octet_length", "pg_byte_count", {Bytea}, Int4},
    {"btrim", "pg_btrim", {Text, Text}, Text, 1},
    {"ltrim", "pg_ltrim", {Text, Text}, Text, 1},
    {"rtrim", "pg_rtrim", {Text, Text}, Text, 1},
    {"lpad", "pg_lpad", {Text, Int4, Text}, Text, 2},
    {"rpad", "pg_rpad", {Text, Int4, Text}, Text, 2},
    {"repeat", "pg_repeat", {Text, Int4}, Text},
    {"reverse", "pg_reverse", {Text}, Text},
    {"replace", "pg_replace", {Text, Text, Text}, Text},
    {"translate", "pg_translate", {Text, Text, Text}, Text},
    {"overlay", "pg_overlay", {Text, Text, Int4, Int4}, Text, 3},
    {"split_part", "pg_split_part", {Text, Text, Int4}, Text},
    {"substring", "pg_regexp_substring", {Text, Text}, Text},
    {"substring", "pg_substring", {Text, Int4, Int4}, Text, 2},
    {"substr", "pg_substring", {Text, Int4, Int4}, Text, 2},
    {"left", "pg_left", {Text, Int4}, Text},
    {"right", "pg_right", {Text, Int4}, Text},
    {"position", "pg_position", {Text, Text}, Int4},
    {"strpos", "pg_position", {Text, Text}, Int4},
    {"starts_with", "pg_starts_with", {Text, Text}, Bool},
    {"ascii", "pg_ascii", {Text}, Int4},
    {"chr", "pg_chr", {Int4}, Text},
    {"to_hex", "pg_to_hex", {Int4}, Text, 99, 4},
    {"to_hex", "pg_to_hex", {Int8}, Text, 99, 8},
    {"quote_literal", "pg_quote_literal", {Text}, Text},
    {"quote_nullable", "pg_quote_nullable", {Text}, Text},
    {"regexp_replace", "pg_regexp_replace", {Text, Text, Text, Text}, Text, 3},
    {"regexp_match", "pg_regexp_match", {Text, Text, Text}, text_array, 2},
    {"regexp_split_to_array", "pg_regexp_split", {Text, Text, Text}, text_array, 2},
    {"regexp_like", "pg_regexp_like", {Text, Text, Text}, Bool, 2},
    {"regexp_count", "pg_regexp_count", {Text, Text}, Int4},
    {"string_to_array", "pg_string_to_array", {Text, Text, Text}, text_array, 2},
    // Bytes
    {"md5", "pg_md5", {Text}, Text},
    {"md5", "pg_md5", {Bytea}, Text},
    {"sha224", "pg_sha224", {Bytea}, Bytea},
    {"sha256", "pg_sha256", {Bytea}, Bytea},
    {"sha384", "pg_sha384", {Bytea}, Bytea},
    {"sha512", "pg_sha512", {Bytea}, Bytea},
    {"digest", "pg_digest", {Text, Text}, Bytea},
    {"digest", "pg_digest", {Bytea, Text}, Bytea},
    {"encode", "pg_encode", {Bytea, Text}, Text},
    {"decode", "pg_decode", {Text, Text}, Bytea},
    {"convert_to", "pg_convert_to", {Text, Text}, Bytea},
    {"convert_from", "pg_convert_from", {Bytea, Text}, Text},
    // JSON
    {"jsonb_typeof", "pg_json_typeof", {Jsonb}, Text},
    {"json_typeof", "pg_json_typeof", {Json}, Text},
    {"jsonb_array_length", "pg_json_array_length", {Jsonb}, Int4},
    {"json_array_length", "pg_json_array_length", {Json}, Int4},
    {"jsonb_set", "pg_jsonb_set", {Jsonb, text_array, Jsonb, Bool}, Jsonb, 3},
    {"jsonb_insert", "pg_jsonb_insert", {Jsonb, text_array, Jsonb, Bool}, Jsonb, 3},
    {"jsonb_strip_nulls", "pg_jsonb_strip_nulls", {Jsonb}, Jsonb},
    {"jsonb_pretty", "pg_jsonb_pretty", {Jsonb}, Text},
    // Numbers
    {"abs", "pg_abs", {Int8}, Int8},
    {"abs", "pg_abs", {Float8}, Float8},
    {"abs", "pg_abs", {Numeric}, Numeric},
    {"mod", "pg_mod", {Int4, Int4}, Int4},
    {"mod", "pg_mod", {Int8, Int8}, Int8},
    {"mod", "pg_numeric_mod", {Numeric, Numeric}, Numeric},
    {"gcd", "pg_gcd", {Int4, Int4}, Int4},
    {"gcd", "pg_gcd", {Int8, Int8}, Int8},
    {"div", "pg_numeric_quotient", {Numeric, Numeric}, Numeric},
    {"round", "pg_round", {Float8}, Float8},
    {"round", "pg_numeric_round", {Numeric, Int4}, Numeric, 1},
    {"trunc", "pg_trunc", {Float8}, Float8},
    {"trunc", "pg_numeric_trunc", {Numeric, Int4}, Numeric, 1},
    {"ceil", "pg_ceil", {Float8}, Float8},
    {"ceil", "pg_numeric_ceil", {Numeric}, Numeric},
    {"ceiling", "pg_ceil", {Float8}, Float8},
    {"ceiling", "pg_numeric_ceil", {Numeric}, Numeric},
    {"floor", "pg_floor", {Float8}, Float8},
    {"floor", "pg_numeric_floor", {Numeric}, Numeric},
    {"sign", "pg_sign", {Float8}, Float8},
    {"sign", "pg_numeric_sign", {Numeric}, Numeric},
    {"power", "pg_power", {Float8, Float8}, Float8},
    {"pow", "pg_power", {Float8, Float8}, Float8},
    {"sqrt", "pg_sqrt", {Float8}, Float8},
    {"exp", "pg_exp", {Float8}, Float8},
    {"ln", "pg_ln", {Float8}, Float8},
    {"log", "pg_log", {Float8}, Float8},
    {"log10", "pg_log", {Float8}, Float8},
    {"cbrt", "pg_cbrt", {Float8}, Float8},
    {"sin", "pg_sin", {Float8}, Float8},
    {"cos", "pg_cos", {Float8}, Float8},
    {"tan", "pg_tan", {Float8}, Float8},
    {"asin", "pg_asin", {Float8}, Float8},
    {"acos", "pg_acos", {Float8}, Float8},
    {"atan", "pg_atan", {Float8}, Float8},
    {"atan2", "pg_atan2", {Float8, Float8}, Float8},
    {"degrees", "pg_degrees", {Float8}, Float8},
    {"radians", "pg_radians", {Float8}, Float8},
    {"pi", "pg_pi", {}, Float8},
    {"random", "pg_random", {}, Float8},
};

/// The arguments as the signature wants them; nothing when they do not fit.
std::optional<std::vector<Expression>> fit(const Signature& signature,
                                           const std::vector<Expression>& given) {
    const std::size_t count = signature.parameters.count;
    if (given.size() < std::min(signature.required, count) || given.size() > count)
        return std::nullopt;
    std::vector<Expression> fitted;
    for (std::size_t i = 0; i < given.size(); ++i) {
        auto typed = coerce(given[i], signature.parameters.list[i].type());
        if (!typed) return std::nullopt;
        fitted.push_back(std::move(*typed));
    }
    return fitted;
}

bool is_exact(const Signature& signature, const std::vector<Expression>& given) {
    for (std::size_t i = 0; i < given.size() && i < signature.parameters.count; ++i) {
        const SignatureType& wanted = signature.parameters.list[i];
        const bool same = given[i].type.kind == wanted.kind && given[i].type.array == wanted.array;
        if (!is_unknown(given[i]) && !same) return false;
    }
    return true;
}

}  // namespace

bool has_signature(std::string_view name) {
    return std::ranges::any_of(signatures, [&](const Signature& s) { return s.name == name; });
}

std::optional<Expression> call_by_signature(std::string_view name,
                                            const std::vector<Expression>& arguments) {
    for (const bool exactly : {true, false}) {
        for (const Signature& signature : signatures) {
            if (signature.name != name || (exactly && !is_exact(signature, arguments))) continue;
            auto fitted = fit(signature, arguments);
            if (!fitted) continue;
            if (signature.extra >= 0)
                fitted->push_back(make_literal(Value(signature.extra), {.kind = Int8}));
            return make_call(std::string(signature.function), signature.result.type(),
                             std::move(*fitted));
        }
    }
    return std::nullopt;
}

}  // namespace dunlin::sql
