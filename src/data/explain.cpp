#include "data/explain.h"

#include <map>
#include <vector>

#include "core/codec.h"

namespace dunlin::data {

namespace {

/// A row of EXPLAIN QUERY PLAN: id, parent, an unused number, text.
struct Node {
    std::int64_t id = 0;
    std::string text{};
};

/// The nodes below each node; those of the statement itself are below 0.
using Tree = std::map<std::int64_t, std::vector<Node>>;

// A deeper plan than this cannot be made of a statement within the limits.
constexpr int depth_max = 64;

void write_lines(const Tree& tree, std::int64_t parent, int depth, std::string& out) {
    const auto found = tree.find(parent);
    if (found == tree.end() || depth == depth_max) return;
    for (const Node& node : found->second) {
        out.append(static_cast<std::size_t>(depth) * 2, ' ');
        out += node.text + "\n";
        write_lines(tree, node.id, depth + 1, out);
    }
}

void write_json(const Tree& tree, std::int64_t parent, int depth, std::string& out) {
    const auto found = tree.find(parent);
    if (found == tree.end() || depth == depth_max) return;
    out += ",\"Plans\":[";
    for (const Node& node : found->second) {
        if (&node != &found->second.front()) out.push_back(',');
        out += "{\"Node Type\":";
        codec::write_json_string(node.text, out);
        write_json(tree, node.id, depth + 1, out);
        out.push_back('}');
    }
    out.push_back(']');
}

}  // namespace

Result<std::string> explain(engine::Session& session, const query::SqlText& statement,
                            PlanForm form) {
    Tree tree;
    if (!statement.sql.empty()) {
        auto rows = session.run({"explain query plan " + statement.sql, statement.parameters});
        if (!rows) return std::unexpected(rows.error());
        for (const Row& row : rows->rows) {
            tree[row.at(1).integer()].push_back({row.at(0).integer(), row.at(3).text()});
        }
    }
    std::string out;
    if (form == PlanForm::Text) {
        write_lines(tree, 0, 0, out);
        return out;
    }
    out = "[{\"Plan\":{\"Node Type\":\"Statement\"";
    write_json(tree, 0, 0, out);
    return out + "}}]";
}

}  // namespace dunlin::data
