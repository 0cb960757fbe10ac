#include "sql/sqlstates.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dunlin::sql {

namespace {

constexpr std::pair<std::string_view, std::string_view> conditions[] = {
    {"active_sql_transaction", "25001"},
    {"ambiguous_column", "42702"},
    {"ambiguous_function", "42725"},
    {"array_subscript_error", "2202E"},
    {"assert_failure", "P0004"},
    {"case_not_found", "20000"},
    {"cardinality_violation", "21000"},
    {"character_not_in_repertoire", "22021"},
    {"check_violation", "23514"},
    {"configuration_limit_exceeded", "53400"},
    {"connection_exception", "08000"},
    {"data_corrupted", "XX001"},
    {"data_exception", "22000"},
    {"datatype_mismatch", "42804"},
    {"datetime_field_overflow", "22008"},
    {"deadlock_detected", "40P01"},
    {"dependent_objects_still_exist", "2BP01"},
    {"disk_full", "53100"},
    {"division_by_zero", "22012"},
    {"duplicate_column", "42701"},
    {"duplicate_function", "42723"},
    {"duplicate_object", "42710"},
    {"duplicate_table", "42P07"},
    {"exclusion_violation", "23P01"},
    {"feature_not_supported", "0A000"},
    {"foreign_key_violation", "23503"},
    {"generated_always", "428C9"},
    {"grouping_error", "42803"},
    {"insufficient_privilege", "42501"},
    {"insufficient_resources", "53000"},
    {"integrity_constraint_violation", "23000"},
    {"internal_error", "XX000"},
    {"interval_field_overflow", "22015"},
    {"invalid_authorization_specification", "28000"},
    {"invalid_column_reference", "42P10"},
    {"invalid_datetime_format", "22007"},
    {"invalid_foreign_key", "42830"},
    {"invalid_parameter_value", "22023"},
    {"invalid_password", "28P01"},
    {"invalid_regular_expression", "2201B"},
    {"invalid_schema_name", "3F000"},
    {"invalid_text_representation", "22P02"},
    {"invalid_transaction_state", "25000"},
    {"lock_not_available", "55P03"},
    {"name_too_long", "42622"},
    {"no_data_found", "P0002"},
    {"not_null_violation", "23502"},
    {"null_value_not_allowed", "22004"},
    {"numeric_value_out_of_range", "22003"},
    {"object_in_use", "55006"},
    {"object_not_in_prerequisite_state", "55000"},
    {"operator_intervention", "57000"},
    {"out_of_memory", "53200"},
    {"plpgsql_error", "P0000"},
    {"program_limit_exceeded", "54000"},
    {"query_canceled", "57014"},
    {"raise_exception", "P0001"},
    {"read_only_sql_transaction", "25006"},
    {"reserved_name", "42939"},
    {"restrict_violation", "23001"},
    {"serialization_failure", "40001"},
    {"sql_routine_exception", "2F000"},
    {"statement_too_complex", "54001"},
    {"string_data_right_truncation", "22001"},
    {"substring_error", "22011"},
    {"syntax_error", "42601"},
    {"syntax_error_or_access_rule_violation", "42000"},
    {"system_error", "58000"},
    {"too_many_arguments", "54023"},
    {"too_many_columns", "54011"},
    {"too_many_connections", "53300"},
    {"too_many_rows", "P0003"},
    {"transaction_rollback", "40000"},
    {"triggered_action_exception", "09000"},
    {"triggered_data_change_violation", "27000"},
    {"undefined_column", "42703"},
    {"undefined_function", "42883"},
    {"undefined_object", "42704"},
    {"undefined_parameter", "42P02"},
    {"undefined_table", "42P01"},
    {"unique_violation", "23505"},
    {"windowing_error", "42P20"},
    {"with_check_option_violation", "44000"},
    {"wrong_object_type", "42809"},
};

bool is_code_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

}  // namespace

Result<std::string> sqlstate_of(std::string_view condition) {
    if (condition.size() == 5 && std::ranges::all_of(condition, is_code_character))
        return std::string(condition);
    const auto known = std::ranges::find(conditions, condition,
                                         &std::pair<std::string_view, std::string_view>::first);
    if (known != std::end(conditions)) return std::string(known->second);
    return std::unexpected(
        sql_error("42704", fmt::format("unrecognized exception condition \"{}\"", condition), "",
                  "Use a SQLSTATE of five characters."));
}

}  // namespace dunlin::sql
