#include "realtime/trial_database.h"

#include <algorithm>
#include <utility>

namespace dunlin::realtime::trial {

namespace {

constexpr std::int64_t ids = 12;  // few, so that rows come and go
constexpr std::int64_t rooms = 3;

/// Only his own membership matters to a reader.
bool is_membership_of(const Change& change, const policy::Reader& reader) {
    const auto is_his = [&](const Row& row) {
        return !row.empty() && row[1] == Value(reader.identity.user_id);
    };
    return change.table == "members" && (is_his(change.old_row) || is_his(change.new_row));
}

}  // namespace

const std::vector<std::string> users = {"ann", "bob", "cara"};

std::unique_ptr<const RuleSource> Database::make_rules() {
    using test::column;
    auto rules = std::make_unique<test::FakeRules>();
    const Column id = column("id", TypeKind::Int8);
    rules->add(test::table("notes",
                           {id, column("room", TypeKind::Int8), column("owner", TypeKind::Text)}));
    rules->add(
        test::table("mine", {id, column("owner", TypeKind::Text), column("size", TypeKind::Int8)}));
    rules->add(test::table(
        "tasks", {id, column("project", TypeKind::Int8), column("size", TypeKind::Int8)}));
    rules->add(test::table(
        "members", {id, column("owner", TypeKind::Text), column("project", TypeKind::Int8)}));
    rules->matters = is_membership_of;
    rules->rules["mine"] = test::rule_of(policy::RowRule::Shape::Owner, 1);
    rules->rules["tasks"] = test::member_rule(1);
    return rules;
}

Row Database::random_row(const std::string& table, std::int64_t id) {
    const Value number(static_cast<std::int64_t>(random_.below(rooms)));
    const Value owner(users[random_.below(users.size())]);
    const Value size(static_cast<std::int64_t>(random_.below(1000)));
    if (table == "notes") return {Value(id), number, owner};
    if (table == "tasks") return {Value(id), number, size};
    return {Value(id), owner, table == "mine" ? size : number};
}

void Database::change(std::vector<Change>& commit) {
    static const char* const names[] = {"notes", "mine", "tasks", "tasks"};
    const std::string name = random_.one_in(16) ? "members" : names[random_.below(4)];
    auto& rows = tables_.at(name);
    const std::int64_t id = 1 + static_cast<std::int64_t>(random_.below(ids));
    const auto found = rows.find(id);
    Change made{.position = {1, ++last_}, .table = name};
    if (found == rows.end()) {
        made.new_row = random_row(name, id);
        rows[id] = made.new_row;
    } else if (random_.one_in(3)) {
        made.kind = ChangeKind::Delete;
        made.old_row = found->second;
        rows.erase(found);
    } else {
        const std::int64_t other = 1 + static_cast<std::int64_t>(random_.below(ids));
        const bool moves = random_.one_in(8) && !rows.contains(other);
        made.kind = ChangeKind::Update;
        made.old_row = found->second;
        made.new_row = random_row(name, moves ? other : id);
        rows.erase(found);
        rows[made.new_row[0].integer()] = made.new_row;
    }
    commit.push_back(std::move(made));
}

ChangeBatch Database::write() {
    std::vector<Change> commit;
    const std::size_t count = 1 + random_.below(4);
    for (std::size_t i = 0; i < count; ++i) change(commit);
    log_.push_back(std::make_shared<const std::vector<Change>>(std::move(commit)));
    return log_.back();
}

void Database::trim() {
    const std::size_t kept = random_.below(40);
    while (log_.size() > kept) {
        trimmed_ = log_.front()->back().position.sequence;
        log_.pop_front();
    }
}

Result<std::vector<ChangeBatch>> Database::read_after(Position after,
                                                      std::size_t changes_max) const {
    if (after.epoch != 1 || after.sequence < trimmed_ || after > end()) {
        return std::unexpected(Error{ErrorCode::NotFound, "the log cannot tell"});
    }
    std::vector<ChangeBatch> commits;
    std::size_t changes = 0;
    for (const ChangeBatch& commit : log_) {
        if (commit->back().position <= after) continue;
        if (changes >= changes_max) break;
        changes += commit->size();
        const auto begin = std::ranges::upper_bound(*commit, after, {}, &Change::position);
        commits.push_back(std::make_shared<const std::vector<Change>>(begin, commit->end()));
    }
    return commits;
}

std::vector<Value> Database::projects_of(const std::string& user) const {
    std::vector<Value> projects;
    for (const auto& [id, row] : rows("members")) {
        if (row[1] == Value(user)) projects.push_back(row[2]);
    }
    return projects;
}

bool Database::sees(const std::string& user, const std::string& table, const Row& row) const {
    if (table == "mine") return row[1] == Value(user);
    if (table != "tasks") return true;
    return std::ranges::any_of(rows("members"), [&](const auto& member) {
        return member.second[1] == Value(user) && member.second[2] == row[1];
    });
}

bool TrialHost::step() {
    if (jobs_.empty()) return false;
    const std::size_t which = random_.below(jobs_.size());
    if (!jobs_[which].tell) {
        jobs_[which].tell = jobs_[which].read();
        return true;
    }
    const auto tell = std::move(jobs_[which].tell);
    jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(which));
    tell();
    return true;
}

void TrialHost::load_reader(const Identity& identity, ReaderLoaded done) {
    jobs_.push_back({[this, identity, done = std::move(done)] {
        auto made = std::make_shared<policy::Reader>(
            *test::reader(identity.user_id, database_.projects_of(identity.user_id)));
        made->identity = identity;
        return [done, made] { done(made); };
    }});
}

void TrialHost::read_log(Position after, std::size_t changes_max, LogRead done) {
    // Smaller parts than the shard asks for: there is less in this log.
    const std::size_t part = std::min<std::size_t>(changes_max, 1 + random_.below(20));
    jobs_.push_back({[this, after, part, done = std::move(done)] {
        return [done, commits = database_.read_after(after, part)] { done(commits); };
    }});
}

void TrialHost::read_rows(std::vector<RowsWanted> wanted, RowsRead done) {
    jobs_.push_back({[this, wanted = std::move(wanted), done = std::move(done)] {
        StoredRows found{.position = database_.end()};
        for (const RowsWanted& one : wanted) {
            auto& rows = found.rows.emplace_back();
            for (const auto& [id, row] : database_.rows(one.table->name)) {
                const bool is_wanted =
                    !one.column ||
                    std::ranges::find(one.values, row[*one.column]) != one.values.end();
                if (is_wanted) rows.push_back(row);
            }
        }
        return [done, found = std::move(found)] { done(found); };
    }});
}

std::optional<Position> TrialHost::resume_point(const std::string& key) {
    const auto found = points_.find(key);
    return found == points_.end() ? std::nullopt : std::optional(found->second);
}

void TrialHost::keep_resume_point(const std::string& key, Position position) {
    points_[key] = position;
}

}  // namespace dunlin::realtime::trial
