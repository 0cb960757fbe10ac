#include "engine/sqlite/statement_cache.h"

namespace dunlin::engine::sqlite {

Prepared* StatementCache::find(std::string_view sql) {
    const auto found = by_text_.find(sql);
    if (found == by_text_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
}

Prepared& StatementCache::insert(std::string_view sql, Prepared prepared) {
    if (entries_.size() >= size_max_) {
        by_text_.erase(entries_.back().first);
        entries_.pop_back();
    }
    entries_.emplace_front(std::string(sql), std::move(prepared));
    by_text_[entries_.front().first] = entries_.begin();
    return entries_.front().second;
}

void StatementCache::clear() {
    by_text_.clear();
    entries_.clear();
}

}  // namespace dunlin::engine::sqlite
