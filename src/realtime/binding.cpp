#include "realtime/binding.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cctype>
#include <string_view>
#include <utility>

#include "policy/channel_messages.h"

namespace dunlin::realtime {

namespace {

namespace json = boost::json;

constexpr std::string_view group_prefix = "group:";

std::string text_of(const json::value& value) {
    const json::string& text = value.get_string();
    return std::string(text.data(), text.size());
}

Error not_text(std::string_view key) {
    return Error{ErrorCode::InvalidInput,
                 "`" + std::string(key) + "` of a postgres_changes entry is not text"};
}

Result<std::optional<std::string>> read_optional(const json::object& object, const char* key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) return std::optional<std::string>();
    if (!value->is_string()) return std::unexpected(not_text(key));
    return text_of(*value);
}

/// FNV-1a, 64 bits, over a text and its end.
void add_to_hash(std::uint64_t& hash, std::string_view text) {
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    }
    hash = (hash ^ 0xFF) * 0x100000001B3ULL;  // 0xFF is in no UTF-8 text
}

void add_optional_to_hash(std::uint64_t& hash, const std::optional<std::string>& text) {
    add_to_hash(hash, text ? "=" + *text : std::string());
}

KindSet kinds_of_event(std::string_view event) {
    std::string upper(event);
    std::ranges::transform(upper, upper.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (upper == "INSERT") return kind_bit(ChangeKind::Insert);
    if (upper == "UPDATE") return kind_bit(ChangeKind::Update);
    if (upper == "DELETE") return kind_bit(ChangeKind::Delete);
    if (upper != "*") return 0;
    return kind_bit(ChangeKind::Insert) | kind_bit(ChangeKind::Update) |
           kind_bit(ChangeKind::Delete);
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
    return out;
}

std::string describe(const BindingRequest& request) {
    const bool whole_schema = request.schema && !request.table;
    return "[event: " + request.event + ", schema: " + request.schema.value_or("public") +
           ", table: " + (whole_schema ? "*" : request.table.value_or("*")) + ", filters: [" +
           request.filter.value_or("") + "], select: [" + joined(request.select) + "]]";
}

std::vector<const Table*> find_tables(const Schema& schema, const std::string& schema_name,
                                      const std::string& table_name) {
    std::vector<const Table*> found;
    for (const auto& [name, table] : schema.tables) {
        if (table.kind != RelationKind::Table) continue;
        if (policy::is_channel_messages(table)) continue;  // its rows are heard as broadcasts
        if (schema_name != "*" && schema_name != name.first) continue;
        if (table_name != "*" && table_name != name.second) continue;
        // A wildcard means the tables that there are for the reader.
        const bool named = schema_name != "*" && table_name != "*";
        if (!named && std::ranges::all_of(table.columns, &Column::hidden)) continue;
        found.push_back(&table);
    }
    return found;
}

/// As for a wildcard: those that there are for the reader.
std::vector<const Table*> find_group_tables(
    const Schema& schema, const std::vector<std::pair<std::string, std::string>>& names) {
    std::vector<const Table*> found;
    for (const auto& [schema_name, table_name] : names) {
        const Table* table = schema.find(schema_name, table_name);
        if (table == nullptr || table->kind != RelationKind::Table) continue;
        if (policy::is_channel_messages(*table)) continue;
        if (std::ranges::all_of(table->columns, &Column::hidden)) continue;
        found.push_back(table);
    }
    return found;
}

Result<std::shared_ptr<const Projection>> read_projection(const Table& table,
                                                          const std::vector<std::string>& select) {
    Projection columns = table.primary_key.columns;
    for (const std::string& name : select) {
        const auto column = table.find_column(name);
        if (!column) {
            return std::unexpected(
                Error{ErrorCode::InvalidInput, "column \"" + name + "\" does not exist"});
        }
        columns.push_back(*column);
    }
    std::ranges::sort(columns);
    columns.erase(std::ranges::unique(columns).begin(), columns.end());
    return std::make_shared<const Projection>(std::move(columns));
}

}  // namespace

Result<BindingRequest> read_binding_request(const json::object& object) {
    BindingRequest request;
    const json::value* event = object.if_contains("event");
    if (event == nullptr || !event->is_string()) return std::unexpected(not_text("event"));
    request.event = text_of(*event);
    auto schema = read_optional(object, "schema");
    if (!schema) return std::unexpected(schema.error());
    auto table = read_optional(object, "table");
    if (!table) return std::unexpected(table.error());
    auto filter = read_optional(object, "filter");
    if (!filter) return std::unexpected(filter.error());
    request.schema = std::move(*schema);
    request.table = std::move(*table);
    request.filter = std::move(*filter);

    const json::value* select = object.if_contains("select");
    if (select == nullptr || select->is_null()) return request;
    if (!select->is_array()) {
        return std::unexpected(
            Error{ErrorCode::InvalidInput, "`select` of a postgres_changes entry is not a list"});
    }
    for (const json::value& column : select->get_array()) {
        if (!column.is_string()) return std::unexpected(not_text("select"));
        request.select.push_back(text_of(column));
    }
    return request;
}

std::uint64_t binding_id(const BindingRequest& request) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    add_optional_to_hash(hash, request.schema);
    add_optional_to_hash(hash, request.table);
    add_to_hash(hash, request.event);
    add_optional_to_hash(hash, request.filter);
    for (const std::string& column : request.select) add_to_hash(hash, column);
    hash ^= hash >> 53;
    const std::uint64_t id = hash & ((std::uint64_t{1} << 53) - 1);
    return id == 0 ? 1 : id;
}

std::string unable_to_subscribe(const std::string& description, const std::string& reason) {
    return "Unable to subscribe to changes with given parameters. Please check Realtime is enabled "
           "for the given connect parameters: " +
           description + ". " + reason;
}

std::shared_ptr<const Projection> projection_of(const Binding& binding, const Table& table) {
    if (std::ranges::none_of(table.columns, &Column::hidden)) return binding.projection;
    Projection seen;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const bool wanted = !binding.projection ||
                            std::ranges::find(*binding.projection, i) != binding.projection->end();
        if (wanted && !table.columns[i].hidden) seen.push_back(i);
    }
    return std::make_shared<const Projection>(std::move(seen));
}

Result<Binding> resolve_binding(const Schema& schema, const TableGroups& groups,
                                const BindingRequest& request) {
    Binding binding;
    binding.id = binding_id(request);
    binding.description = describe(request);
    const auto refused = [&](const std::string& reason) {
        return std::unexpected(
            Error{ErrorCode::InvalidInput, unable_to_subscribe(binding.description, reason)});
    };
    if (!request.schema && !request.table) {
        return std::unexpected(
            Error{ErrorCode::InvalidInput,
                  "No subscription params provided. Please provide at least a `schema` or `table` "
                  "to subscribe to: " +
                      binding.description});
    }
    binding.kinds = kinds_of_event(request.event);
    if (binding.kinds == 0) return refused("The event is none of INSERT, UPDATE, DELETE and *.");

    const std::string schema_name = request.schema.value_or("public");
    const std::string table_name = request.table.value_or("*");
    const bool is_group = table_name.starts_with(group_prefix);
    if (is_group) {
        const auto group = groups.find(std::string_view(table_name).substr(group_prefix.size()));
        if (group == groups.end()) return refused("There is no such group of tables.");
        binding.tables = find_group_tables(schema, group->second);
    } else {
        binding.tables = find_tables(schema, schema_name, table_name);
    }
    const bool wildcard = is_group || schema_name == "*" || table_name == "*";
    if (binding.tables.empty() && !wildcard) return refused("There is no such table.");

    const bool has_filter =
        request.filter && request.filter->find_first_not_of(" \t\r\n") != std::string::npos;
    if (has_filter && wildcard) {
        return std::unexpected(Error{ErrorCode::InvalidInput,
                                     "Error parsing `filter` params: a filter needs one schema and "
                                     "one table: " +
                                         binding.description});
    }
    if (!request.select.empty() && wildcard) {
        return std::unexpected(
            Error{ErrorCode::InvalidInput,
                  "Column selection is not supported for wildcard subscriptions: " +
                      binding.description});
    }
    if (has_filter) {
        auto filter = parse_live_filter(*binding.tables.front(), *request.filter);
        if (!filter) return std::unexpected(filter.error());
        binding.filter = std::make_shared<const LiveFilter>(std::move(*filter));
    }
    if (!request.select.empty()) {
        auto projection = read_projection(*binding.tables.front(), request.select);
        if (!projection) return refused(projection.error().message + ".");
        binding.projection = std::move(*projection);
    }
    return binding;
}

}  // namespace dunlin::realtime
