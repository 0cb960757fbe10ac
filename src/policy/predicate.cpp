#include "policy/predicate.h"

#include <algorithm>

#include "core/codec.h"

namespace dunlin::policy {

namespace {

const Value null_value;

bool is_true(const Value& value) {
    return value.is_integer() && value.integer() != 0;
}
bool is_false(const Value& value) {
    return value.is_integer() && value.integer() == 0;
}

/// Types whose equal values are equal byte for byte, which is most comparisons.
bool compares_as_stored(const Type& type) {
    return !type.array && (type.kind == TypeKind::Uuid || type.kind == TypeKind::Text ||
                           type.kind == TypeKind::Enum || type.kind == TypeKind::Bool);
}

bool matches(Predicate::Comparison comparison, int order) {
    switch (comparison) {
        case Predicate::Comparison::Equal:
            return order == 0;
        case Predicate::Comparison::NotEqual:
            return order != 0;
        case Predicate::Comparison::Less:
            return order < 0;
        case Predicate::Comparison::LessEqual:
            return order <= 0;
        case Predicate::Comparison::Greater:
            return order > 0;
        case Predicate::Comparison::GreaterEqual:
            return order >= 0;
    }
    return false;
}

bool equal(const Type& type, const Value& left, const Value& right) {
    if (compares_as_stored(type)) return left == right;
    return codec::compare(type, left, right) == 0;
}

}  // namespace

bool Predicate::holds(const Row& row, const Reader& reader) const {
    Run run{.row = row, .reader = reader};
    Value scratch;
    const bool truth = is_true(peek(root, run, scratch));
    return truth && !run.failed;
}

std::optional<Value> Predicate::evaluate(const Row& row, const Reader& reader) const {
    Run run{.row = row, .reader = reader};
    Value scratch;
    Value value = peek(root, run, scratch);
    return run.failed ? std::nullopt : std::optional(std::move(value));
}

const Value& Predicate::peek(std::size_t index, Run& run, Value& scratch) const {
    const Node& node = nodes[index];
    switch (node.operation) {
        case Operation::Constant:
            return node.constant;
        case Operation::Column:
            return node.number < run.row.size() ? run.row[node.number] : null_value;
        case Operation::Slot:
            return slot(node.number, run);
        default:
            scratch = compute(node, run);
            return scratch;
    }
}

const Value& Predicate::slot(std::size_t number, Run& run) const {
    const auto& slots = run.reader.slots;
    if (number < slots.size() && slots[number]) return *slots[number];
    run.failed = true;
    return null_value;
}

Value Predicate::compute(const Node& node, Run& run) const {
    Value scratch;
    const auto child = [&](std::size_t i) -> const Value& {
        return peek(node.children[i], run, scratch);
    };
    switch (node.operation) {
        case Operation::And:
        case Operation::Or:
            return junction(node, run);
        case Operation::Compare:
        case Operation::Distinct:
            return compare(node, run);
        case Operation::Not: {
            const Value& value = child(0);
            return value.is_null() ? Value() : Value::boolean(!is_true(value));
        }
        case Operation::IsNull:
            return Value::boolean(child(0).is_null() != node.negated);
        case Operation::IsTrue:
            return Value::boolean(is_true(child(0)) != node.negated);
        case Operation::IsFalse:
            return Value::boolean(is_false(child(0)) != node.negated);
        case Operation::Case:
            return choose(node, run);
        case Operation::Coalesce:
            return coalesce(node, run);
        case Operation::In:
            return in_list(node, run);
        case Operation::InSet:
            return in_set(node, run);
        case Operation::Call:
            return call(node, run);
        default:
            return {};
    }
}

/// CASE: pairs of condition and value, then the value of ELSE.
Value Predicate::choose(const Node& node, Run& run) const {
    Value scratch;
    std::size_t i = 0;
    for (; i + 1 < node.children.size(); i += 2) {
        if (is_true(peek(node.children[i], run, scratch)))
            return peek(node.children[i + 1], run, scratch);
    }
    return peek(node.children[i], run, scratch);
}

Value Predicate::coalesce(const Node& node, Run& run) const {
    Value scratch;
    for (const std::size_t index : node.children) {
        const Value& value = peek(index, run, scratch);
        if (!value.is_null()) return value;
    }
    return {};
}

/// AND and OR: one deciding side is enough, otherwise NULL wins.
Value Predicate::junction(const Node& node, Run& run) const {
    const bool deciding = node.operation == Operation::Or;
    bool unknown = false;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        Value scratch;
        const Value& value = peek(node.children[i], run, scratch);
        if (value.is_null()) {
            unknown = true;
        } else if (is_true(value) == deciding) {
            probe(node, i + 1, run);
            return Value::boolean(deciding);
        }
    }
    return unknown ? Value() : Value::boolean(!deciding);
}

void Predicate::probe(const Node& node, std::size_t first, Run& run) const {
    for (std::size_t i = first; i < node.children.size() && !run.failed; ++i) {
        Value scratch;
        if (nodes[node.children[i]].can_fail) peek(node.children[i], run, scratch);
    }
}

Value Predicate::compare(const Node& node, Run& run) const {
    Value left_scratch, right_scratch;
    const Value& left = peek(node.children[0], run, left_scratch);
    const Value& right = peek(node.children[1], run, right_scratch);
    if (node.operation == Operation::Distinct) {
        const bool same = left.is_null() || right.is_null() ? left.is_null() && right.is_null()
                                                            : equal(node.type, left, right);
        return Value::boolean(same == node.negated);
    }
    if (left.is_null() || right.is_null()) return {};
    if (node.comparison == Comparison::Equal) return Value::boolean(equal(node.type, left, right));
    if (node.comparison == Comparison::NotEqual)
        return Value::boolean(!equal(node.type, left, right));
    return Value::boolean(matches(node.comparison, codec::compare(node.type, left, right)));
}

Value Predicate::in_list(const Node& node, Run& run) const {
    Value subject_scratch;
    const Value& subject = peek(node.children[0], run, subject_scratch);
    if (subject.is_null()) {
        probe(node, 1, run);
        return {};
    }
    bool unknown = false;
    for (std::size_t i = 1; i < node.children.size(); ++i) {
        Value scratch;
        const Value& item = peek(node.children[i], run, scratch);
        if (item.is_null()) {
            unknown = true;
        } else if (equal(node.type, subject, item)) {
            probe(node, i + 1, run);
            return Value::boolean(!node.negated);
        }
    }
    return unknown ? Value() : Value::boolean(node.negated);
}

/// IN over a set has SQL's NULL; EXISTS is never NULL.
Value Predicate::in_set(const Node& node, Run& run) const {
    const auto* set =
        node.number < run.reader.sets.size() ? run.reader.sets[node.number].get() : nullptr;
    if (set == nullptr) {  // never loaded: not the same as empty, of which NOT IN would be true
        run.failed = true;
        return {};
    }
    if (set->empty()) {
        probe(node, 0, run);
        return Value::boolean(node.negated);
    }
    if (node.children.empty()) return Value::boolean(!node.negated);
    Value scratch;
    const Value& key = peek(node.children[0], run, scratch);
    if (!key.is_null() && set->contains(key)) return Value::boolean(!node.negated);
    if (!node.is_exists && (key.is_null() || set->contains(Value()))) return {};
    return Value::boolean(node.negated);
}

Value Predicate::call(const Node& node, Run& run) const {
    std::vector<Value> arguments;
    arguments.reserve(node.children.size());
    for (const std::size_t index : node.children) {
        Value scratch;
        arguments.push_back(peek(index, run, scratch));
    }
    const FunctionContext context{.identity = &run.reader.identity,
                                  .now_us = run.reader.clock->now_us()};
    auto result = node.function->call(arguments, context);
    if (result) return std::move(*result);
    run.failed = true;
    return {};
}

std::size_t Shared::slot(Predicate predicate, std::string text) {
    const auto known = std::find(slot_texts.begin(), slot_texts.end(), text);
    if (known != slot_texts.end()) return static_cast<std::size_t>(known - slot_texts.begin());
    slots.push_back(std::move(predicate));
    slot_texts.push_back(std::move(text));
    return slots.size() - 1;
}

std::size_t Shared::set(SetQuery query) {
    for (std::size_t i = 0; i < sets.size(); ++i) {
        if (sets[i].role == query.role && sets[i].sql == query.sql) return i;
    }
    sets.push_back(std::move(query));
    return sets.size() - 1;
}

}  // namespace dunlin::policy
