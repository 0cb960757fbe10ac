#include "policy/compiled_rule.h"

#include <utility>

namespace dunlin::policy {

namespace {

/// Values that are equal exactly when they are stored alike, and that rows are found by.
bool is_key(const Type& type) {
    if (type.array) return false;
    switch (type.kind) {
        case TypeKind::Uuid:
        case TypeKind::Text:
        case TypeKind::Varchar:
        case TypeKind::Int2:
        case TypeKind::Int4:
        case TypeKind::Int8:
            return true;
        default:
            return false;
    }
}

}  // namespace

CompiledRule::CompiledRule(Predicate predicate, bool same_for_all, std::vector<std::string> tables,
                           std::vector<std::size_t> sets)
    : predicate_(std::move(predicate)),
      same_for_all_(same_for_all),
      tables_(std::move(tables)),
      sets_(std::move(sets)) {
    find_shape();
    if (shape_ == Shape::General) grants_ = grants_of(predicate_.root);
}

Value CompiledRule::owner_key(const Reader& reader) const {
    const bool known = shape_ == Shape::Owner && owner_slot_ < reader.slots.size();
    return known ? reader.slots[owner_slot_].value_or(Value()) : Value();
}

std::vector<std::size_t> CompiledRule::columns_in_set(std::size_t set) const {
    std::vector<std::size_t> columns;
    for (const auto& node : predicate_.nodes) {
        if (node.operation != Predicate::Operation::InSet || node.number != set) continue;
        if (node.children.empty()) return {};
        const auto& key = predicate_.nodes[node.children[0]];
        if (key.operation != Predicate::Operation::Column) return {};
        columns.push_back(key.number);
    }
    return columns;
}

std::vector<Grant> CompiledRule::grants_of(std::size_t number) const {
    using Operation = Predicate::Operation;
    const auto& node = predicate_.nodes[number];
    const auto child = [&](std::size_t index) -> const Predicate::Node& {
        return predicate_.nodes[node.children[index]];
    };
    if (node.operation == Operation::InSet && !node.negated && !node.children.empty() &&
        child(0).operation == Operation::Column) {
        return {{.column = child(0).number, .set = node.number}};
    }
    if (node.operation == Operation::Compare && node.comparison == Predicate::Comparison::Equal &&
        is_key(node.type)) {
        for (const std::size_t column : {0, 1}) {
            if (child(column).operation == Operation::Column &&
                child(1 - column).operation == Operation::Slot) {
                return {{.column = child(column).number, .slot = child(1 - column).number}};
            }
        }
    }
    if (node.operation == Operation::And) {
        for (const std::size_t part : node.children) {
            auto grants = grants_of(part);
            if (!grants.empty()) return grants;
        }
    }
    if (node.operation != Operation::Or) return {};
    std::vector<Grant> all;
    for (const std::size_t part : node.children) {
        const auto grants = grants_of(part);
        if (grants.empty()) return {};
        all.insert(all.end(), grants.begin(), grants.end());
    }
    return all;
}

void CompiledRule::find_shape() {
    const auto& root = predicate_.nodes[predicate_.root];
    if (root.operation == Predicate::Operation::Constant) {
        shape_ = root.constant == Value::boolean(true) ? Shape::Everyone : Shape::Nobody;
    }
    if (root.operation != Predicate::Operation::Compare ||
        root.comparison != Predicate::Comparison::Equal || !is_key(root.type)) {
        return;
    }
    for (const auto& [column, slot] : {std::pair{0, 1}, {1, 0}}) {
        const auto& left = predicate_.nodes[root.children[static_cast<std::size_t>(column)]];
        const auto& right = predicate_.nodes[root.children[static_cast<std::size_t>(slot)]];
        if (left.operation != Predicate::Operation::Column ||
            right.operation != Predicate::Operation::Slot)
            continue;
        shape_ = Shape::Owner;
        owner_column_ = left.number;
        owner_slot_ = right.number;
    }
}

}  // namespace dunlin::policy
