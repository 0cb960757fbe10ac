#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/schema.h"

namespace dunlin::server {

/// Indented lines of TypeScript.
class TypeScriptLines {
public:
    /// `text` on a line of its own, two blanks in for each open block.
    void line(std::string_view text);
    /// `head {`; what follows is inside until close().
    void open(std::string_view head);
    void close() { close_as("}"); }
    /// Ends a block with another line than `}`.
    void close_as(std::string_view text);

    std::string take() { return std::move(text_); }

private:
    std::string text_;
    std::size_t depth_ = 0;
};

/// A property name: quoted when it is not an identifier.
std::string property_name(std::string_view name);

/// `text` as a string literal.
std::string string_literal(std::string_view text);

/// A list of string literals between `separator`: `"a" | "b"`.
std::string string_literals(const std::vector<std::string>& texts, std::string_view separator);

/// Prints the types of values as JSON brings them to a client, for a file with `schemas` in it: an
/// enum of another schema is written out.
class TypeScriptTypes {
public:
    /// Borrows both.
    TypeScriptTypes(const Schema& schema, const std::vector<std::string>& schemas)
        : schema_(schema), schemas_(schemas) {}

    /// `number`, `string[]`, `Database["public"]["Enums"]["mood"]`.
    std::string type_text(const Type& type) const;
    bool has_schema(std::string_view schema) const;
    const Schema& schema() const { return schema_; }

private:
    std::string enum_text(const Type& type) const;

    const Schema& schema_;
    const std::vector<std::string>& schemas_;
};

/// The type `Json`, which stands at the head of the file.
std::string_view json_type_text();

/// `Tables<>`, `TablesInsert<>`, `TablesUpdate<>`, `Enums<>` and `CompositeTypes<>` over
/// `Database`, for which names without a schema are of `default_schema`.
std::string helper_types_text(std::string_view default_schema);

}  // namespace dunlin::server
