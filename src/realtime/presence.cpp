#include "realtime/presence.h"

#include <algorithm>
#include <utility>

#include "core/codec.h"

namespace dunlin::realtime {

namespace {

void append_meta(const PresenceMeta& meta, std::string& out) {
    out += R"({"phx_ref":)";
    codec::write_json_string(meta.ref, out);
    if (!meta.ref_prev.empty()) {
        out += R"(,"phx_ref_prev":)";
        codec::write_json_string(meta.ref_prev, out);
    }
    const std::string_view members = std::string_view(meta.fields).substr(1);
    if (members != "}") out += ',';
    out += members;
}

}  // namespace

std::size_t presence_bytes(std::string_view key, const PresenceMeta& meta) {
    constexpr std::size_t punctuation = 60;
    return key.size() + meta.ref.size() + meta.ref_prev.size() + meta.fields.size() + punctuation;
}

std::optional<PresenceMeta> Presence::take(Metas& metas, std::string_view key,
                                           std::string_view ref) {
    const auto entry = metas.find(key);
    if (entry == metas.end()) return std::nullopt;
    auto& list = entry->second;
    const auto found = std::ranges::find(list, ref, &PresenceMeta::ref);
    if (found == list.end()) return std::nullopt;
    PresenceMeta taken = std::move(*found);
    list.erase(found);
    if (list.empty()) metas.erase(entry);
    return taken;
}

void Presence::apply(const PresenceDelta& delta) {
    std::optional<PresenceMeta> joined = delta.joined;
    if (!delta.left.empty()) {
        auto left = take(metas_, delta.key, delta.left);
        if (left) {
            bytes_ -= presence_bytes(delta.key, *left);
            const auto untold = take(joins_, delta.key, delta.left);
            if (!untold) {
                leaves_[delta.key].push_back(std::move(*left));
            } else if (joined) {
                joined->ref_prev = untold->ref_prev;  // Nobody has heard of the one between.
            }
        }
    }
    if (!joined) return;
    bytes_ += presence_bytes(delta.key, *joined);
    joins_[delta.key].push_back(*joined);
    metas_[delta.key].push_back(std::move(*joined));
}

std::size_t Presence::meta_count(std::string_view key) const {
    const auto entry = metas_.find(key);
    return entry == metas_.end() ? 0 : entry->second.size();
}

void Presence::append_json(const Metas& metas, std::string& out) {
    out += '{';
    for (const auto& [key, list] : metas) {
        if (out.back() != '{') out += ',';
        codec::write_json_string(key, out);
        out += R"(:{"metas":[)";
        for (const PresenceMeta& meta : list) {
            if (out.back() != '[') out += ',';
            append_meta(meta, out);
        }
        out += "]}";
    }
    out += '}';
}

std::string Presence::state_json() const {
    std::string out;
    out.reserve(bytes_);
    append_json(metas_, out);
    return out;
}

std::string Presence::take_diff_json() {
    if (!has_diff()) return {};
    std::string out = R"({"joins":)";
    append_json(joins_, out);
    out += R"(,"leaves":)";
    append_json(leaves_, out);
    out += '}';
    joins_.clear();
    leaves_.clear();
    return out;
}

}  // namespace dunlin::realtime
