#include "realtime/reader_pool.h"

#include <algorithm>
#include <utility>

#include "core/check.h"

namespace dunlin::realtime {

namespace {

std::string key_of(const Identity& identity) {
    std::string key(role_name(identity.role));
    for (const std::string* part : {&identity.user_id, &identity.session_id, &identity.claims}) {
        key += '\0';
        key += *part;
    }
    return key + '\0' + std::to_string(identity.expires_at_s);
}

template <typename Serials>
std::vector<std::uint64_t> all_of(const Serials& serials, const std::string& name) {
    std::vector<std::uint64_t> all;
    const auto [first, last] = serials.equal_range(name);
    for (auto entry = first; entry != last; ++entry) all.push_back(entry->second);
    return all;
}

template <typename Serials>
void erase(Serials& serials, const std::string& name, std::uint64_t serial) {
    const auto [first, last] = serials.equal_range(name);
    const auto found =
        std::find_if(first, last, [&](const auto& entry) { return entry.second == serial; });
    if (found != last) serials.erase(found);
}

}  // namespace

ReaderPool::ReaderPool(Host& host, SubscriptionIndex& index, Loaded loaded)
    : host_(host), index_(index), loaded_(std::move(loaded)) {}

Principal& ReaderPool::enter(const Identity& identity, std::uint32_t channel) {
    std::string key = key_of(identity);
    const auto [known, added] = serial_of_key_.try_emplace(key, last_serial_ + 1);
    if (added) {
        auto principal = std::make_unique<Principal>();
        principal->serial = ++last_serial_;
        principal->key = std::move(key);
        principal->identity = identity;
        if (!identity.session_id.empty()) {
            serials_of_session_.emplace(identity.session_id, principal->serial);
        }
        if (!identity.user_id.empty()) {
            serials_of_user_.emplace(identity.user_id, principal->serial);
        }
        principals_.emplace(principal->serial, std::move(principal));
    }
    Principal& principal = *principals_.at(known->second);
    principal.channels.insert(channel);
    return principal;
}

void ReaderPool::leave(Principal& principal, std::uint32_t channel) {
    principal.channels.erase(channel);
    if (!principal.channels.empty()) return;
    if (principal.reader) index_.remove_reader(*principal.reader);
    serial_of_key_.erase(principal.key);
    erase(serials_of_session_, principal.identity.session_id, principal.serial);
    erase(serials_of_user_, principal.identity.user_id, principal.serial);
    principals_.erase(principal.serial);
}

void ReaderPool::load(Principal& principal, std::uint64_t published) {
    if (principal.loading) return;
    principal.loading = true;
    ++loads_;
    principal.loading_sequence = published;
    host_.load_reader(principal.identity,
                      [this, alive = std::weak_ptr<char>(alive_), serial = principal.serial](
                          Result<std::shared_ptr<const policy::Reader>> reader) {
                          if (!alive.expired()) finish(serial, std::move(reader));
                      });
}

Principal* ReaderPool::find(std::uint64_t serial) {
    const auto found = principals_.find(serial);
    return found == principals_.end() ? nullptr : found->second.get();
}

std::vector<std::uint64_t> ReaderPool::serials() const {
    std::vector<std::uint64_t> all;
    all.reserve(principals_.size());
    for (const auto& [serial, principal] : principals_) all.push_back(serial);
    return all;
}

std::vector<std::uint64_t> ReaderPool::of_session(const std::string& session_id) const {
    return all_of(serials_of_session_, session_id);
}

std::vector<std::uint64_t> ReaderPool::of_user(const std::string& user_id) const {
    return all_of(serials_of_user_, user_id);
}

void ReaderPool::finish(std::uint64_t serial,
                        Result<std::shared_ptr<const policy::Reader>> reader) {
    Principal* principal = find(serial);
    if (principal == nullptr) return;  // Its last channel left while the sets were read.
    principal->loading = false;
    if (!reader) {
        loaded_(*principal, std::unexpected(reader.error()));
        return;
    }
    const bool same = principal->rights && policy::have_same_rights(*principal->rights, **reader);
    if (!same && !principal->rights_before) principal->rights_before = principal->rights;
    principal->rights = *reader;
    if (principal->reader) {
        index_.set_reader(*principal->reader, std::move(*reader));
    } else {
        principal->reader = index_.add_reader(std::move(*reader));
    }
    principal->loaded_before = principal->loaded_sequence;
    principal->loaded_sequence = std::max(principal->loaded_sequence, principal->loading_sequence);
    loaded_(*principal, {});
}

}  // namespace dunlin::realtime
