#pragma once

#include "sql/ddl_table.h"

/// ALTER TABLE, shared by its files.
namespace dunlin::sql {

/// One ALTER TABLE: its commands change the model, then the table is made anew at most once.
struct Alteration {
    Builder& builder;
    Table& table;
    int offset;
    Copy copy{};
    bool rebuild = false;
    /// Columns that SQLite can add in place: nullable, without a default, in no constraint.
    std::vector<std::string> plain_columns{};

    Parsed<std::size_t> column(const char* name) const {
        return find_column(table, text_of(name), offset);
    }
};

/// ALTER COLUMN: its type, default, NOT NULL, identity and generated value.
Done alter_type(Alteration& change, const PgQuery__AlterTableCmd& command);
Done set_column_default(Alteration& change, const PgQuery__AlterTableCmd& command);
enum class Nulls : std::uint8_t { Allowed, Refused };
Done set_nulls(Alteration& change, const PgQuery__AlterTableCmd& command, Nulls nulls);
Done add_identity(Alteration& change, const PgQuery__AlterTableCmd& command);
Done drop_identity(Alteration& change, const PgQuery__AlterTableCmd& command);
Done drop_expression(Alteration& change, const PgQuery__AlterTableCmd& command);

}  // namespace dunlin::sql
