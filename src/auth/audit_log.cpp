#include "auth/audit_log.h"

#include "auth/audit_chain.h"
#include "auth/user.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr const char* columns =
    "id, created_at, action, actor_id, session_id, ip_address, payload, previous_hash, hash";

/// What the hash of an entry covers: everything but the hashes and the number.
json::object hashed_part(std::int64_t created_at, std::string_view action,
                         std::string_view actor_id, std::string_view session_id,
                         std::string_view address, json::object payload) {
    json::object entry;
    entry["created_at"] = timestamp_text(created_at);
    entry["action"] = action;
    entry["actor_id"] = actor_id;
    entry["session_id"] = session_id;
    entry["ip_address"] = address;
    entry["payload"] = std::move(payload);
    return entry;
}

json::object hashed_part(const Row& row) {
    return hashed_part(row[1].integer(), row[2].text(), text_of(row[3]), text_of(row[4]),
                       row[5].text(), object_of(row[6]));
}

}  // namespace

Result<void> audit(data::OwnerSession& session, const AuditEvent& event, std::int64_t now_us) {
    auto last = session.run("select hash from \"auth.audit_log_entries\" order by id desc limit 1");
    if (!last) return std::unexpected(last.error());
    const std::string previous =
        last->empty() ? std::string(audit_chain_start) : last->front()[0].text();
    const std::string hash =
        audit_hash(previous, hashed_part(now_us, event.action, event.actor_id, event.session_id,
                                         event.address, event.payload));
    return session.insert("auth.audit_log_entries", {{"created_at", Value(now_us)},
                                                     {"action", Value(event.action)},
                                                     {"actor_id", text_value(event.actor_id)},
                                                     {"session_id", text_value(event.session_id)},
                                                     {"ip_address", Value(event.address)},
                                                     {"payload", object_value(event.payload)},
                                                     {"previous_hash", Value(previous)},
                                                     {"hash", Value(hash)}});
}

Result<json::array> audit_page(data::OwnerSession& session, std::int64_t limit,
                               std::int64_t offset) {
    auto rows = session.run(std::string("select ") + columns +
                                " from \"auth.audit_log_entries\" order by id desc limit ?1 "
                                "offset ?2",
                            {Value(limit), Value(offset)});
    if (!rows) return std::unexpected(rows.error());
    json::array page;
    for (const Row& row : *rows) {
        json::object entry = hashed_part(row);
        entry["id"] = row[0].integer();
        entry["hash"] = row[8].text();
        page.push_back(std::move(entry));
    }
    return page;
}

Result<std::optional<std::int64_t>> find_broken_entry(data::OwnerSession& session) {
    constexpr std::int64_t page_rows = 1000;
    std::string previous(audit_chain_start);
    std::int64_t after = 0;
    while (true) {
        auto rows = session.run(std::string("select ") + columns +
                                    " from \"auth.audit_log_entries\" where id > ?1 order by id "
                                    "limit ?2",
                                {Value(after), Value(page_rows)});
        if (!rows) return std::unexpected(rows.error());
        std::vector<AuditLink> links;
        for (const Row& row : *rows) links.push_back({hashed_part(row), row[8].text()});
        const auto broken = first_broken_link(links, previous);
        if (broken) return rows->at(*broken)[0].integer();
        if (rows->size() < static_cast<std::size_t>(page_rows)) return std::nullopt;
        after = rows->back()[0].integer();
        previous = rows->back()[8].text();
    }
}

}  // namespace dunlin::auth
