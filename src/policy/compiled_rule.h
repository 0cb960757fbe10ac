#pragma once

#include <string>
#include <vector>

#include "policy/access_rules.h"
#include "policy/predicate.h"

namespace dunlin::policy {

/// A compiled SELECT rule. Immutable.
class CompiledRule final : public RowRule {
public:
    CompiledRule(Predicate predicate, bool same_for_all, std::vector<std::string> tables,
                 std::vector<std::size_t> sets);

    bool allows(const Row& row, const Reader& reader) const override {
        return predicate_.holds(row, reader);
    }
    const Predicate& predicate() const { return predicate_; }
    Shape shape() const override { return shape_; }
    std::size_t owner_column() const override { return owner_column_; }
    Value owner_key(const Reader& reader) const override;
    bool same_for_all_readers() const override { return same_for_all_; }
    const std::vector<std::string>& depends_on() const override { return tables_; }
    const std::vector<std::size_t>& sets_used() const override { return sets_; }
    std::vector<std::size_t> columns_in_set(std::size_t set) const override;
    const std::vector<Grant>& grants() const override { return grants_; }

private:
    void find_shape();
    /// Those without which the node is not true; none when there is no such list.
    std::vector<Grant> grants_of(std::size_t node) const;

    Predicate predicate_;
    Shape shape_ = Shape::General;
    std::size_t owner_column_ = 0;
    std::size_t owner_slot_ = 0;
    std::vector<Grant> grants_;
    bool same_for_all_;
    std::vector<std::string> tables_;
    std::vector<std::size_t> sets_;
};

}  // namespace dunlin::policy
