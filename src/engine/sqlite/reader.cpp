#include "engine/sqlite/reader.h"

#include "engine/sqlite/sessions.h"
#include "engine/sqlite/writer.h"

namespace dunlin::engine::sqlite {

void Reader::run() {
    while (true) {
        std::vector<Unit> units = queue_.take(1);
        if (units.empty()) return;
        Result<void> result = run_unit(units.front());
        reads_.fetch_add(1, std::memory_order_relaxed);
        units.front().finish(std::move(result));
    }
}

Result<void> Reader::run_unit(Unit& unit) {
    connection_->set_context({.identity = &unit.identity, .now_us = clock_.now_us()});
    auto begun = connection_->command("begin");
    if (!begun) return begun;
    PlainSession session(*connection_);
    Result<void> result = run_caught(unit.work, session);
    // An interrupted statement may have ended the transaction already.
    if (!connection_->in_transaction()) return result;
    auto ended = connection_->command("commit");
    return result ? ended : result;
}

}  // namespace dunlin::engine::sqlite
