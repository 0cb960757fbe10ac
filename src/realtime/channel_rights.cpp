#include "realtime/channel_rights.h"

#include <iterator>
#include <set>

namespace dunlin::realtime {

namespace {

/// What decides over a private channel for a role.
struct Rules {
    const Table* messages = nullptr;
    const policy::RowRule* read = nullptr;   // null: the role was not granted SELECT
    const policy::RowRule* write = nullptr;  // null: … INSERT
};

Result<Rules> rules_of(const RuleSource& source, Role role) {
    const Table* messages = source.schema().find("realtime", "messages");
    if (messages == nullptr) {
        return std::unexpected(Error{ErrorCode::NotSupported,
                                     "there is no table realtime.messages to authorize private "
                                     "channels",
                                     "0A000"});
    }
    Rules rules{.messages = messages};
    if (policy::holds_any(*messages, rights::select, role)) {
        auto read = source.select_rule(*messages, role);
        if (!read) return std::unexpected(read.error());
        rules.read = *read;
    }
    if (policy::holds_any(*messages, rights::insert, role)) {
        auto write = source.insert_rule(*messages, role);
        if (!write) return std::unexpected(write.error());
        rules.write = *write;
    }
    return rules;
}

void set(Row& row, const Table& table, std::string_view column, Value value) {
    const auto index = table.find_column(column);
    if (index) row[*index] = std::move(value);
}

/// The message that is judged: of now, private, and empty.
Row probe_row(const Table& messages, std::string_view topic, const policy::Reader& reader) {
    Row row(messages.columns.size());
    set(row, messages, "topic", Value(std::string(topic)));
    set(row, messages, "private", Value::boolean(true));
    if (reader.clock != nullptr) {
        const Value now(reader.clock->now_us());
        set(row, messages, "inserted_at", now);
        set(row, messages, "updated_at", now);
    }
    return row;
}

}  // namespace

Result<ChannelRights> channel_rights(const RuleSource& source, std::string_view topic,
                                     const policy::Reader& reader) {
    const auto rules = rules_of(source, reader.identity.role);
    if (!rules) return std::unexpected(rules.error());
    Row row = probe_row(*rules->messages, topic, reader);
    const auto allows = [&](const policy::RowRule* rule, std::string_view extension) {
        set(row, *rules->messages, "extension", Value(std::string(extension)));
        return rule != nullptr && rule->allows(row, reader);
    };
    return ChannelRights{.read_broadcast = allows(rules->read, "broadcast"),
                         .write_broadcast = allows(rules->write, "broadcast"),
                         .read_presence = allows(rules->read, "presence"),
                         .write_presence = allows(rules->write, "presence")};
}

std::vector<std::string> channel_dependencies(const RuleSource& source, Role role) {
    const auto rules = rules_of(source, role);
    if (!rules) return {};
    std::set<std::string> tables;
    for (const policy::RowRule* rule : {rules->read, rules->write}) {
        if (rule != nullptr) tables.insert(rule->depends_on().begin(), rule->depends_on().end());
    }
    return {std::make_move_iterator(tables.begin()), std::make_move_iterator(tables.end())};
}

}  // namespace dunlin::realtime
