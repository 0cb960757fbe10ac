#include "query/sqlite_fixture.h"

#include <utility>

#include "core/check.h"
#include "core/decimal.h"
#include "core/functions.h"
#include "query/read_rows.h"
#include "query/sql_builder.h"

namespace dunlin::query {

namespace {

std::string_view text_of(sqlite3_value* value) {
    return {reinterpret_cast<const char*>(sqlite3_value_text(value)),
            static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

Value argument(sqlite3_value* value) {
    switch (sqlite3_value_type(value)) {
        case SQLITE_INTEGER:
            return Value(static_cast<std::int64_t>(sqlite3_value_int64(value)));
        case SQLITE_FLOAT:
            return Value(sqlite3_value_double(value));
        case SQLITE_TEXT:
            return Value(text_of(value));
        case SQLITE_BLOB:
            return Value(Blob{std::string(static_cast<const char*>(sqlite3_value_blob(value)),
                                          static_cast<std::size_t>(sqlite3_value_bytes(value)))});
        default:
            return {};
    }
}

int collate(void*, int left_size, const void* left, int right_size, const void* right) {
    return compare_decimal({static_cast<const char*>(left), static_cast<std::size_t>(left_size)},
                           {static_cast<const char*>(right), static_cast<std::size_t>(right_size)});
}

void bind(sqlite3_stmt* statement, int index, const Value& value) {
    if (value.is_integer()) {
        sqlite3_bind_int64(statement, index, value.integer());
    } else if (value.is_real()) {
        sqlite3_bind_double(statement, index, value.real());
    } else if (value.is_text()) {
        sqlite3_bind_text(statement, index, value.text().data(),
                          static_cast<int>(value.text().size()), SQLITE_STATIC);
    }
}

Row row_of(sqlite3_stmt* statement) {
    Row row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        row.push_back(argument(sqlite3_column_value(statement, i)));
    }
    return row;
}

}  // namespace

void TestDatabase::call(sqlite3_context* context, int count, sqlite3_value** values) {
    const auto* entry = static_cast<const Entry*>(sqlite3_user_data(context));
    std::vector<Value> arguments;
    for (int i = 0; i < count; ++i) arguments.push_back(argument(values[i]));
    const auto result = entry->function->call(arguments, {});
    if (!result) {
        entry->owner->refusal_ = result.error();
        return sqlite3_result_error(context, result.error().message.c_str(), -1);
    }
    if (result->is_integer()) return sqlite3_result_int64(context, result->integer());
    if (result->is_real()) return sqlite3_result_double(context, result->real());
    if (!result->is_text()) return sqlite3_result_null(context);
    sqlite3_result_text(context, result->text().data(), static_cast<int>(result->text().size()),
                        SQLITE_TRANSIENT);
}

void TestDatabase::note_write(void* self, sqlite3* database, int operation, const char*,
                              const char*, sqlite3_int64, sqlite3_int64) {
    if (operation == SQLITE_DELETE) return;
    Row row;
    for (int i = 0; i < sqlite3_preupdate_count(database); ++i) {
        sqlite3_value* value = nullptr;
        CHECK(sqlite3_preupdate_new(database, i, &value) == SQLITE_OK);
        row.push_back(argument(value));
    }
    static_cast<TestDatabase*>(self)->written_.push_back(std::move(row));
}

TestDatabase::TestDatabase() : handle_(nullptr, &sqlite3_close) {
    sqlite3* handle = nullptr;
    CHECK(sqlite3_open(":memory:", &handle) == SQLITE_OK);
    handle_.reset(handle);
    for (const ScalarFunction& function : scalar_functions()) entries_.push_back({this, &function});
    for (Entry& entry : entries_) {
        const std::string name(entry.function->name);
        CHECK(sqlite3_create_function(handle, name.c_str(), -1, SQLITE_UTF8, &entry, &call, nullptr,
                                      nullptr) == SQLITE_OK);
    }
    CHECK(sqlite3_create_collation(handle, "pg_numeric", SQLITE_UTF8, nullptr, &collate) ==
          SQLITE_OK);
    for (const std::string& sql : patients_statements()) CHECK(run(sql).has_value());
    sqlite3_preupdate_hook(handle, &note_write, this);
}

Result<std::vector<Row>> TestDatabase::run(const std::string& sql,
                                           const std::vector<Value>& parameters) {
    sqlite3_stmt* prepared = nullptr;
    const int size = static_cast<int>(sql.size());
    int code = sqlite3_prepare_v2(handle_.get(), sql.c_str(), size, &prepared, nullptr);
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared,
                                                                          &sqlite3_finalize);
    std::vector<Row> rows;
    for (std::size_t i = 0; code == SQLITE_OK && i < parameters.size(); ++i) {
        bind(prepared, static_cast<int>(i + 1), parameters[i]);
    }
    while (code == SQLITE_OK && sqlite3_step(prepared) == SQLITE_ROW)
        rows.push_back(row_of(prepared));
    if (sqlite3_errcode(handle_.get()) == SQLITE_DONE ||
        sqlite3_errcode(handle_.get()) == SQLITE_OK) {
        return rows;
    }
    if (!refusal_.message.empty()) return std::unexpected(std::exchange(refusal_, Error{}));
    return std::unexpected(
        Error{ErrorCode::Internal, std::string(sqlite3_errmsg(handle_.get())) + " in " + sql});
}

Table patients_table() {
    const Type mood{.kind = TypeKind::Enum, .enum_name = "mood", .labels = {"sad", "ok", "happy"}};
    Table table{.schema = "clinic", .name = "patients"};
    table.columns = {
        {.name = "id",
         .type = {TypeKind::Int8},
         .not_null = true,
         .identity = IdentityColumn::ByDefault},
        {.name = "name", .type = {TypeKind::Text}, .not_null = true},
        {.name = "age", .type = {TypeKind::Int4}},
        {.name = "weight", .type = {.kind = TypeKind::Numeric, .precision = 6, .scale = 2}},
        {.name = "mood", .type = mood},
        {.name = "tags", .type = {.kind = TypeKind::Text, .array = true}},
        {.name = "data", .type = {TypeKind::Jsonb}},
        {.name = "seen", .type = {TypeKind::TimestampTz}},
        {.name = "active", .type = {TypeKind::Bool}, .not_null = true, .default_text = "true"},
        {.name = "twice", .type = {TypeKind::Int4}, .generated_text = "age * 2"},
        {.name = "raw", .type = {TypeKind::Json}},
        {.name = "score", .type = {TypeKind::Float8}},
    };
    table.primary_key = {"patients_pkey", {0}};
    table.unique_keys = {{"patients_name_key", {1}}};
    return table;
}

std::vector<std::string> patients_statements() {
    return {
        R"(create table "clinic.patients" ("id" integer primary key, "name" text not null unique,
           "age" integer, "weight" text collate pg_numeric, "mood" text, "tags" text, "data" text,
           "seen" integer, "active" integer not null default 1,
           "twice" integer generated always as ("age" * 2) stored, "raw" text, "score" real) strict)",
        R"(insert into "clinic.patients" ("id", "name", "age", "weight", "mood", "tags", "data", "seen",
           "active", "raw", "score") values
           (1, 'Ann', 30, '70.50', 'happy', '["a","b"]', '{"k": 1, "list": [10, 20], "t": "x"}', 0, 1, '{}', 1.5),
           (2, 'Bob', 40, '100.00', 'sad', '["b","c"]', '{"k": 2, "t": "y"}', 1000000, 0, null, null),
           (3, 'C%l', null, null, 'ok', null, null, null, 1, null, -1.0),
           (4, 'dee', 20, '9.00', null, '[]', '{"k": null}', 2000000, 1, null, 2.0))",
    };
}

Result<RelationSource> unrestricted(const Table& table, std::string_view) {
    return RelationSource{quote_identifier(table.storage_name())};
}

std::string answer_to(TestDatabase& database, const Table& table, std::string_view url,
                      const ReadContext& context, const std::vector<Row>& given) {
    const auto query = parse_url(url);
    if (!query) return shown(query.error());
    const auto plan = plan_read(table, *query, context);
    if (!plan) return shown(plan.error());
    const auto fetched = fetch_rows(
        *plan, given, [&](const SqlText& text) { return database.run(text.sql, text.parameters); });
    if (!fetched) return shown(fetched.error());
    auto json = print_json(*fetched);
    return json ? *json : shown(json.error());
}

Result<RestQuery> parse_url(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> parameters;
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const auto pair = text.substr(0, end);
        const auto equals = std::min(pair.find('='), pair.size());
        parameters.emplace_back(pair.substr(0, equals),
                                equals < pair.size() ? pair.substr(equals + 1) : "");
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parse_rest_query(parameters);
}

std::string shown(const Error& error) {
    std::string out = error.sqlstate + " " + error.message;
    if (!error.details.empty()) out += " [" + error.details + "]";
    if (!error.hint.empty()) out += " [" + error.hint + "]";
    return out;
}

}  // namespace dunlin::query
