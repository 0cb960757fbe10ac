#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/rights.h"
#include "core/type.h"

namespace dunlin {

enum class IdentityColumn : std::uint8_t { None, ByDefault, Always };

struct Column {
    std::string name;
    Type type;
    bool not_null = false;
    /// PostgreSQL text of the default, "" for none. Serial and identity columns have none.
    std::string default_text{};
    /// PostgreSQL text of a stored generated column, "" for an ordinary one.
    std::string generated_text{};
    /// Numbers are given by the engine (serial, identity).
    IdentityColumn identity = IdentityColumn::None;
    std::string comment{};
    /// Views: the column of a table that this one shows unchanged (storage name, column), also
    /// through other views; "" for a computed one.
    std::string base_table{};
    std::string base_column{};
    /// Rights of the role whose view of the schema this is (AccessRules::schema_for); in the
    /// project's own schema everything is allowed. A hidden column does not exist for its reader:
    /// find_column() passes it over, and so must everything that lists columns for him.
    bool hidden = false;
    bool insertable = true;
    bool updatable = true;
    /// Granted on this column alone, besides what Table::granted allows on all of them.
    GrantedRights granted{};
};

/// Primary key or unique constraint; `columns` index into Table::columns.
struct Key {
    std::string name;
    std::vector<std::size_t> columns;
};

enum class ForeignKeyAction : std::uint8_t { NoAction, Restrict, Cascade, SetNull, SetDefault };

struct ForeignKey {
    std::string name;
    std::vector<std::size_t> columns;
    std::string target_schema;
    std::string target_table;
    std::vector<std::string> target_columns;
    ForeignKeyAction on_delete = ForeignKeyAction::NoAction;
    ForeignKeyAction on_update = ForeignKeyAction::NoAction;
    bool deferred = false;
};

struct CheckConstraint {
    std::string name;
    std::string text;  // PostgreSQL text
    /// Of a check that a column has from its domain: the domain's name, as it is shown, and the
    /// check's own name there. `name` is then that of SQLite's constraint only.
    std::string domain{};
    std::string domain_check{};
};

/// What a full-text index is over and where its words are: docs/formats/search-index.md.
struct SearchIndex {
    std::string table;  // the FTS5 table inside SQLite, unquoted
    /// PostgreSQL text of the tsvector.
    std::string vector_text;
    /// The same as SQLite text, for any name of the row: see vector_over().
    std::string vector_pattern;
    std::vector<std::string> columns{};  // that it is made from

    /// What stands in `vector_pattern` for the name of the row, in quotes.
    static constexpr std::string_view row_mark = "\x01";
    /// The tsvector of the row `row`, as SQLite text: two texts that are equal are the same vector.
    std::string vector_over(std::string_view row) const;
};

struct Index {
    std::string name;
    bool unique = false;
    /// Plain columns in order; empty when the index is over expressions or for searches.
    std::vector<std::size_t> columns;
    /// The SQLite statement that creates it, so that a rebuilt table gets it back. "" of a
    /// full-text index.
    std::string sqlite_text;
    std::optional<SearchIndex> search{};
};

enum class Command : std::uint8_t { All, Select, Insert, Update, Delete };

/// A row level security policy as written.
struct Policy {
    std::string name;
    Command command = Command::All;
    bool permissive = true;
    std::vector<std::string> roles{};  // empty means public: every role
    std::string using_text{};          // PostgreSQL text, "" for none
    std::string check_text{};
};

/// A parameter of a function, or a column of what it returns.
struct Parameter {
    std::string name;  // "" when it has none: $1 only
    Type type;
    std::string default_text{};  // PostgreSQL text, "" for none
    /// Of a parameter whose type is a table's row: its storage name. `type` has no meaning then.
    std::string row_table{};
};

enum class FunctionLanguage : std::uint8_t { Sql, PlPgSql };

/// What a function gives: nothing, one value, one row of a table, rows of named columns, or a
/// trigger's row.
enum class FunctionResult : std::uint8_t { Void, Scalar, Row, Columns, Trigger };

/// A function as written. Names may be overloaded: see Schema::functions.
struct Function {
    std::string schema = "public";
    std::string name;
    std::vector<Parameter> parameters{};
    FunctionResult result = FunctionResult::Void;
    bool returns_set = false;
    bool single_row = false;                  // SETOF with ROWS 1: a computed relationship to one
    Type result_type{};                       // Scalar
    std::string result_table{};               // Row: storage name of the table or view
    std::vector<Parameter> result_columns{};  // Columns: RETURNS TABLE and OUT parameters
    FunctionLanguage language = FunctionLanguage::Sql;
    enum class Volatility : std::uint8_t { Immutable, Stable, Volatile };
    Volatility volatility = Volatility::Volatile;
    bool security_definer = false;
    bool strict = false;  // RETURNS NULL ON NULL INPUT
    std::string body{};   // what stands between the dollar signs
    std::string comment{};
    /// Roles that may call it at /rpc; empty means every role, as PostgreSQL grants by default.
    std::vector<std::string> executors{};
};

enum class TriggerTiming : std::uint8_t { Before, After };

/// A trigger for each row.
struct Trigger {
    std::string name;  // they fire in the order of their names
    TriggerTiming timing = TriggerTiming::Before;
    bool on_insert = false;
    bool on_update = false;
    bool on_delete = false;
    std::vector<std::size_t> update_of{};  // columns; empty means any
    std::string when_text{};               // PostgreSQL text over NEW and OLD, "" for always
    std::string function_schema = "public";
    std::string function_name;
    std::vector<std::string> arguments{};  // TG_ARGV
    bool enabled = true;
};

enum class RelationKind : std::uint8_t { Table, View };

/// A table or view.
struct Table {
    std::string schema = "public";
    std::string name;
    RelationKind kind = RelationKind::Table;
    std::vector<Column> columns{};
    Key primary_key{};  // no columns when there is none
    std::vector<Key> unique_keys{};
    std::vector<ForeignKey> foreign_keys{};
    std::vector<CheckConstraint> checks{};
    std::vector<Index> indexes{};
    std::vector<Policy> policies{};
    std::vector<Trigger> triggers{};  // ordered by name
    bool row_security = false;
    /// Views: PostgreSQL text of the query; base tables are read with the caller's rights when
    /// `security_invoker`, else with the owner's (no policies).
    std::string view_text{};
    bool security_invoker = false;
    std::string comment{};
    GrantedRights granted = initial_rights;

    /// The name inside SQLite: "name" in schema public, "schema.name" in another. Unquoted.
    std::string storage_name() const;
    /// Index into columns, or nothing; a hidden column is not found.
    std::optional<std::size_t> find_column(std::string_view column) const;
    /// A name of SQLite's row number that no column hides; "" when all three are taken.
    std::string_view row_number() const;
};

struct EnumType {
    std::string schema = "public";
    std::string name;
    std::vector<std::string> labels;
};

struct DomainType {
    std::string schema = "public";
    std::string name;
    Type base;
    bool not_null = false;
    std::string default_text{};
    std::vector<CheckConstraint> checks{};  // over VALUE
};

/// Every table, view and type of a project. Immutable once built; shared between threads.
class Schema {
public:
    /// Ordered by (schema, name).
    std::map<std::pair<std::string, std::string>, Table> tables;
    std::map<std::pair<std::string, std::string>, EnumType> enums;
    std::map<std::pair<std::string, std::string>, DomainType> domains;
    /// Several functions of one name differ in their parameters.
    std::map<std::pair<std::string, std::string>, std::vector<Function>> functions;

    /// ALTER DEFAULT PRIVILEGES: what new tables of a schema allow; those of schemas that are not
    /// here allow initial_rights.
    std::map<std::string, GrantedRights> default_rights;

    /// nullptr when there is no such table or view.
    const Table* find(std::string_view schema, std::string_view name) const;
    /// By Table::storage_name().
    const Table* find_storage(std::string_view storage_name) const;
};

}  // namespace dunlin
