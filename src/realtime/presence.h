#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dunlin::realtime {

/// What one member says of itself: one browser tab, one device.
struct PresenceMeta {
    std::string ref;         // phx_ref, different for every meta of the server
    std::string ref_prev{};  // that of the meta it took the place of, "" for none
    std::string fields;      // JSON object as text, without phx_ref and phx_ref_prev
};

/// One step: a meta leaves, or comes, or takes the place of another under the same key.
struct PresenceDelta {
    std::string key;
    std::string left{};  // phx_ref, "" for none
    std::optional<PresenceMeta> joined{};
};

/// Who is present in a topic, and what of it has not been told yet.
///
/// Every loop has a copy: only the loop of a member makes deltas about it and they arrive in order,
/// so the copies agree. What comes and goes between two diffs is in neither, therefore whoever is
/// told diffs must have been told the state that the diff starts from: take_diff_json() first, then
/// state_json() for newcomers. Belongs to one loop.
class Presence {
public:
    /// Steps that do not apply (a meta that is not there leaves) are passed over.
    void apply(const PresenceDelta& delta);

    /// `{key: {"metas": [{"phx_ref", …fields}]}}`, oldest meta first.
    std::string state_json() const;
    /// `{"joins": {…}, "leaves": {…}}` since the last call; "" when nothing has changed.
    std::string take_diff_json();

    bool empty() const { return metas_.empty(); }
    bool has_diff() const { return !joins_.empty() || !leaves_.empty(); }
    std::size_t key_count() const { return metas_.size(); }
    std::size_t meta_count(std::string_view key) const;
    /// About the size of state_json().
    std::size_t bytes() const { return bytes_; }

private:
    using Metas = std::map<std::string, std::vector<PresenceMeta>, std::less<>>;

    static std::optional<PresenceMeta> take(Metas& metas, std::string_view key,
                                            std::string_view ref);
    static void append_json(const Metas& metas, std::string& out);

    Metas metas_;
    Metas joins_;
    Metas leaves_;
    std::size_t bytes_ = 0;
};

/// What a meta adds to Presence::bytes() under `key`.
std::size_t presence_bytes(std::string_view key, const PresenceMeta& meta);

}  // namespace dunlin::realtime
