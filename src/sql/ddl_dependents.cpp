#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl_table.h"

namespace dunlin::sql {

namespace {

Done require_valid_policies(const Schema& schema, const Table& table) {
    for (const Policy& policy : table.policies) {
        for (const std::string* text : {&policy.using_text, &policy.check_text}) {
            if (text->empty()) continue;
            auto condition = analyze_expression(schema, &table, *text, &bool_type());
            if (condition) continue;
            return refuse(-1, "2BP01",
                          fmt::format("policy \"{}\" of table \"{}\" would no longer work: {}",
                                      policy.name, table.name, condition.error().error.message),
                          "Drop the policy first and create it again after the change.");
        }
    }
    return {};
}

}  // namespace

std::unexpected<Refusal> broken_view(const RelationName& name, const Error& cause) {
    return refuse(
        -1, "2BP01",
        fmt::format("view \"{}\" would no longer work: {}", shown_name(name), cause.message),
        "Drop the view first and create it again after the change.");
}

Done require_valid_dependents(Builder& builder) {
    builder.compile_all = true;  // functions may be made anew before the file ends
    for (auto& [name, table] : builder.schema.tables) {
        if (auto valid = require_valid_policies(builder.schema, table); !valid) return valid;
        if (table.kind != RelationKind::View) continue;
        if (auto fresh = refresh_view(builder.schema, table); fresh)
            continue;
        else
            return broken_view(name, fresh.error().error);
    }
    return {};
}

bool refers_to(const ForeignKey& key, const Table& table) {
    return key.target_schema == table.schema && key.target_table == table.name;
}

Done drop_references(Builder& builder, const Table& target, const ReferenceFilter& affected,
                     bool cascade, std::string_view what, int offset) {
    for (auto& [name, table] : builder.schema.tables) {
        const bool itself = table.schema == target.schema && table.name == target.name;
        const auto affects = [&](const ForeignKey& key) {
            return refers_to(key, target) && affected(key);
        };
        const auto found = std::ranges::find_if(table.foreign_keys, affects);
        if (found == table.foreign_keys.end()) continue;
        if (!itself && !cascade) {
            return refuse(
                offset, "2BP01",
                fmt::format(
                    "cannot drop {} because constraint \"{}\" of table \"{}\" depends on it", what,
                    found->name, table.name),
                "Drop that constraint first, or use CASCADE.");
        }
        std::erase_if(table.foreign_keys, affects);
        if (itself) continue;  // The caller makes it anew or drops it.
        if (auto done = rebuild_table(builder, table, {}); !done) return done;
    }
    return {};
}

}  // namespace dunlin::sql
