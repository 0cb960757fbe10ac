#include "changes/log_reader.h"

#include <utility>

namespace dunlin::changes {

asio::awaitable<Result<std::vector<ChangeBatch>>> LogReader::read_after(
    Position after, std::size_t changes_max) const {
    auto recent = recent_.read_after(after, changes_max);
    if (recent) co_return std::move(*recent);
    std::vector<ChangeBatch> commits;
    engine::Work work = [&](engine::Session& session) -> Result<void> {
        auto found = log_.read_after(session, after, changes_max);
        if (!found) return std::unexpected(found.error());
        commits = std::move(*found);
        return {};
    };
    auto done = co_await engine_.read(Identity{.role = Role::ServiceRole}, std::move(work));
    if (!done) co_return std::unexpected(done.error());
    co_return commits;
}

}  // namespace dunlin::changes
