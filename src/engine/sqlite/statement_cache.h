#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "engine/sqlite/statement.h"

namespace dunlin::engine::sqlite {

/// Compiled statements by their text; forgets the least recently used. Belongs to one connection.
class StatementCache {
public:
    explicit StatementCache(std::size_t size_max) : size_max_(size_max) {}

    /// nullptr when there is none of that text. Valid until the next insert().
    Prepared* find(std::string_view sql);
    Prepared& insert(std::string_view sql, Prepared prepared);
    void clear();

private:
    using Entry = std::pair<std::string, Prepared>;

    std::size_t size_max_;
    std::list<Entry> entries_;  // most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_text_;
};

}  // namespace dunlin::engine::sqlite
